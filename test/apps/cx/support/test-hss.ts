/**
 * The four Cx handlers with a store in memory behind them: prepare, load, decide, keep the new status. It
 * loads as the real store does (by canonical public identity, distinct before wildcarded, else by private
 * identity), seals secrets with the real key ring, and has a clock and a random source that say the same
 * every time.
 */
import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { createCxApplication, type CxSettings } from '../../../../src/apps/cx/application';
import { computeHa1 } from '../../../../src/authentication/digest';
import { createKeyRing } from '../../../../src/authentication/key-ring';
import { computeOpc } from '../../../../src/authentication/milenage';
import { seal, secretOwner, unseal } from '../../../../src/authentication/sealed-secret';
import type { Decision, DecisionContext } from '../../../../src/diameter/dispatch/contract';
import type { LoadOutcome, LoadRequest, SubscriptionSnapshot } from '../../../../src/state/ports';
import type { ServingNodePort } from '../../../../src/apps/cx/serving-nodes';
import { canonicalPublicIdentity, isWildcardedType } from '../../../../src/subscriber/public-identity';
import { WildcardIndex } from '../../../../src/subscriber/wildcards/wildcard-index';
import { changedRegistration, registrationOf } from '../../../../src/apps/cx/state/registration';
import { initialStatus } from '../../../../src/apps/cx/state/registration-status';
import { credentialsOf, type Credentials } from '../../../../src/authentication/credentials';
import type { SequenceNumberDraw } from '../../../../src/authentication/sequence-number';
import {
  akaOf,
  findPrivateIdentity,
  type SharedData,
  type StoredAka,
  type StoredPrivateIdentity,
  type StoredUsim,
  type Subscription,
} from '../../../../src/subscriber/subscription';
import {
  capabilitySet,
  chargingSet,
  epsProfile,
  serviceProfile,
  sharedIfcSet,
  subscriptionDocument,
  type AkaData,
  type SubscriptionDocument,
  type SubscriptionDocumentInput,
  type Usim,
} from '../../../../src/subscriber/subscription-document';
import type {
  LocationInfoAnswer,
  LocationInfoRequest,
  MultimediaAuthAnswer,
  MultimediaAuthRequest,
  ServerAssignmentAnswer,
  ServerAssignmentRequest,
  UserAuthorizationAnswer,
  UserAuthorizationRequest,
} from '../../../../src/apps/cx/generated/cx';
import type { RandomSource } from '../../../../src/shared/clock';
import { cxRequest, decoded } from '../../../support/cx-messages';
import { ReferenceCounter } from '../../../support/reference-counter';
import { recordOf, statusOfRecord, type HssStatus } from '../../../support/status-records';
import { noteUserData } from '../../../schema/produced-user-data';

export const NOW_MS = Date.UTC(2024, 0, 1);
export const MAX_PENDING_AGE_MS = 60_000;

export const defaultSettings: CxSettings = {
  imsRestoration: true,
  sendAllRestorationInfo: false,
  pcscfRestoration: false,
  keepServerName: true,
  authenticationPendingMaxAgeMs: MAX_PENDING_AGE_MS,
  maxAuthenticationVectors: 5,
  alwaysSendUserData: false,
  defaultCapabilities: { mandatory: [], optional: [], serverNames: [] },
  priorities: { emergencyPriority: 0, sessionPriorities: [0, 2, 4, 6, 8] },
};

const ring = createKeyRing([{ id: 'test', key: Buffer.alloc(32, 7) }]);

/** Octets that depend on how many were asked for before. */
export function countingRandom(label = 'random'): RandomSource {
  let calls = 0;
  return { bytes: (size) => createHash('sha512').update(`${label} ${calls++}`).digest().subarray(0, size) };
}

type Sealed = (plain: Buffer, field: string) => string;

function storedAka({ algorithm, amf, indBits, ...given }: AkaData, sealed: Sealed): StoredAka {
  const k = Buffer.from(given.k ?? '', 'hex');
  const opc =
    given.op === undefined
      ? Buffer.from(given.opc ?? '', 'hex')
      : computeOpc(k, Buffer.from(given.op, 'hex'));
  return { algorithm, amf, indBits, k: sealed(k, 'k'), opc: sealed(opc, 'opc') };
}

function storedUsim({ aka, ...usim }: Usim): StoredUsim {
  const { imsi } = usim;
  const random = countingRandom(imsi);
  return {
    ...usim,
    aka: storedAka(aka, (plain, field) => seal(plain, secretOwner(imsi, field), ring, random)),
  };
}

