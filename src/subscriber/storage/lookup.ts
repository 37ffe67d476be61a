/** How operators name a subscription: by its id or by anything that only one subscription has. */
import type { SubscriptionKeyName } from '../provisioning';
import { privateIdentityKey } from '../private-identity';
import { canonicalPublicIdentity } from '../public-identity';

const keyByImpu = 'select subscription_key from public_identity where identity = any ($1::text[]) limit 1';
const keyBy: Readonly<Record<'id' | 'impi' | 'imsi' | 'msisdn', string>> = {
  id: 'select subscription_key from ims_subscription where id = any ($1::text[])',
  impi: 'select subscription_key from private_identity where identity_key = any ($1::text[])',
  imsi: `select subscription_key from usim where imsi = any ($1::text[])
    union select subscription_key from private_identity where imsi_claim = any ($1::text[]) limit 1`,
  msisdn: 'select subscription_key from usim_msisdn where msisdn = any ($1::text[])',
};

/** The statement that finds the key, and the texts to look for. */
export function keyQuery(name: SubscriptionKeyName): [text: string, values: string[]] {
  if ('id' in name) return [keyBy.id, [name.id]];
  if ('impi' in name) return [keyBy.impi, [privateIdentityKey(name.impi)]];
  if ('imsi' in name) return [keyBy.imsi, [name.imsi]];
  if ('msisdn' in name) return [keyBy.msisdn, [name.msisdn]];
  // What has delimiters may be a wildcarded identity or a distinct one with "!" in its name.
  const forms = [
    canonicalPublicIdentity(name.impu),
    ...(name.impu.includes('!') ? [canonicalPublicIdentity(name.impu, 'wildcardedPsi')] : []),
  ];
  return [keyByImpu, [...new Set([name.impu, ...forms.flatMap((form) => (form.ok ? form.value : []))])]];
}

/** PostgreSQL's text has no NUL. */
export const storable = (values: readonly string[]): boolean =>
  values.every((value) => !value.includes('\0'));
