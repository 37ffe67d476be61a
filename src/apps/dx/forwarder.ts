/**
 * Sends a request on to the HSS that holds the subscriber, or to the node that it names, and its answer back
 * [29.229-5.5] [6733-6.1.9] [6733-6.2]: the answer gets the hop-by-hop identifier that the request came with
 * and is not changed otherwise.
 *
 * The HSSs are tried in their order: one that is not connected, does not answer in time, is lost meanwhile,
 * or says that it is too busy or cannot deliver is left for the next [29.228-6.4]. A request that may have
 * reached one of them goes to the next with the T bit [6733-5.5.4]. Never to where it came from or has been
 * [6733-6.1.3].
 */
import { setHopByHopId, setRetransmitted } from '../../diameter/codec/header';
import { baseResultName, experimentalResultName, resultNamesOf } from '../../diameter/dispatch/result-names';
import { ResultCode, type ExperimentalResult } from '../../diameter/generated/base';
import type { Answerable, PeerIdentity, SendOutcome } from '../../diameter/peer/contract';
import { ExperimentalResultCode } from '../cx/generated/cx';
import type { LocatorAgentOptions } from './contract';
import { forwardedRequest, type Envelope } from './envelope';

export interface Arrived {
  readonly peer: PeerIdentity;
  readonly receivedAtMs: number;
  readonly bytes: Buffer;
  readonly hopByHopId: number;
  /** E.g. UAR. */
  readonly command: string;
  /** What its answer goes to. */
  readonly asker: Answerable;
}

export type ForwardResult =
  /** The request was handed to the HSS in this process, which answers it. */
  | { readonly kind: 'local' }
  | { readonly kind: 'answer'; readonly bytes: Buffer; readonly from: string; readonly result: string }
  | { readonly kind: 'undeliverable'; readonly reason: string };

/** The locator sends on requests of Cx. */
const resultNames = resultNamesOf(ExperimentalResultCode);

const elsewhere: ReadonlySet<number> = new Set([
  ResultCode.DIAMETER_UNABLE_TO_DELIVER,
  ResultCode.DIAMETER_TOO_BUSY,
]);

/** An answer with the E bit that asks to try another server [6733-7.1.3]. */
function asksForAnother(outcome: SendOutcome): boolean {
  if (outcome.kind !== 'answer' || !outcome.message.header.error) return false;
  return elsewhere.has((outcome.message.avps as { readonly resultCode?: number }).resultCode ?? 0);
}

/** For the metrics: the name of what the HSS says. */
function resultOf(outcome: SendOutcome): string {
  if (outcome.kind !== 'answer') return 'undecodable';
  const { resultCode, experimentalResult } = outcome.message.avps as {
    readonly resultCode?: ResultCode;
    readonly experimentalResult?: ExperimentalResult;
  };
  if (resultCode !== undefined) return baseResultName(resultCode);
  return experimentalResult === undefined
    ? 'none'
    : experimentalResultName(experimentalResult.experimentalResultCode, resultNames);
}

function whyNot(outcome: SendOutcome): string {
  if (outcome.kind === 'tooLong')
    return `the request is longer than the ${outcome.maxOctets} octets it takes`;
  return outcome.kind === 'unroutable' ? outcome.detail : 'its answer cannot be read';
}

function octetsOf(outcome: SendOutcome): Buffer | null {
  if (outcome.kind === 'answer') return outcome.message.bytes;
  return outcome.kind === 'undecodable' ? outcome.failure.bytes : null;
}

export class Forwarder {
  constructor(private readonly options: LocatorAgentOptions) {}

  /** To the first of these Diameter identities that takes it; `chosen`: the destination is ours to set. */
  async forward(
    arrived: Arrived,
    envelope: Envelope,
    hosts: readonly string[],
    chosen: boolean,
  ): Promise<ForwardResult> {
    const { hops, localHss, settings, events, logger } = this.options;
    const visited = new Set(
      [arrived.peer.originHost, ...envelope.routeRecords].map((host) => host.toLowerCase()),
    );
    let mayDuplicate = false;
    let last: Extract<ForwardResult, { kind: 'answer' }> | null = null;
    const reasons: string[] = [];
    for (const host of hosts) {
      const isLocal = localHss !== null && localHss.originHost.toLowerCase() === host.toLowerCase();
      const next = isLocal ? localHss : hops.openPeer(host);
      if (visited.has(host.toLowerCase()) || next === null) {
        reasons.push(`${host} ${next === null ? 'is not connected' : 'had the request before'}`);
        continue;
      }
      const request = forwardedRequest(arrived.bytes, {
        routeRecord: arrived.peer.originHost,
        ...(chosen ? { destination: { host: next.originHost, realm: next.originRealm } } : {}),
      });
      if (request === null) return { kind: 'undeliverable', reason: 'the request is too long to be sent on' };
      if (mayDuplicate) setRetransmitted(request);
      if (isLocal) return this.handOver(arrived, request, localHss);
      if (last !== null || mayDuplicate) events.locatorForwarded('failedOver');
      const outcome = await hops.send(request, host, null, settings.answerTimeoutMs);
      const octets = octetsOf(outcome);
      if (octets !== null) {
        const bytes = Buffer.from(octets);
        setHopByHopId(bytes, arrived.hopByHopId);
        last = { kind: 'answer', bytes, from: host, result: resultOf(outcome) };
        if (!asksForAnother(outcome)) return last;
        reasons.push(`${host} cannot serve it now`);
      } else {
        if (outcome.kind !== 'tooLong') mayDuplicate = true;
        reasons.push(
          outcome.kind === 'timeout'
            ? `${host} did not answer within ${settings.answerTimeoutMs} ms`
            : `${host}: ${whyNot(outcome)}`,
        );
      }
      logger.warn(
        { peer: arrived.peer.originHost, host, command: arrived.command, sessionId: envelope.sessionId },
        `${arrived.command} is not served by ${reasons.at(-1) ?? host}`,
      );
    }
    return last ?? { kind: 'undeliverable', reason: reasons.join('; ') };
  }

  private handOver(
    arrived: Arrived,
    bytes: Buffer,
    { sink }: NonNullable<LocatorAgentOptions['localHss']>,
  ): ForwardResult {
    const { peer, receivedAtMs, asker } = arrived;
    const answerable: Answerable = {
      maxAnswerOctets: asker.maxAnswerOctets,
      answer: (octets) => asker.answer(octets),
      answerTooLong: (octets) => asker.answerTooLong(octets),
    };
    const result = this.options.decode(bytes);
    if (result.ok) sink.onRequest({ ...answerable, peer, receivedAtMs, message: result.message });
    else sink.onUndecodable({ ...answerable, peer, failure: result.failure });
    return { kind: 'local' };
  }
}
