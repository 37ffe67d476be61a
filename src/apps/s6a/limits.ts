/** The bounds of S6a and S6d. The unit is the end of each name. */
export const s6aLimits = {
  /** Of a location or a state that is kept as it came; with every member it has some 600. */
  keptAvpOctets: 2_048,
  /** P-GWs of APNs that only the wildcard APN allows; the oldest goes. */
  wildcardPdnGwsCount: 50,
} as const;
