/** Bounds that belong to no single application. The unit is the end of each name. */
export const limits = {
  /** DRMP [7944]: 0 is the highest priority, the default that of a message without DRMP. */
  drmpLevel: { default: 10, min: 0, max: 15 },

  /** Kamailio's cdp resets a connection above 65,536 octets; more than that is for other CSCFs. */
  messageOctets: { default: 65_536, min: 4_096, max: 16_777_212 },
  /** Longest message that is sent to a peer, for the same reason. */
  sentMessageOctets: { default: 65_535, min: 4_096, max: 16_777_212 },
  avpCount: { default: 512, min: 32, max: 65_536 },
  /**
   * 4 are needed: SCSCF-Restoration-Info, Restoration-Info, Subscription-Info and what is in it
   * [29.229-6.3.52].
   */
  avpNestingDepth: { default: 8, min: 4, max: 32 },

  /** Answers kept for retransmissions, all peers together. */
  duplicateAnswersOctets: 32 * 1024 * 1024,
  /** Of requests that wait for their turn, all peers together; above it DIAMETER_TOO_BUSY. */
  queuedRequestsOctets: 16 * 1024 * 1024,
  /** Requests between decoding and answer, all peers together; above it DIAMETER_TOO_BUSY. */
  requestsInProgressCount: 20_000,
  /** How often one request is decided again because another instance changed the subscription meanwhile. */
  commitAttemptsCount: 16,

  privateIdentitiesPerSubscriptionCount: 64,
  usimsPerSubscriptionCount: 16,
  msisdnsPerUsimCount: 16,
  registrationSetsPerSubscriptionCount: 64,
  impusPerSetCount: 256,
  serviceProfilesPerSubscriptionCount: 64,
  sharedIfcSetsPerProfileCount: 128,
  /** Subscriptions near the bound of User-Data that one change of a shared set may look at. */
  sharedChangeLookedAtCount: 50_000,

  /** HSSs in one entry of the subscription locator: Redirect-Host AVPs of one answer. */
  locatorHostsCount: 16,
  /**
   * Ranges, wildcarded identities and domains of the locator, which every instance holds in memory;
   * identities have no bound.
   */
  locatorPatternsCount: 100_000,
  /** Servers in store.url: they are tried one after the other. */
  databaseServersCount: 16,
  nameCharacters: 128,
  textCharacters: 1_024,
  serviceInfoCharacters: 4_096,
} as const;
