/**
 * The handlers of S6a and S6d with a store in memory behind them: prepare, load by IMSI, decide, complete, keep.
 * Secrets are sealed with a real key ring; clock and random source say the same every time. Every decision is made
 * twice, because the same inputs have to give the same decision.
 */
import { isDeepStrictEqual } from 'node:util';
import { createS6aApplication } from '../../../../src/apps/s6a/application';
import { s6a, s6aSettings } from '../../../../src/apps/s6a/config';
import { s6aFeatureList1, s6aFeatureList2 } from '../../../../src/apps/s6a/feature-tables';
import type {
  AuthenticationInformationAnswer,
  AuthenticationInformationRequest,
  UpdateLocationAnswer,
  UpdateLocationRequest,
} from '../../../../src/apps/s6a/generated/s6a';
import { s6aTable } from '../../../../src/apps/s6a/generated/s6a-tables';
import type { S6aSettings } from '../../../../src/apps/s6a/settings';
import {
  servingNodes,
  servingNodesChange,
  servingNodesOf,
  type ServingNodes,
} from '../../../../src/apps/s6a/state/serving-nodes';
import { cxTable } from '../../../../src/apps/cx/generated/cx-tables';
import { initialStatus } from '../../../../src/apps/cx/state/registration-status';
import { credentialsOf, type Credentials } from '../../../../src/authentication/credentials';
import { createKeyRing } from '../../../../src/authentication/key-ring';
import { unseal } from '../../../../src/authentication/sealed-secret';
import { numberCount, type SequenceNumberDraw } from '../../../../src/authentication/sequence-number';
import { Dictionary } from '../../../../src/diameter/codec/dictionary';
import { encodeNamed } from '../../../../src/diameter/codec/encode';
import { baseTable } from '../../../../src/diameter/generated/base-tables';
import type { Application, Decision, DecisionContext } from '../../../../src/diameter/dispatch/contract';
import { isHeadChange, type ModuleChange } from '../../../../src/state/module';
import type { LoadOutcome, SubscriptionSnapshot } from '../../../../src/state/ports';
import type { SubscriptionDocumentInput } from '../../../../src/subscriber/subscription-document';
import { ReferenceCounter } from '../../../support/reference-counter';
import {
  countingRandom,
  NOW_MS,
  sharedData,
  storedSubscription,
  type SharedInput,
} from '../../cx/support/test-hss';

export const PLMN_00101 = Buffer.from('00f110', 'hex');
export const PLMN_26201 = Buffer.from('62f210', 'hex');
export const MME1 = { originHost: 'mme1.epc.example', originRealm: 'epc.example' };
export const MME2 = { originHost: 'mme2.epc.example', originRealm: 'epc.example' };
export const SGSN1 = { originHost: 'sgsn1.epc.example', originRealm: 'epc.example' };

const dictionary = new Dictionary([baseTable, cxTable, s6aTable]);

/** The ring that `storedSubscription` seals with. */
const ring = createKeyRing([{ id: 'test', key: Buffer.alloc(32, 7) }]);

export interface S6aHssOptions {
  readonly subscriptions: readonly SubscriptionDocumentInput[];
  readonly shared?: SharedInput;
  readonly settings?: Partial<S6aSettings>;
}

/** The settings of a configuration that says nothing. */
export const defaultS6aSettings: S6aSettings = s6aSettings(s6a.parse({}));

/** Supported-Features of a node with these features [29.272-7.3.10]. */
export const supportedFeatureAvps = (names: ReadonlySet<string>) =>
  [s6aFeatureList1, s6aFeatureList2].map(({ vendorId, featureListId, features }) => ({
    vendorId,
    featureListId,
    featureList: features.reduce((mask, { name, bit }) => (names.has(name) ? mask + 2 ** bit : mask), 0),
  }));

export class S6aHss {
  nowMs = NOW_MS;
  /** Common features of the next requests, by name. */
  features: ReadonlySet<string> = new Set();
  readonly application: Application;
  readonly #snapshots: SubscriptionSnapshot[];
  readonly #counters = new Map<string, ReferenceCounter>();
  #requests = 0;

