/** Loads the demo subscribers once, on a first start of the embedded database that holds nobody yet. */
import { impusOf } from '../subscriber/subscription-document';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { demoData } from '../subscriber/demo-subscribers';
import { sharedKindsInOrder } from '../subscriber/shared-kinds';
import type { ProvisioningOutcome, ProvisioningStore } from '../subscriber/provisioning';
import type { HssConfig } from '../config/schema';
import { isLoopbackName } from '../shared/loopback';
import type { BannerUser } from './banner';
import type { Logger } from '../shared/logger';

/**
 * Says that it was done, so that subscribers deleted on purpose do not come back; or begun, so that a start
 * after a kill goes on.
 */
const MARKER = 'demo-subscribers-loaded';
const BEGUN = 'begun';

export async function loadDemo(
  store: ProvisioningStore,
  dataFolder: string,
  realm: string,
  logger: Logger,
): Promise<void> {
  const marker = join(dataFolder, MARKER);
  const begun = existsSync(marker) && readFileSync(marker, 'utf8') === BEGUN;
  if (existsSync(marker) && !begun) return;
  if (begun || (await store.listSubscriptions(null, 1)).items.length === 0) {
    writeFileSync(marker, BEGUN);
    const data = demoData(realm);
    for (const { kind } of sharedKindsInOrder)
      for (const set of data[kind]) accepted(await store.putShared(kind, set, {}), set.name);
    for (const subscription of data.subscriptions)
      accepted(await store.putSubscription(subscription, {}), subscription.id);
    logger.info({ count: data.subscriptions.length }, 'loaded the demo subscribers');
  }
  writeFileSync(marker, '');
}

function accepted(outcome: ProvisioningOutcome, name: string): void {
  if (outcome.kind === 'refused')
    throw new Error(
      `demo data ${name}: ${outcome.faults.map((fault) => `${fault.pointer} ${fault.detail}`).join('; ')}`,
    );
}

/**
 * The keys of the demo users are in this repository: said at every start where others than this machine can
 * reach a listener, however the demo users came into the database.
 */
export async function warnOfDemoUsers(
  store: ProvisioningStore,
  { diameter, http, metrics, role }: HssConfig,
  logger: Logger,
): Promise<void> {
  const listened = [
    ...diameter.listen.flatMap(({ addresses }) => addresses),
    ...http.addresses,
    ...metrics.addresses,
  ];
  const open = [...new Set(listened.filter((address) => !isLoopbackName(address)))];
  if (open.length === 0 || role === 'slf') return;
  const users = await demoUsers(store, diameter.originRealm);
  if (users.length === 0) return;
  logger.warn(
    { users: users.map(({ privateIdentity }) => privateIdentity), addresses: open },
    `demo users, whose keys everybody knows, are served and ${open.join(', ')} can be reached from outside: delete them (docs/demo-users.md)`,
  );
}

/** The demo users that are still there, for the block printed at the start. */
export async function demoUsers(store: ProvisioningStore, realm: string): Promise<BannerUser[]> {
  const users: BannerUser[] = [];
  // As they are stored: of the realm that they were loaded with, and as they were changed since.
  for (const { id } of demoData(realm).subscriptions) {
    const subscription = (await store.getSubscription({ id }))?.document;
    if (subscription === undefined) continue;
    const identities = impusOf(subscription).map(({ identity }) => identity);
    for (const entry of subscription.privateIdentities) {
      const { aka, usim, sipDigest } = entry.authentication;
      const scheme =
        aka !== undefined || usim !== undefined
          ? 'Digest-AKAv1-MD5'
          : sipDigest !== undefined
            ? 'SIP Digest'
            : undefined;
      users.push({
        privateIdentity: entry.identity,
        identities,
        ...(scheme === undefined ? {} : { scheme }),
        ...(entry.type === 'privateServiceIdentity'
          ? { note: 'Public Service Identity of an application server' }
          : {}),
      });
    }
  }
  return users;
}
