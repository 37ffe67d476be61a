/** The bounds of Cx. The unit is the end of each name. */
export const cxLimits = {
  /**
   * Of texts that come in and are stored or looked up, by AVP; a longer one is DIAMETER_INVALID_AVP_VALUE.
   * An S-CSCF name as it may be provisioned; identities with room for the URI parameters that their canonical
   * form drops, so that one that nobody has is DIAMETER_ERROR_USER_UNKNOWN as ever. Host and realm names have
   * 255 octets by their format [6733-4.3.1], SCSCF-Restoration-Info `restorationInfoOctets`.
   */
  receivedTextOctets: {
    'Server-Name': 512,
    'User-Name': 2_048,
    'Public-Identity': 2_048,
    'Wildcarded-Public-Identity': 2_048,
  },
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