  constructor(options: S6aHssOptions) {
    const shared = sharedData(options.shared);
    this.#snapshots = options.subscriptions.map((input, index) => {
      const subscription = storedSubscription(input);
      const credentials: Credentials = (subscription.usims ?? []).map(({ imsi }) => ({
        holder: imsi,
        key: imsi,
        sequenceNumber: 0,
      }));
      const states = { registration: initialStatus, credentials, servingNodes: servingNodes.initial };
      return { key: index + 1, version: 0, watchers: 0, subscription, shared, states };
    });
    this.application = createS6aApplication(
      { ...defaultS6aSettings, ...options.settings },
      { open: (sealed, owner) => unseal(sealed, owner, ring) },
    );
  }

  snapshot(imsi: string): SubscriptionSnapshot {
    const found = this.#find(imsi);
    if (found === undefined) throw new Error(`nobody has the IMSI ${imsi}`);
    return found;
  }

  /** What is kept of the IMSI. */
  nodes = (imsi: string): ServingNodes => servingNodesOf(this.snapshot(imsi), imsi);

  /** Puts the IMSI where a test wants it. */
  setNodes(nodes: ServingNodes): void {
    const snapshot = this.snapshot(nodes.imsi);
    this.#apply(snapshot, [servingNodesChange(snapshot, nodes)]);
  }

  air = (
    input: Partial<AuthenticationInformationRequest> & { readonly userName: string },
  ): Decision<AuthenticationInformationAnswer> => this.request(318, { visitedPlmnId: PLMN_00101, ...input });

  /** Over S6a from MME1 with E-UTRAN, as an initial attach, unless `input` says something else. */
  ulr = (
    input: Partial<UpdateLocationRequest> & { readonly userName: string },
  ): Decision<UpdateLocationAnswer> =>
    this.request(316, {
      visitedPlmnId: PLMN_00101,
      ratType: 1004,
      ulrFlags: 0x22,
      ...(this.features.size === 0 ? {} : { supportedFeatures: supportedFeatureAvps(this.features) }),
      ...input,
    });

  /** Decides and keeps what the decision changes. `input` goes over what every request of MME1 has. */
  request<Answer>(
    commandCode: number,
    input: { readonly userName: string } & Partial<typeof MME1>,
  ): Decision<Answer> {
    const handler = this.application.handlers.get(commandCode);
    if (handler === undefined) throw new Error(`no handler for ${commandCode}`);
    const avps = {
      sessionId: 'client;1;1',
      authSessionState: 1 as const,
      destinationRealm: 'epc.example',
      ...MME1,
      ...input,
    };
    const message = {
      header: {
        version: 1,
        length: 20,
        request: true,
        proxiable: true,
        error: false,
        retransmitted: false,
        commandCode,
        applicationId: this.application.applicationId,
        hopByHopId: 1,
        endToEndId: 1,
      },
      abbreviation: handler.request,
      avps,
      bytes: encodeNamed(
        handler.request,
        { hopByHopId: 1, endToEndId: 1, applicationId: this.application.applicationId },
        avps,
        dictionary,
      ),
    };
    const prepared = handler.prepare(message);
    if ('result' in prepared) return prepared;
    const snapshot = this.#find(prepared.imsi ?? '') ?? null;
    const loaded: LoadOutcome = { snapshot, impuOwners: [], impuWildcards: [], impiOwner: null };
    const seed = `request ${++this.#requests}`;
    const decide = (): Decision<Answer> => {
      const context: DecisionContext = {
        nowMs: this.nowMs,
        random: countingRandom(seed),
        peer: { originHost: avps.originHost, originRealm: avps.originRealm },
        loaded,
        features: this.features,
      };
      return handler.decide(message, context);
    };
    const before = JSON.stringify(snapshot?.states);
    const first = decide();
    if (JSON.stringify(snapshot?.states) !== before)
      throw new Error('a decision changed the state it was given');
    const numbers = first.draw === undefined || snapshot === null ? [] : this.#draw(snapshot, first.draw);
    const decision = first.complete?.(numbers) ?? first;
    const second = decide();
    if (!isDeepStrictEqual(second.complete?.(numbers) ?? second, decision))
      throw new Error('the same inputs gave another decision');
    if (snapshot !== null) this.#apply(snapshot, first.changes);
    return { ...decision, ...(first.draw === undefined ? {} : { draw: first.draw }) };
  }

  #find = (imsi: string): SubscriptionSnapshot | undefined =>
    this.#snapshots.find(({ subscription }) => subscription.usims?.some((usim) => usim.imsi === imsi));

  #draw(snapshot: SubscriptionSnapshot, draw: SequenceNumberDraw): number[] {
    const { counterKey, requester, indBits, atLeast } = draw;
    const { sequenceNumber = 0 } = credentialsOf(snapshot).find(({ key }) => key === counterKey) ?? {};
    const counter = this.#counters.get(counterKey) ?? new ReferenceCounter(sequenceNumber);
    this.#counters.set(counterKey, counter);
    if (atLeast !== undefined) counter.reach(atLeast, indBits);
    const count = numberCount(draw);
    return count === 0 ? [] : counter.draw(requester, count, indBits);
  }

  #apply(snapshot: SubscriptionSnapshot, changes: readonly ModuleChange[] = []): void {
    let { states } = snapshot;
    for (const change of changes) {
      if (isHeadChange(change)) throw new Error('S6a does not change the head row');
      const { module } = change;
      states = { ...states, [module.name]: module.apply(states[module.name], change) };
    }
    const credentials = credentialsOf(snapshot).map((counter) => ({
      ...counter,
      sequenceNumber: this.#counters.get(counter.key)?.sequenceNumber ?? counter.sequenceNumber,
    }));
    const version = snapshot.version + (changes.length > 0 ? 1 : 0);
    this.#snapshots[snapshot.key - 1] = { ...snapshot, version, states: { ...states, credentials } };
  }
}
