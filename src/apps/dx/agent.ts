/**
 * The subscription locator of the Dx interface [29.228-6.4]: a redirect agent that answers Cx requests with
 * the HSSs to ask [6733-6.1.8], or a proxy agent that sends them there [6733-6.1.9] [29.229-5.5]. It has no
 * session and no transaction state beyond the requests that are on their way.
 *
 * Readings: what a request lacks or has too much of is for the HSS to judge, so only AVPs that the way
 * depends on are read, and a request that breaks its Command Code Format is located all the same; protocol
 * errors (3xxx) and our own bounds are answered here. A request without the P bit may not be proxied
 * [6733-3], so a proxy answers it as the redirect agent would. Everything that an S-CSCF is asked (RTR, PPR)
 * goes by its Destination-Host, in proxy mode only.
 */
import { failureAnswer, isProtocolError } from '../../codec/error-answer';
import type { DecodeFailure, DiameterHeader } from '../../codec/types';
import { canonicalIdentity, identityOfHost, type LocatorEntry } from '../../domain/locator/entry';
import { StoreUnavailableError } from '../../domain/ports';
import { ResultCode, VENDOR_3GPP } from '../../generated/base';
import { createAuthorityCheck, type AuthorityCheck, type AuthorityFault } from '../../dispatch/authority';
import { AuthorityLog } from '../../dispatch/authority-log';
import { rolesMask } from '../../shared/peer-roles';
import type { IncomingRequest, RequestSink, UndecodableRequest } from '../../peer/contract';
import { DxAnswers } from './answers';
import type { LocatorAgentOptions } from './contract';
import { readEnvelope, type Envelope } from './envelope';
import { Forwarder, type Arrived } from './forwarder';

/** Commands that an HSS serves, by code: they are located [29.229-6.1]. */
const locatedCommands: ReadonlyMap<number, string> = new Map([
  [300, 'UAR'],
  [301, 'SAR'],
  [302, 'LIR'],
  [303, 'MAR'],
]);
/** What the HSS asks S-CSCFs: they are relayed. */
const relayedCommands: ReadonlyMap<number, string> = new Map([
  [304, 'RTR'],
  [305, 'PPR'],
]);
/** Who sends them [29.228-6.1] [29.228-6.2] [29.228-6.3]. */
const senders: ReadonlyMap<number, number> = new Map([
  [300, rolesMask(['icscf'])],
  [301, rolesMask(['scscf'])],
  [302, rolesMask(['icscf'])],
  [303, rolesMask(['scscf'])],
  [304, rolesMask(['hss'])],
  [305, rolesMask(['hss'])],
]);
/** Faults that the HSS is to find. */
const judgedByHss: ReadonlySet<string> = new Set([
  'missing_avp',
  'avp_not_allowed',
  'too_many_occurrences',
  'unknown_avp',
  'invalid_avp_value',
  'invalid_avp_length',
]);
/** Failed-AVP where nothing says who a request is about: the AVP with no data [6733-7.5]. */
const missingPublicIdentity = { code: 601, vendorId: VENDOR_3GPP, mandatory: true, data: Buffer.alloc(0) };

const emptyEnvelope: Envelope = {
  sessionId: undefined,
  originHost: undefined,
  originRealm: undefined,
  destinationHost: undefined,
  destinationRealm: undefined,
  publicIdentities: [],
  userName: undefined,
  routeRecords: [],
  proxyInfo: [],
};

interface Asked extends Arrived {
  readonly header: DiameterHeader;
  readonly envelope: Envelope;
  /** Why the codec would refuse it. */
  readonly failure: DecodeFailure | null;
}

const names: ReadonlyMap<number, string> = new Map(
  Object.entries(ResultCode).map(([name, code]) => [code, name]),
);

export class LocatorAgent implements RequestSink {
  readonly #answers: DxAnswers;
  readonly #forwarder: Forwarder;
  readonly #realms: ReadonlySet<string>;
  readonly #checkAuthority: AuthorityCheck;
  readonly #authorityLog: AuthorityLog;
  #inProgress = 0;
  #idle: (() => void)[] = [];