function stored(entry: SubscriptionDocument['privateIdentities'][number]): StoredPrivateIdentity {
  const { aka, usim, sipDigest, defaultScheme, nassBundled, giba } = entry.authentication;
  const random = countingRandom(entry.identity);
  const sealed: Sealed = (plain, field) => seal(plain, secretOwner(entry.identity, field), ring, random);
  const ha1 = (algorithm: 'MD5' | 'SHA-256'): string =>
    computeHa1(algorithm, entry.identity, sipDigest?.realm ?? '', sipDigest?.password ?? '');
  return {
    ...entry,
    authentication: {
      ...(defaultScheme === undefined ? {} : { defaultScheme }),
      ...(aka === undefined ? {} : { aka: storedAka(aka, sealed) }),
      ...(usim === undefined ? {} : { usim }),
      ...(sipDigest === undefined
        ? {}
        : {
            sipDigest: {
              realm: sipDigest.realm,
              ha1: sealed(Buffer.from(sipDigest.ha1 ?? ha1('MD5'), 'latin1'), 'ha1'),
              ...(sipDigest.ha1 !== undefined && sipDigest.ha1Sha256 === undefined
                ? {}
                : {
                    ha1Sha256: sealed(
                      Buffer.from(sipDigest.ha1Sha256 ?? ha1('SHA-256'), 'latin1'),
                      'ha1Sha256',
                    ),
                  }),
            },
          }),
      ...(nassBundled === undefined ? {} : { nassBundled }),
      ...(giba === undefined ? {} : { giba }),
    },
  };
}

const known = new WeakMap<SubscriptionDocumentInput, Subscription>();

/** As the store keeps it: parsed, public identities canonical, secrets sealed. Done once for each input. */
export function storedSubscription(input: SubscriptionDocumentInput): Subscription {
  const found = known.get(input) ?? toStored(input);
  known.set(input, found);
  return found;
}

function toStored(input: SubscriptionDocumentInput): Subscription {
  const { usims, ...document } = subscriptionDocument.parse(input);
  return {
    ...document,
    ...(usims === undefined ? {} : { usims: usims.map(storedUsim) }),
    privateIdentities: document.privateIdentities.map(stored),
    implicitRegistrationSets: document.implicitRegistrationSets.map((set) => ({
      ...set,
      publicIdentities: set.publicIdentities.map((entry) => {
        const canonical = canonicalPublicIdentity(entry.identity, entry.type);
        if (!canonical.ok) throw new Error(canonical.reason);
        return { ...entry, identity: canonical.value };
      }),
    })),
  };
}

export interface SharedInput {
  readonly serviceProfiles?: readonly unknown[];
  readonly ifcSets?: readonly unknown[];
  readonly capabilitySets?: readonly unknown[];
  readonly chargingSets?: readonly unknown[];
  readonly epsProfiles?: readonly unknown[];
}

const byName = <T extends { readonly name: string }>(items: readonly T[]): ReadonlyMap<string, T> =>
  new Map(items.map((item) => [item.name, item]));

let sharedVersion = 0;

export function sharedData(input: SharedInput = {}): SharedData {
  sharedVersion += 1;
  return {
    version: sharedVersion,
    serviceProfiles: byName((input.serviceProfiles ?? []).map((entry) => serviceProfile.parse(entry))),
    ifcSets: byName((input.ifcSets ?? []).map((entry) => sharedIfcSet.parse(entry))),
    capabilitySets: byName((input.capabilitySets ?? []).map((entry) => capabilitySet.parse(entry))),
    chargingSets: byName((input.chargingSets ?? []).map((entry) => chargingSet.parse(entry))),
    epsProfiles: byName((input.epsProfiles ?? []).map((entry) => epsProfile.parse(entry))),
  };
}

export interface TestHssOptions {
  readonly subscriptions: readonly SubscriptionDocumentInput[];
  readonly shared?: SharedInput;
  readonly settings?: Partial<CxSettings>;
  /** Features that both sides support. */
  readonly features?: readonly string[];
  readonly servingNodes?: ServingNodePort;
}

const common = {
  sessionId: 'client;1;1',
  authSessionState: 1 as const,
  destinationRealm: 'ims.example',
  originHost: 'scscf1.ims.example',
  originRealm: 'ims.example',
};

export type UarInput = Partial<UserAuthorizationRequest> &
  Pick<UserAuthorizationRequest, 'publicIdentity' | 'userName'>;
