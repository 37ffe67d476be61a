/**
 * One association behind a socket of node:net: how messages leave and what the kernel tells of it. RFC 6733
 * clause 2.1.1.
 *
 * Reading is node:net's: one read gives one user message, or the next piece of one that is longer than its
 * buffer, or a notification. Sending is ours, because node:net would join messages and knows no streams: each
 * message is one sendmsg() on the next stream, so that a lost packet holds up only the messages of its own
 * stream. When the kernel has no room, node:net waits: it gets the one message that found none, and the rest
 * follows when that has left.
 *
 * Until the other side has shown that it is open, stream 0 carries all, so that nothing overtakes the CEA.
 * [6733-2.1.1]
 */
import type { Socket } from 'node:net';
import type { Endpoint, PathReport, PathState } from '../port';
import type { PathEvent } from '../sctp-options';
import type { Channel } from '../channel';
import { ADDRESS_LIST_OCTETS, getOption, KernelError } from './kernel-calls';
import type { MessageReader, MessageSender } from './messages';
import { decodeNotification } from './notifications';
import {
  ASSOCIATION_STATISTICS_OCTETS,
  decodeAddressList,
  decodePathInfo,
  decodeRetransmissions,
  decodeStatus,
  encodePathQuestion,
  STATUS_OCTETS,
} from './structs';

export interface AssociationEvents {
  /** The peer began anew without ending the old association: what it knew is gone. [RFC 9260 5.2] */
  restarted(): void;
  pathChanged(event: PathEvent): void;
  /**
   * The kernel's buffer is smaller than this message, which is dropped: its request will count as unanswered,
   * the others go on.
   */
  tooLong(octets: number): void;
}

export class AssociationChannel implements Channel {
  readonly local: Endpoint;
  readonly remote: Endpoint;
  endNote: string | null = null;
  private outboundStreamsCount: number;
  private nextStream = 0;
  /** Records that are still to come before streams other than 0 are used. */
  private quietRecords: number;
  private waiting: Buffer[] = [];
  private waitingHead = 0;
  private waitingOctets = 0;
  private blocked = false;
  private dropped = false;
  private written: () => void = () => undefined;
  private flushed: (() => void) | null = null;
  private readonly streamOf = (): number => this.stream();

  /**
   * @param accepted whether the other side connected: it sends a CER and proves with its next message that it
   * has our CEA.
   * @throws KernelError where the association is gone already.
   */
  constructor(
    private readonly socket: Socket,
    private readonly fd: number,
    private readonly sender: MessageSender,
    private readonly reader: MessageReader,
    accepted: boolean,
    private readonly events: AssociationEvents,
  ) {
    this.outboundStreamsCount = decodeStatus(
      getOption(fd, 'STATUS', Buffer.alloc(STATUS_OCTETS)),
    ).outboundStreamsCount;
    this.local = this.addresses('GET_LOCAL_ADDRS');
    this.remote = this.addresses('GET_PEER_ADDRS');
    this.quietRecords = accepted ? 2 : 1;
  }

  get queuedOctets(): number {
    return this.waitingOctets;
  }

  write(messages: readonly Buffer[], _octets: number, written: () => void): void {
    this.written = written;
    for (const message of messages) {
      this.waiting.push(message);
      this.waitingOctets += message.length;
    }
    this.flush();
  }

  drop(): void {
    this.dropped = true;
    this.waiting = [];
    this.waitingHead = 0;
    this.waitingOctets = 0;
  }

  /** An ABORT. */
  reset(): void {
    this.socket.resetAndDestroy();
  }

  whenFlushed(then: () => void): void {
    if (this.waitingOctets === 0 && !this.blocked) then();
    else this.flushed = then;
  }

