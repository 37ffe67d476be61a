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
import { canonicalIdentity, identityOfHost, type LocatorEntry } from './locator/entry';
import {
  createAuthorityCheck,
  type AuthorityCheck,
  type AuthorityFault,
} from '../../diameter/dispatch/authority';
import { AuthorityLog } from '../../diameter/dispatch/authority-log';
import { ResultCode } from '../../diameter/generated/base';
import { rolesMask } from '../../shared/peer-roles';
import type { IncomingRequest, RequestSink, UndecodableRequest } from '../../diameter/peer/contract';
import type { LocatorAgentOptions } from './contract';
import { readEnvelope, type Envelope } from './envelope';
import { Forwarder } from './forwarder';
import { LocatorReplies, type Asked } from './replies';

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
/** Faults that the HSS is to find. */
const judgedByHss: ReadonlySet<string> = new Set([
  'missing_avp',
  'avp_not_allowed',
  'too_many_occurrences',
  'unknown_avp',
  'invalid_avp_value',
  'invalid_avp_length',
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
/** Of a peer that is not configured. */
const usualPeerRoles = ['icscf', 'scscf'];
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

export class LocatorAgent implements RequestSink {
  readonly #replies: LocatorReplies;
  readonly #forwarder: Forwarder;
  readonly #realms: ReadonlySet<string>;
  readonly #checkAuthority: AuthorityCheck;
  readonly #authorityLog: AuthorityLog;
  #inProgress = 0;
  #idle: (() => void)[] = [];

  constructor(private readonly options: LocatorAgentOptions) {
    this.#replies = new LocatorReplies(options);
    this.#forwarder = new Forwarder(options);
    this.#checkAuthority = createAuthorityCheck(
      [options.node.originHost, ...(options.node.alsoOurHosts ?? [])],
      usualPeerRoles,
    );
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
      return this.#replies.refuseUndecodable(request);
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
      return this.#replies.refuse(
        asked,
        ResultCode.DIAMETER_LOOP_DETECTED,
        'the request has been here before (Route-Record)',
      );
    }
    if (this.#inProgress >= this.options.settings.maxInProgressCount) {
      return this.#replies.refuse(
        asked,
        ResultCode.DIAMETER_TOO_BUSY,
        `${this.#inProgress} requests are in progress`,
      );
    }
    this.#inProgress += 1;
    void this.#serve(asked)
      .catch((error: unknown) => this.#replies.fail(asked, error))
      .finally(() => {
        this.#inProgress -= 1;
        if (this.#inProgress === 0) for (const wake of this.#idle.splice(0)) wake();
      });
  }

  async #serve(asked: Asked): Promise<void> {
    const { node, settings } = this.options;
    const { envelope, header } = asked;
    const { destinationHost, destinationRealm } = envelope;
    if (!locatedCommands.has(header.commandCode) && !relayedCommands.has(header.commandCode)) {
      return this.#replies.refuse(
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
      return this.#replies.refuse(
        asked,
        ResultCode.DIAMETER_UNABLE_TO_DELIVER,
        named === null
          ? `${asked.command} names no S-CSCF to go to`
          : 'this node redirects Cx requests; it relays none',
      );
    }
    if (destinationRealm !== undefined && !this.#realms.has(destinationRealm.toLowerCase())) {
      return this.#replies.refuse(
        asked,
        ResultCode.DIAMETER_REALM_NOT_SERVED,
        `Destination-Realm ${destinationRealm} is not served here`,
      );
    }
    const given = [
      ...envelope.publicIdentities,
      ...(envelope.userName === undefined ? [] : [envelope.userName]),
    ];
    if (given.length === 0) return this.#replies.refuseNameless(asked);
    const entry = await this.#locate(given);
    if (entry === null) return this.#replies.unknown(asked, given);
    if (settings.mode === 'proxy' && header.proxiable)
      return this.#pass(asked, entry.hosts.map(identityOfHost), true);
    this.#replies.redirect(asked, entry);
  }

  async #locate(given: readonly string[]): Promise<LocatorEntry | null> {
    const { locator, events } = this.options;
    const identities = given.flatMap((text) => {
      const canonical = canonicalIdentity(text);
      return canonical.ok ? [canonical.value] : [];
    });
    try {
      const entry = identities.length === 0 ? null : await locator.resolve(identities);
      events.locatorSearched(entry?.kind ?? 'unknown');
      return entry;
    } catch (error) {
      events.locatorSearched('failed');
      throw error;
    }
  }

  async #pass(asked: Asked, hosts: readonly string[], chosen: boolean): Promise<void> {
    // [6733-3] Without the P bit a request is served where it is.
    if (!asked.header.proxiable)
      return this.#replies.refuse(
        asked,
        ResultCode.DIAMETER_UNABLE_TO_DELIVER,
        'the request may not be proxied (P bit)',
      );
    const result = await this.#forwarder.forward(asked, asked.envelope, hosts, chosen);
    if (result.kind === 'local') return this.options.events.locatorForwarded('answered');
    if (result.kind === 'undeliverable') {
      this.options.events.locatorForwarded('undeliverable');
      return this.#replies.refuse(asked, ResultCode.DIAMETER_UNABLE_TO_DELIVER, result.reason);
    }
    const passed = this.#replies.send(asked, result.bytes, result.result);
    this.options.events.locatorForwarded(passed ? 'answered' : 'requesterGone');
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

  /** What a redirect or an HSS would tell is told only to who may ask it, in a name of its own. */
  #presumption({ peer, command, header, envelope }: Asked): AuthorityFault | null {
    const roles = senders.get(header.commandCode);
    if (roles === undefined) return null;
    return this.#checkAuthority(peer, envelope.originHost ?? '', envelope.originRealm ?? '', command, roles);
  }

  #refuseUnauthorised(asked: Asked, fault: AuthorityFault): void {
    const { peer, command, envelope } = asked;
    const { originHost, sessionId } = envelope;
    this.#authorityLog.refused({ peer, command, originHost, sessionId }, fault);
    this.options.events.requestUnauthorised(fault.reason);
    this.#replies.unauthorised(asked, fault.resultCode, fault.message);
  }
}