export type LirInput = Partial<LocationInfoRequest> & Pick<LocationInfoRequest, 'publicIdentity'>;
export type SarInput = Partial<ServerAssignmentRequest> &
  Pick<ServerAssignmentRequest, 'serverAssignmentType'>;
export type MarInput = Partial<MultimediaAuthRequest> &
  Pick<MultimediaAuthRequest, 'publicIdentity' | 'userName'>;

export const SCSCF1 = 'sip:scscf1.ims.example:6060';
export const SCSCF2 = 'sip:scscf2.ims.example:6060';

/** A counter for each private identity that has a K, none of it used. */
const freshCounters = (subscription: Subscription): Credentials =>
  subscription.privateIdentities.flatMap((entry) => {
    const credential = akaOf(subscription, entry);
    return credential === undefined
      ? []
      : [{ holder: entry.identity, key: credential.holder, sequenceNumber: 0 }];
  });

export class TestHss {
  nowMs = NOW_MS;
  features: ReadonlySet<string>;
  readonly settings: CxSettings;
  readonly #snapshots: SubscriptionSnapshot[];
  /** One record for each status, so that tests can tell that nothing was replaced. */
  readonly #counters = new Map<string, ReferenceCounter>();
  readonly #records = new WeakMap<object, HssStatus>();
  readonly #application;
  readonly #wildcards = new WildcardIndex();
  #random = countingRandom();

