/** The bounds of a subscription and its identities. The unit is the end of each name. */
export const subscriberLimits = {
  servicePointTriggersPerCriteriaCount: 128,
  visitedNetworksCount: 1_024,
  capabilitiesPerSetCount: 256,
  serviceIdsCount: 256,
  wafWwsfNamesCount: 64,
  extendedPrioritiesCount: 16,
  lineIdentifiersCount: 16,
  /** RFC 4282 2.2 lets an NAI be longer; 253 octets is what RADIUS-era peers can carry. */
  privateIdentityOctets: 253,
  impuOctets: 512,
  /** Of a profile or a shared iFC set; what is configured stays below the most that is ever read. */
  filterCriteriaPerProfileCount: { default: 128, min: 1, max: 1_024 },
  /** Between the delimiters of a wildcarded identity (TS 23.003 clause 13.5). */
  wildcardExpressionCharacters: 256,
  /** Of the compiled expression: with the longest identity it bounds the time of one match. */
  wildcardProgramInstructionsCount: 512,
  /** Compiled expressions kept in memory, of some 10 kilobytes each. */
  wildcardMatchersKeptCount: 1_024,
} as const;

/** Bounds of EPS data. */
export const epsLimits = {
  /** What MAP can carry, too [29.272-7.3.35 note]. */
  contextIdentifierLargest: 50,
  apnConfigurationsCount: 50,
  /** [29.272-7.3.72] */
  pdpContextsCount: 50,
  plmnsCount: 1_024,
  /** [29.272-7.3.52] */
  zoneCodesPerPlmnCount: 10,
  csgsCount: 50,
  equivalentPlmnsCount: 15,
  lcsEntriesCount: 64,
  teleservicesCount: 20,
  callBarringsCount: 10,
  areaScopeCount: 32,
  mdtPlmnsCount: 16,
  mbsfnAreasCount: 8,
  imsiGroupsCount: 50,
  pc5FlowsCount: 64,
  monitoringEventsCount: 32,
  externalIdentifiersCount: 10,
  externalIdentifierCharacters: 128,
  resetIdsCount: 50,
} as const;
