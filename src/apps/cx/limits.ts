/** The bounds of Cx. The unit is the end of each name. */
export const cxLimits = {
  /**
   * Of an answer for what is beside the user information: session, origin, features, charging addresses,
   * overload reports and the Proxy-Info of some agents.
   */
  answerRoomOctets: 8_192,
  userDataOctets: { min: 0, max: 16_777_212 },
  /**
   * S-CSCF restoration information of one registration: some contacts with path and subscription, 1 to 3 KiB
   * each.
   */
  restorationInfoOctets: 16_384,
  /**
   * Of all registrations of a subscription: one row holds them and one SAA of 65,536 octets has to carry them
   * beside the profile.
   */
  restorationInfoPerSubscriptionOctets: 49_152,
} as const;