  constructor(options: TestHssOptions) {
    this.settings = { ...defaultSettings, ...options.settings };
    this.features = new Set(options.features ?? []);
    const shared = sharedData(options.shared);
    this.#snapshots = options.subscriptions.map((input, index) => {
      const subscription = storedSubscription(input);
      const states = { registration: initialStatus, credentials: freshCounters(subscription) };
      return { key: index + 1, version: 0, watchers: 0, subscription, shared, states };
    });
    for (const { subscription } of this.#snapshots) {
      for (const { identity, type } of subscription.implicitRegistrationSets.flatMap(
        (set) => set.publicIdentities,
      ))
        if (isWildcardedType(type)) this.#wildcards.add(identity);
    }
    this.#application = createCxApplication(
      this.settings,
      this.features,
      { open: (sealed, owner) => unseal(sealed, owner, ring) },
      options.servingNodes,
    );
  }

  snapshot(id?: string): SubscriptionSnapshot {
    const found =
      id === undefined ? this.#snapshots[0] : this.#snapshots.find((entry) => entry.subscription.id === id);
    if (found === undefined) throw new Error(`no subscription ${id ?? ''}`);
    return found;
  }

  status(id?: string): HssStatus {
    const { states } = this.snapshot(id);
    const record = this.#records.get(states) ?? {
      ...recordOf(registrationOf({ states })),
      sequenceNumbers: Object.fromEntries(
        credentialsOf({ states })
          .filter(({ sequenceNumber }) => sequenceNumber > 0)
          .map(({ holder, sequenceNumber }) => [holder, sequenceNumber]),
      ),
    };
    this.#records.set(states, record);
    return record;
  }

  setStatus(record: HssStatus, id?: string): void {
    const { sequenceNumbers, ...registration } = record;
    this.#counters.clear();
    const counters = credentialsOf(this.snapshot(id)).map((counter) => ({
      ...counter,
      sequenceNumber: sequenceNumbers[counter.holder] ?? 0,
    }));
    const states = { registration: statusOfRecord(registration), credentials: counters };
    this.#records.set(states, record);
    this.#replace({ ...this.snapshot(id), version: record.version, states });
  }

  #replace(snapshot: SubscriptionSnapshot): void {
    this.#snapshots[snapshot.key - 1] = snapshot;
  }

  load(request: LoadRequest): LoadOutcome {
    const owner = (identity: string): number | null =>
      this.#snapshots.find((entry) =>
        entry.subscription.implicitRegistrationSets.some((set) =>
          set.publicIdentities.some((known) => known.identity === identity),
        ),
      )?.key ?? null;
    const impuWildcards = request.impus.map((identity) =>
      owner(identity) === null ? this.#wildcards.find(identity) : null,
    );
    const impuOwners = request.impus.map((identity, i) => owner(impuWildcards[i] ?? identity));
    const impiOwner =
      request.impi === undefined
        ? null
        : (this.#snapshots.find(
            (entry) => findPrivateIdentity(entry.subscription, request.impi ?? '') !== undefined,
          )?.key ?? null);
    const key = impuOwners.find((entry) => entry !== null) ?? (request.impus.length === 0 ? impiOwner : null);
    return {
      snapshot: this.#snapshots.find((entry) => entry.key === key) ?? null,
      impuOwners,
      impuWildcards,
      impiOwner,
    };
  }

  /** Decides and keeps the new status; decides twice, since the same inputs must give the same decision. */
  #request<Answer>(code: number, avps: object): Decision<Answer> {
    const handler = this.#application.handlers.get(code);
    if (handler === undefined) throw new Error(`no handler for ${code}`);
    // What is kept as it came has to come as octets.
    const message =
      'scscfRestorationInfo' in avps
        ? decoded(cxRequest('SAR', common, avps))
        : {
            header: {
              version: 1,
              length: 20,
              request: true,
              proxiable: true,
              error: false,
              retransmitted: false,
              commandCode: code,
              applicationId: 16777216,
              hopByHopId: 1,
              endToEndId: 1,
            },
            abbreviation: handler.request,
            avps,
            bytes: Buffer.alloc(0),
          };
    const prepared = handler.prepare(message);
    if ('result' in prepared) return prepared;
    const loaded = this.load(prepared);
    const before = JSON.stringify(loaded.snapshot?.states);
    const seed = `${this.#random.bytes(8).toString('hex')}`;
    const context = (): DecisionContext => ({
      nowMs: this.nowMs,
      random: countingRandom(seed),
      peer: { originHost: common.originHost, originRealm: common.originRealm },
      loaded,
      features: this.features,
    });
    const decide = () => handler.decide(message, context()) as Decision<Answer>;
    const decision = decide();
    if (JSON.stringify(loaded.snapshot?.states) !== before)
      throw new Error('a decision changed the status that it was given');
    if (loaded.snapshot === null) return decision;
    const numbers = decision.draw === undefined ? [] : this.#draw(loaded.snapshot, decision.draw);
    const completed = (made: Decision<Answer>): Decision<Answer> => made.complete?.(numbers) ?? made;
    const answered = completed(decision);
    if (!isDeepStrictEqual(completed(decide()), answered))
      throw new Error('the same inputs gave another decision');
    if (decision.changes !== undefined || decision.draw !== undefined)
      this.#commit(loaded.snapshot, decision);
    return { ...answered, ...(decision.draw === undefined ? {} : { draw: decision.draw }) };
  }

  #draw(
    snapshot: SubscriptionSnapshot,
    { counterKey, requester, count, indBits, atLeast }: SequenceNumberDraw,
  ): number[] {
    const { sequenceNumber = 0 } = credentialsOf(snapshot).find(({ key }) => key === counterKey) ?? {};
    const counter = this.#counters.get(counterKey) ?? new ReferenceCounter(sequenceNumber);
    this.#counters.set(counterKey, counter);
    if (atLeast !== undefined) counter.reach(atLeast, indBits);
    return count === 0 ? [] : counter.draw(requester, count, indBits);
  }

  #commit(snapshot: SubscriptionSnapshot, decision: Decision<unknown>): void {
    const after = changedRegistration(decision);
    const version = snapshot.version + (after === undefined ? 0 : 1);
    const registration = after === undefined ? registrationOf(snapshot) : { ...after, version };
    const counters = credentialsOf(snapshot).map((counter) => ({
      ...counter,
      sequenceNumber: this.#counters.get(counter.key)?.sequenceNumber ?? counter.sequenceNumber,
    }));
    this.#replace({ ...snapshot, version, states: { registration, credentials: counters } });
  }

  uar(input: UarInput): Decision<UserAuthorizationAnswer> {
    return this.#request(300, { ...common, visitedNetworkIdentifier: Buffer.from('ims.example'), ...input });
  }

  lir(input: LirInput): Decision<LocationInfoAnswer> {
    return this.#request(302, { ...common, ...input });
  }

  sar(input: SarInput): Decision<ServerAssignmentAnswer> {
    const decision = this.#request<ServerAssignmentAnswer>(301, {
      ...common,
      serverName: SCSCF1,
      userDataAlreadyAvailable: 0,
      ...input,
    });
    noteUserData(decision.avps);
    return decision;
  }

  mar(input: MarInput): Decision<MultimediaAuthAnswer> {
    return this.#request(303, {
      ...common,
      serverName: SCSCF1,
      sipNumberAuthItems: 1,
      sipAuthDataItem: { sipAuthenticationScheme: 'Digest-AKAv1-MD5' },
      ...input,
    });
  }
}
