/**
 * What S-CSCFs support, so that a PPR is made with it [29.229-7.2] [29.229-7.2.1]: their requests for a
 * profile (SAR) say so, their answers to PPRs list everything. What an answer said about PPR goes before what
 * a SAR said; it is forgotten after a day, because an S-CSCF that refused a feature gets no more requests
 * that would show that it has learned it.
 *
 * Common to all instances and kept over restarts, because the instance that the SAR came to need not be the
 * one that sends. What is new is written with the next look at what others have learned; what is lost in
 * between is learned again. Without any of it a PPR is made without features, which every S-CSCF understands.
 */
import type { LearnedFeatures, OutboxStore } from '../domain/outbox';
import { ResultCode } from '../generated/base';
import {
  ExperimentalResultCode,
  ServerAssignmentType,
  type PushProfileAnswer,
  type ServerAssignmentRequest,
} from '../generated/cx';
import type { IncomingRequest, RequestSink } from '../peer/contract';
import type { Clock } from '../shared/clock';
import type { Logger } from '../shared/logger';

/** S-CSCFs remembered; far more than there are. */
const MAX_SERVER_COUNT = 10_000;
const REFRESH_MS = 5_000;
const ANSWER_MAX_AGE_MS = 86_400_000;
const SERVER_ASSIGNMENT = 301;
/** The types that ask for the profile: a de-registration says nothing about how it may be made. */
const askingTypes: ReadonlySet<number> = new Set([
  ServerAssignmentType.NO_ASSIGNMENT,
  ServerAssignmentType.REGISTRATION,
  ServerAssignmentType.RE_REGISTRATION,
  ServerAssignmentType.UNREGISTERED_USER,
]);

/** The feature list of the application: the only one that is remembered. */
export interface FeatureListName {
  readonly vendorId: number;
  readonly featureListId: number;
}

type Lists = ServerAssignmentRequest['supportedFeatures'];
type Command = LearnedFeatures['command'];

interface Entry {
  readonly featureList: number;
  readonly learnedAtMs: number;
  /** Not written yet. */
  readonly isNew: boolean;
}

export class ServerFeatures {
  readonly #entries: Readonly<Record<Command, Map<string, Entry>>> = { SAR: new Map(), PPR: new Map() };
  #refreshedAtMs = -Infinity;

  constructor(
    private readonly outbox: Pick<OutboxStore, 'serverFeatures' | 'learnServerFeatures'>,
    private readonly list: FeatureListName,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {}

  /** The sink with an eye on what SARs announce. */
  watching(sink: RequestSink): RequestSink {
    return {
      onRequest: (request) => {
        this.#notice(request);
        sink.onRequest(request);
      },
      onUndecodable: (request) => sink.onUndecodable(request),
      admission: sink.admission,
    };
  }

  /** The bits that the S-CSCF is known to support, as a Feature-List; 0 where nothing is known. */
  of(originHost: string): number {
    const host = originHost.toLowerCase();
    const answered = this.#entries.PPR.get(host);
    const isFresh =
      answered !== undefined && this.clock.monotonicMs() - answered.learnedAtMs < ANSWER_MAX_AGE_MS;
    return (isFresh ? answered : this.#entries.SAR.get(host))?.featureList ?? 0;
  }

  /**
   * What a PPA says: all that its sender supports. Without a list it says so only where the features were the
   * error.
   */
  answered(
    originHost: string,
    { supportedFeatures, resultCode, experimentalResult }: Partial<PushProfileAnswer>,
  ): void {
    const isRefusal =
      resultCode === ResultCode.DIAMETER_AVP_UNSUPPORTED ||
      experimentalResult?.experimentalResultCode ===
        ExperimentalResultCode.DIAMETER_ERROR_FEATURE_UNSUPPORTED;
    const announced = this.#mask(supportedFeatures);
    if (announced !== null || isRefusal) this.#learn('PPR', originHost, announced ?? 0);
  }

  /** Writes what is new and takes over what other instances have learned. @throws StoreUnavailableError */
  async refresh(): Promise<void> {
    if (this.clock.monotonicMs() - this.#refreshedAtMs <= REFRESH_MS) return;
    this.#refreshedAtMs = this.clock.monotonicMs();
    const learned: LearnedFeatures[] = [];
    for (const command of ['SAR', 'PPR'] as const) {
      for (const [originHost, { isNew, featureList }] of this.#entries[command])
        if (isNew) learned.push({ originHost, command, featureList });
    }
    if (learned.length > 0) await this.outbox.learnServerFeatures(learned);
    for (const { originHost, command, featureList } of learned) {
      const entry = this.#entries[command].get(originHost);
      if (entry?.featureList === featureList)
        this.#entries[command].set(originHost, { ...entry, isNew: false });
    }
    const nowMs = this.clock.monotonicMs();
    for (const { originHost, command, featureList, ageMs } of await this.outbox.serverFeatures(
      MAX_SERVER_COUNT,
    )) {
      if (this.#entries[command].get(originHost)?.isNew !== true)
        this.#entries[command].set(originHost, { featureList, learnedAtMs: nowMs - ageMs, isNew: false });
    }
  }

  #notice({ message }: IncomingRequest): void {
    if (message.header.commandCode !== SERVER_ASSIGNMENT) return;
    const { originHost, serverAssignmentType, supportedFeatures } =
      message.avps as Partial<ServerAssignmentRequest>;
    if (
      originHost === undefined ||
      serverAssignmentType === undefined ||
      !askingTypes.has(serverAssignmentType)
    )
      return;
    this.#learn('SAR', originHost, this.#mask(supportedFeatures) ?? 0);
  }

  /** Null where the list is not there at all. */
  #mask(lists: Lists): number | null {
    if (lists === undefined) return null;
    let mask = 0;
    for (const { vendorId, featureListId, featureList } of lists)
      if (vendorId === this.list.vendorId && featureListId === this.list.featureListId) mask |= featureList;
    return mask >>> 0;
  }

  #learn(command: Command, originHost: string, featureList: number): void {
    const host = originHost.toLowerCase();
    const entries = this.#entries[command];
    const known = entries.get(host);
    const nowMs = this.clock.monotonicMs();
    const isOld =
      command === 'PPR' && known !== undefined && nowMs - known.learnedAtMs > ANSWER_MAX_AGE_MS / 2;
    // Of an S-CSCF that has never announced anything there is nothing to remember.
    if (
      known === undefined
        ? (command === 'SAR' && featureList === 0) || entries.size >= MAX_SERVER_COUNT
        : known.featureList === featureList && !isOld
    )
      return;
    entries.set(host, { featureList, learnedAtMs: nowMs, isNew: true });
    this.logger.debug(
      { server: originHost, command, featureList },
      `${originHost} supports features ${featureList.toString(2)} (bits), as its ${command === 'SAR' ? 'SAR' : 'PPA'} says`,
    );
  }
}
