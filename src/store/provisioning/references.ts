/** What a subscription refers to outside of itself (src/subscriber/references.ts), looked up in the database. */
import type { Sql } from '../../state/database';
import { privateIdentityKey } from '../../subscriber/private-identity';
import type { SharedKind } from '../../subscriber/provisioning';
import { sharedKinds, type ExistingNames, type OwnedIdentity } from '../../subscriber/references';
import { findOwners, holdSharedNames } from './statements';

/** Looks the names up and keeps the sets from being deleted until the transaction ends. */
export async function holdNames(
  sql: Sql,
  wanted: ReadonlyMap<SharedKind, ReadonlySet<string>>,
): Promise<ExistingNames> {
  const existing = new Map<SharedKind, Set<string>>(sharedKinds.map((kind) => [kind, new Set()]));
  if (sharedKinds.every((kind) => (wanted.get(kind)?.size ?? 0) === 0)) return existing;
  const rows = await sql<[SharedKind, string]>(
    holdSharedNames,
    sharedKinds.map((kind) => [...(wanted.get(kind) ?? [])]),
    'hss_hold_names',
  );
  for (const [kind, name] of rows) existing.get(kind)?.add(name);
  return existing;
}

export interface Owner {
  readonly key: number;
  readonly id: string;
}

/** By kind and identity as it is compared, as in "impu sip:alice@example". */
export type Owners = ReadonlyMap<string, Owner>;

export async function loadOwners(sql: Sql, identities: readonly OwnedIdentity[]): Promise<Owners> {
  const wanted: Record<OwnedIdentity['kind'], string[]> = { impu: [], impi: [], imsi: [], msisdn: [] };
  for (const { kind, identity } of identities)
    wanted[kind].push(kind === 'impi' ? privateIdentityKey(identity) : identity);
  const rows = await sql<[string, string, number, string]>(
    findOwners,
    [wanted.impu, wanted.impi, wanted.imsi, wanted.msisdn],
    'hss_find_owners',
  );
  return new Map(rows.map(([kind, identity, key, id]) => [`${kind} ${identity}`, { key, id }]));
}
