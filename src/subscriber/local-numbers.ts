/**
 * tel URIs of local numbers without a phone-context, which RFC 3966 5.1.5 does not allow: nobody can tell whose
 * tel:0711 is meant. Labs have them, and CSCFs ask for them. Where they are accepted they are compared as they
 * are written, visual separators apart, and never taken for a global number.
 */
import type { ProvisioningFault } from './provisioning-fault';
import type { Subscription } from './subscription';

const withoutContext = /^tel:[0-9A-F*#]{1,31}$/;

/** Of an identity in canonical form. */
export const isBareLocalNumber = (canonical: string): boolean => withoutContext.test(canonical);

export const bareLocalNumberDoubt =
  'is a local number without phone-context (RFC 3966 5.1.5): matched as it is written only, never with a global number';

/** Where they are refused. */
export function localNumberFaults(subscription: Subscription): ProvisioningFault[] {
  return subscription.implicitRegistrationSets.flatMap((set, s) =>
    set.publicIdentities.flatMap(({ identity }, i) =>
      isBareLocalNumber(identity)
        ? [
            {
              pointer: `/implicitRegistrationSets/${s}/publicIdentities/${i}/identity`,
              detail:
                'is a local number without phone-context (RFC 3966 5.1.5), which identities.localNumbers refuses',
            },
          ]
        : [],
    ),
  );
}
