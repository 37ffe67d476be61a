/** Settings of the Cx procedures. */
import { z } from 'zod';
import { authenticationSchemes } from '../../../subscriber/subscription-document';
import { subscriberLimits } from '../../../subscriber/limits';
import { cxLimits } from '../limits';
import { flag, integer, section } from '../../../config/fields';

const capability = z
  .number()
  .int()
  .min(0)
  .max(4_294_967_295)
  .meta({ description: 'A capability number', allowed: 'a whole number from 0 to 4294967295' });
const capabilities = (description: string) =>
  z.array(capability).max(subscriberLimits.capabilitiesPerSetCount).default([]).meta({ description });

export const cx = section(
  {
    maxAuthenticationVectors: integer(
      { min: 1, max: 64, default: 5 },
      'Most vectors in one MAA, whatever SIP-Number-Auth-Items asks for [29.228-6.3.1]',
    ),
    defaultScheme: z.enum(authenticationSchemes).optional().meta({
      description:
        'What "unknown" in a MAR stands for, for private identities that have this scheme and name no defaultScheme; without it SIP Digest, else NASS-Bundled. S-CSCFs that ask so for AKA users need Digest-AKAv1-MD5 [29.228-6.3.1 step 4]',
    }),
    authenticationPendingMaxAgeSeconds: integer(
      { min: 5, max: 86_400, default: 300 },
      'After this the authentication-pending flag counts as cleared: S-CSCFs wait 4 minutes (TS 24.229 reg-await-auth) and may never report a failure [29.228-6.5.1.3]',
    ),
    keepServerName: flag(
      true,
      'Keep the S-CSCF name on the *_STORE_SERVER_NAME assignment types; without it they get SUCCESS_SERVER_NAME_NOT_STORED [29.228-6.1.2.1]',
    ),
    alwaysSendUserData: flag(
      false,
      'Send User-Data even to an S-CSCF that says it has it already, for those that forget [29.228-6.1.2]',
    ),
    maxUserDataOctets: integer(
      { ...cxLimits.userDataOctets, default: 0 },
      'Longest user information that a provisioned document may lead to: User-Data, with Associated-Identities and Allowed-WAF-WWSF-Identities; 0 for 8192 octets less than the shortest message that a peer takes (peers[].maxMessageOctets, diameter.limits.sentMessageOctets) [29.228-6.6]',
    ),
    maxFilterCriteriaPerProfileCount: integer(
      subscriberLimits.filterCriteriaPerProfileCount,
      'Most initial filter criteria of one service profile or shared iFC set [29.228-B.2.2]',
    ),
    sendAllRestorationInfo: flag(
      false,
      'Where several devices are registered with an identity, answer REGISTRATION and RE_REGISTRATION with the restoration information of all of them [29.228-6.1.2.1]',
    ),
    features: section(
      {
        sharedIfcSets: flag(
          true,
          'SiFC: shared filter criteria go by number to S-CSCFs that announce it, in full to others',
        ),
        imsRestoration: flag(
          true,
          'IMSRestorationInd: keep restoration information of registrations (TS 23.380)',
        ),
        pcscfRestoration: flag(false, 'P-CSCF-Restoration-mechanism (TS 23.380)'),
      },
      'Optional features of TS 29.229 clause 7 that are announced',
    ).prefault({}),
    defaultCapabilities: section(
      {
        mandatory: capabilities('Mandatory-Capability'),
        optional: capabilities('Optional-Capability'),
        serverNames: z
          .array(
            z
              .string()
              .regex(/^sips?:\S+$/i)
              .max(subscriberLimits.impuOctets)
              .meta({ description: 'A SIP URI', allowed: 'a SIP URI (sip:...)' }),
          )
          .max(subscriberLimits.capabilitiesPerSetCount)
          .default([])
          .meta({ description: 'S-CSCF names, in order' }),
      },
      'Server-Capabilities for subscriptions that ask for none, for I-CSCFs that cannot choose without',
    ).prefault({}),
  },
  'The Cx application',
).prefault({});