  constructor(private readonly options: LocatorAgentOptions) {
    this.#answers = new DxAnswers(options.node, options.dictionary);
    this.#forwarder = new Forwarder(options);
    this.#checkAuthority = createAuthorityCheck([
      options.node.originHost,
      ...(options.node.alsoOurHosts ?? []),
    ]);
    this.#authorityLog = new AuthorityLog(options.logger, options.clock);
    this.#realms = new Set(
      [options.node.originRealm, ...options.node.servedRealms].map((realm) => realm.toLowerCase()),
    );
  }

  get inProgressCount(): number {
    return this.#inProgress;
  }

  /** Resolves when nothing is in progress any more. */
  whenIdle(): Promise<void> {
    if (this.#inProgress === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#idle.push(resolve);
    });
  }

  onRequest(request: IncomingRequest): void {
    const {
      message: { header, bytes, abbreviation },
      peer,
      receivedAtMs,
    } = request;
    // What was decoded can be followed; if that ever were not so, it names nobody.
    const envelope = readEnvelope(bytes) ?? emptyEnvelope;
    this.#take({
      peer,
      receivedAtMs,
      bytes,
      header,
      envelope,
      failure: null,
      hopByHopId: header.hopByHopId,
      command: abbreviation,
      asker: request,
    });
  }

  /** What it does takes no time of a database's that requests would have to wait for. */
  readonly admission = null;

  onUndecodable(request: UndecodableRequest): void {
    const { failure, peer } = request;
    const { header, bytes } = failure;
    const envelope =
      bytes === null || header === null || !judgedByHss.has(failure.kind) ? null : readEnvelope(bytes);
    const command =
      header === null
        ? undefined
        : (locatedCommands.get(header.commandCode) ?? relayedCommands.get(header.commandCode));
    if (header === null || bytes === null || envelope === null || command === undefined)
      return this.#refuseUndecodable(request);
    this.#take({
      peer,
      receivedAtMs: this.options.clock.monotonicMs(),
      bytes,
      header,
      envelope,
      failure,
      hopByHopId: header.hopByHopId,
      command,
      asker: request,
    });
  }

  #take(asked: Asked): void {
    const { originHost } = this.options.node;
    const presumption = this.#presumption(asked);
    if (presumption !== null) return this.#refuseUnauthorised(asked, presumption);
    // [6733-6.1.3] [6733-6.7.1]
    if (asked.envelope.routeRecords.some((host) => host.toLowerCase() === originHost.toLowerCase())) {
      return this.#refuse(
        asked,
        ResultCode.DIAMETER_LOOP_DETECTED,
        'the request has been here before (Route-Record)',
      );
    }
    if (this.#inProgress >= this.options.settings.maxInProgressCount) {
      return this.#refuse(
        asked,
        ResultCode.DIAMETER_TOO_BUSY,
        `${this.#inProgress} requests are in progress`,
      );
    }
    this.#inProgress += 1;
    void this.#serve(asked)
      .catch((error: unknown) => this.#fail(asked, error))
      .finally(() => {
        this.#inProgress -= 1;
        if (this.#inProgress === 0) for (const wake of this.#idle.splice(0)) wake();
      });
  }

  /** What a redirect or an HSS would tell is told only to who may ask it, in a name of its own. */
  #presumption({ peer, command, header, envelope }: Asked): AuthorityFault | null {
    const roles = senders.get(header.commandCode);
    if (roles === undefined) return null;
    return this.#checkAuthority(peer, envelope.originHost ?? '', envelope.originRealm ?? '', command, roles);
  }

  #refuseUnauthorised(asked: Asked, fault: AuthorityFault): void {
    const { peer, command, header, envelope } = asked;
    const { originHost, sessionId } = envelope;
    this.#authorityLog.refused({ peer, command, originHost, sessionId }, fault);
    this.options.answers.unauthorised(fault.reason);
    const bytes = this.#answers.plain(header, envelope, fault.resultCode, fault.message, []);
    this.#answer(asked, bytes, names.get(fault.resultCode) ?? String(fault.resultCode));
  }

  async #serve(asked: Asked): Promise<void> {
    const { node, settings } = this.options;
    const { envelope, header } = asked;
    const { destinationHost, destinationRealm } = envelope;
    if (!locatedCommands.has(header.commandCode) && !relayedCommands.has(header.commandCode)) {
      return this.#refuse(
        asked,
        ResultCode.DIAMETER_COMMAND_UNSUPPORTED,
        `${asked.command} is no command of Cx`,
      );
    }
    const named =
      destinationHost !== undefined && destinationHost.toLowerCase() !== node.originHost.toLowerCase()
        ? destinationHost
        : null;
    if (settings.mode === 'proxy' && named !== null) return this.#pass(asked, [named], false);
    if (!locatedCommands.has(header.commandCode)) {
      return this.#refuse(
        asked,
        ResultCode.DIAMETER_UNABLE_TO_DELIVER,
        named === null
          ? `${asked.command} names no S-CSCF to go to`
          : 'this node redirects Cx requests; it relays none',
      );
    }
    if (destinationRealm !== undefined && !this.#realms.has(destinationRealm.toLowerCase())) {
      return this.#refuse(
        asked,
        ResultCode.DIAMETER_REALM_NOT_SERVED,
        `Destination-Realm ${destinationRealm} is not served here`,
      );
    }
    const given = [
      ...envelope.publicIdentities,
      ...(envelope.userName === undefined ? [] : [envelope.userName]),
    ];
    if (given.length === 0) return this.#refuseNameless(asked);
    const entry = await this.#locate(given);
    if (entry === null) return this.#unknown(asked, given);
    if (settings.mode === 'proxy' && header.proxiable)
      return this.#pass(asked, entry.hosts.map(identityOfHost), true);
    this.options.logger.debug(
      { peer: asked.peer.originHost, command: asked.command, kind: entry.kind, hosts: entry.hosts },
      `${asked.command} redirected to ${entry.hosts.join(', ')}`,
    );
    this.#answer(
      asked,
      this.#answers.redirect(header, envelope, entry, settings),
      'DIAMETER_REDIRECT_INDICATION',
    );
  }

  async #locate(given: readonly string[]): Promise<LocatorEntry | null> {
    const { locator, events } = this.options;
    const identities = given.flatMap((text) => {
      const canonical = canonicalIdentity(text);
      return canonical.ok ? [canonical.value] : [];
    });
    try {
      const entry = identities.length === 0 ? null : await locator.resolve(identities);
      events.lookup(entry?.kind ?? 'unknown');
      return entry;
    } catch (error) {
      events.lookup('failed');
      throw error;
    }
  }

  async #pass(asked: Asked, hosts: readonly string[], chosen: boolean): Promise<void> {
    // [6733-3] Without the P bit a request is served where it is.
    if (!asked.header.proxiable)
      return this.#refuse(
        asked,
        ResultCode.DIAMETER_UNABLE_TO_DELIVER,
        'the request may not be proxied (P bit)',
      );
    const result = await this.#forwarder.forward(asked, asked.envelope, hosts, chosen);
    if (result.kind === 'local') return this.options.events.forwarded('answered');
    if (result.kind === 'undeliverable') {
      this.options.events.forwarded('undeliverable');
      return this.#refuse(asked, ResultCode.DIAMETER_UNABLE_TO_DELIVER, result.reason);
    }
    const passed = this.#answer(asked, result.bytes, result.result);
    this.options.events.forwarded(passed ? 'answered' : 'requesterGone');
    if (!passed) {
      this.options.logger.info(
        {
          peer: asked.peer.originHost,
          host: result.from,
          command: asked.command,
          sessionId: asked.envelope.sessionId,
        },
        `the answer of ${result.from} to a ${asked.command} is dropped: ${asked.peer.originHost} is gone`,
      );
    }
  }

  #unknown(asked: Asked, given: readonly string[]): void {
    const { settings, logger } = this.options;
    const [identity] = given;
    if (settings.unknownIdentity === 'unableToDeliver')
      return this.#refuse(
        asked,
        ResultCode.DIAMETER_UNABLE_TO_DELIVER,
        'no HSS is known for this identity',
        identity,
      );
    logger.info(
      {
        peer: asked.peer.originHost,
        command: asked.command,
        sessionId: asked.envelope.sessionId,
        publicIdentity: identity,
      },
      `${asked.command} refused with DIAMETER_ERROR_USER_UNKNOWN: no HSS is known for this identity (TS 29.228 6.4)`,
    );
    this.#answer(
      asked,
      this.#answers.userUnknown(asked.header, asked.envelope),
      'DIAMETER_ERROR_USER_UNKNOWN',
    );
  }

  /** The codec's own answer where it found that, too. */
  #refuseNameless(asked: Asked): void {
    const { node, dictionary } = this.options;
    const bytes =
      asked.failure === null
        ? null
        : failureAnswer(asked.failure, node, dictionary, this.#answers.applicationAvps);
    if (bytes === null)
      return this.#refuse(
        asked,
        ResultCode.DIAMETER_MISSING_AVP,
        'neither Public-Identity nor User-Name says who it is about',
      );
    this.#answer(asked, bytes, names.get(asked.failure?.resultCode ?? 0) ?? 'other');
  }

  #refuse(asked: Asked, resultCode: ResultCode, reason: string, publicIdentity?: string): void {
    const { header, envelope, peer, command } = asked;
    const result = names.get(resultCode) ?? String(resultCode);
    this.options.logger.info(
      { peer: peer.originHost, command, sessionId: envelope.sessionId, result, publicIdentity },
      `${command} refused with ${result}: ${reason}`,
    );
    const failed = resultCode === ResultCode.DIAMETER_MISSING_AVP ? [missingPublicIdentity] : [];
    this.#answer(asked, this.#answers.plain(header, envelope, resultCode, reason, failed), result);
  }

  #refuseUndecodable(request: UndecodableRequest): void {
    const { failure, peer } = request;
    const { node, dictionary, logger, answers } = this.options;
    logger.info(
      { peer: peer.originHost, sessionId: failure.sessionId, result: failure.resultCode, kind: failure.kind },
      `request refused: ${failure.message}`,
    );
    const bytes = failureAnswer(
      failure,
      node,
      dictionary,
      isProtocolError(failure.resultCode) ? undefined : this.#answers.applicationAvps,
    );
    if (bytes === null) return;
    request.answer(bytes);
    answers.answered(
      'unknown',
      names.get(failure.resultCode) ?? String(failure.resultCode),
      peer.originHost,
      0,
      0,
      0,
    );
  }

  /** [29.228-6.1.1.1] "e.g. due to database error"; the cause goes to the log only. */
  #fail(asked: Asked, error: unknown): void {
    const { logger } = this.options;
    const fields = {
      peer: asked.peer.originHost,
      command: asked.command,
      sessionId: asked.envelope.sessionId,
    };
    if (error instanceof StoreUnavailableError)
      logger.warn({ ...fields, reason: error.message }, `${asked.command} not located: ${error.message}`);
    else logger.error({ ...fields, err: error }, `${asked.command} not located: internal error`);
    this.#answer(
      asked,
      this.#answers.plain(
        asked.header,
        asked.envelope,
        ResultCode.DIAMETER_UNABLE_TO_COMPLY,
        'the locator cannot be asked now',
      ),
      'DIAMETER_UNABLE_TO_COMPLY',
    );
  }

  #answer(asked: Asked, bytes: Buffer, result: string): boolean {
    const sent = asked.asker.answer(bytes);
    const { clock, answers } = this.options;
    answers.answered(
      asked.command,
      result,
      asked.peer.originHost,
      0,
      0,
      clock.monotonicMs() - asked.receivedAtMs,
    );
    return sent;
  }
}