  intercepts(chunk: Buffer): 'data' | 'news' | 'ended' {
    const news = decodeNotification(chunk);
    if (news === null) {
      if (this.quietRecords > 0) this.quietRecords -= 1;
      return 'data';
    }
    switch (news.kind) {
      case 'lost':
        this.endNote = news.detail;
        break;
      case 'refused':
        this.endNote = news.detail;
        break;
      case 'restarted':
        this.events.restarted();
        break;
      case 'path':
        this.events.pathChanged({
          remote: this.remote.addresses[0] ?? '',
          address: news.address,
          change: news.change,
        });
        break;
      // Where we began it, nothing else tells that the other side has agreed: there is no end of the stream
      // to read.
      case 'shutdown':
        return 'ended';
      case 'up':
      case 'other':
        break;
    }
    return 'news';
  }

  /**
   * node:net goes once around the event loop for each record; what else has come by now is taken with one
   * call.
   */
  readMore(): void {
    // A destroyed socket's descriptor may be somebody else's by now.
    if (this.socket.destroyed || this.socket.isPaused()) return;
    try {
      // Through the socket, which keeps what comes after somebody paused it, and gives it to whoever reads
      // from it after a restart.
      this.reader.read(this.fd, (record) => this.socket.push(record));
    } catch (error) {
      this.socket.destroy(error instanceof Error ? error : new Error(String(error)));
    }
  }

  paths(): PathReport | null {
    if (this.socket.destroyed) return null;
    try {
      const retransmissionsCount = decodeRetransmissions(
        getOption(this.fd, 'GET_ASSOC_STATS', Buffer.alloc(ASSOCIATION_STATISTICS_OCTETS)),
      );
      const paths = this.addresses('GET_PEER_ADDRS').addresses.map((address) => this.path(address));
      return { paths, retransmissionsCount };
    } catch (error) {
      // The association ended since: its connection will say so.
      if (error instanceof KernelError) return null;
      throw error;
    }
  }

  private path(address: string): PathState {
    return decodePathInfo(
      getOption(this.fd, 'GET_PEER_ADDR_INFO', encodePathQuestion(address, this.remote.port)),
      address,
    );
  }

  private addresses(option: 'GET_LOCAL_ADDRS' | 'GET_PEER_ADDRS'): Endpoint {
    const found = decodeAddressList(getOption(this.fd, option, Buffer.alloc(ADDRESS_LIST_OCTETS)));
    return { addresses: found.map(({ address }) => address), port: found[0]?.port ?? 0 };
  }

  private stream(): number {
    if (this.quietRecords > 0 || this.outboundStreamsCount < 2) return 0;
    this.nextStream = (this.nextStream + 1) % this.outboundStreamsCount;
    return this.nextStream;
  }

  private flush(): void {
    // A destroyed socket's descriptor may be somebody else's by now.
    while (
      !this.blocked &&
      !this.dropped &&
      !this.socket.destroyed &&
      this.waitingHead < this.waiting.length
    ) {
      const message = this.waiting[this.waitingHead];
      if (message === undefined) return;
      try {
        const taken = this.sender.send(this.fd, this.waiting, this.waitingHead, this.streamOf);
        if (taken === 0) return this.waitFor(message);
        for (let n = 0; n < taken; n += 1) this.taken();
      } catch (error) {
        if (error instanceof KernelError && error.code === 'EMSGSIZE') {
          this.events.tooLong(message.length);
          this.taken();
          continue;
        }
        // The association is gone; the reads may have their own word on it.
        this.socket.destroy(error instanceof Error ? error : new Error(String(error)));
        return;
      }
    }
    if (this.blocked || this.dropped || this.socket.destroyed) return;
    this.waiting = [];
    this.waitingHead = 0;
    const then = this.flushed;
    this.flushed = null;
    then?.();
  }

  private taken(): void {
    this.waitingOctets -= this.waiting[this.waitingHead]?.length ?? 0;
    this.waitingHead += 1;
  }

  private waitFor(message: Buffer): void {
    this.blocked = true;
    this.taken();
    // What has left already must not be kept by the array until everything has.
    if (this.waitingHead > 256) {
      this.waiting = this.waiting.slice(this.waitingHead);
      this.waitingHead = 0;
    }
    this.socket.write(message, () => {
      this.blocked = false;
      if (this.dropped) return;
      this.flush();
      this.written();
    });
  }
}
