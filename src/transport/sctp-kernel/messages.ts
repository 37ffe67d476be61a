/**
 * User messages in and out, several with one system call (sendmmsg, recvmmsg), each on a stream of its own
 * (SCTP_SNDINFO, RFC 6458 5.3.4). The structures are laid out once, around memory whose addresses are known;
 * what changes from call to call is lengths, streams and octets. One of each for the process: a call is over
 * when it returns.
 */
import { constants } from 'node:os';
import { lastError, libc } from './kernel-calls';
import { getU32, PROTOCOL, putU16, putU32, putU64 } from './structs';

const MSG_DONTWAIT = 0x40;
const MSG_NOSIGNAL = 0x4000;
const MSG_MORE = 0x8000;
const SCTP_SNDINFO = 2;

/** Messages of one call, and the longest of them; a longer one is sent by itself, and read piece by piece. */
export const BATCH_MESSAGES = 64;
const SLOT_OCTETS = 4_096;

/** struct mmsghdr: struct msghdr and what came of it. */
const HEADER_OCTETS = 64;
const VECTOR_OCTETS = 16;
const CONTROL_OCTETS = 32;
const MESSAGE_OCTETS_AT = 56;

/** struct mmsghdr for each slot of `data`, with its own iovec. */
function layOut(
  data: Buffer,
  slotOctets: number,
  count: number,
): { readonly headers: Buffer; readonly vectors: Buffer } {
  const { address } = libc();
  const [headers, vectors] = [Buffer.alloc(HEADER_OCTETS * count), Buffer.alloc(VECTOR_OCTETS * count)];
  const [vectorsAddress, dataAddress] = [address(vectors), address(data)];
  for (let slot = 0; slot < count; slot += 1) {
    putU64(vectors, dataAddress + BigInt(slot * slotOctets), slot * VECTOR_OCTETS);
    putU64(vectors, BigInt(slotOctets), slot * VECTOR_OCTETS + 8);
    putU64(headers, vectorsAddress + BigInt(slot * VECTOR_OCTETS), slot * HEADER_OCTETS + 16);
    putU64(headers, 1n, slot * HEADER_OCTETS + 24);
  }
  return { headers, vectors };
}

export class MessageSender {
  private readonly data = Buffer.alloc(SLOT_OCTETS * BATCH_MESSAGES);
  private readonly headers: Buffer;
  private readonly vectors: Buffer;
  private readonly control = Buffer.alloc(CONTROL_OCTETS * BATCH_MESSAGES);
  /** For one that is longer than a slot. */
  private long: Buffer = Buffer.alloc(65_536);
  private readonly longHeader: Buffer;
  private readonly longVector: Buffer;

  constructor(ppid: number) {
    const { address } = libc();
    const controlAddress = address(this.control);
    ({ headers: this.headers, vectors: this.vectors } = layOut(this.data, SLOT_OCTETS, BATCH_MESSAGES));
    ({ headers: this.longHeader, vectors: this.longVector } = layOut(this.long, 0, 1));
    for (let slot = 0; slot < BATCH_MESSAGES; slot += 1) {
      const at = slot * CONTROL_OCTETS;
      putU64(this.headers, controlAddress + BigInt(at), slot * HEADER_OCTETS + 32);
      putU64(this.headers, BigInt(CONTROL_OCTETS), slot * HEADER_OCTETS + 40);
      // struct cmsghdr and struct sctp_sndinfo.
      putU64(this.control, BigInt(CONTROL_OCTETS), at);
      putU32(this.control, PROTOCOL.sctp, at + 8);
      putU32(this.control, SCTP_SNDINFO, at + 12);
      this.control.writeUInt32BE(ppid, at + 20);
    }
    putU64(this.longHeader, controlAddress, 32);
    putU64(this.longHeader, BigInt(CONTROL_OCTETS), 40);
  }

  /**
   * Messages from the index `first` on, each as one user message on the stream that `streamOf` gives. Answers
   * how many the kernel took; 0 when it has no room for the next one. Less than all does not mean that it has
   * none.
   * @throws KernelError where the next one cannot be sent at all
   */
  send(fd: number, messages: readonly Buffer[], first: number, streamOf: () => number): number {
    // The last one says that nothing follows, so that packets are not held back any longer: its flags are
    // other ones.
    const left = messages.length - first;
    let count = 0;
    for (const most = Math.min(Math.max(left - 1, 1), BATCH_MESSAGES); count < most; count += 1) {
      const message = messages[first + count];
      if (message === undefined || message.length > SLOT_OCTETS) break;
      message.copy(this.data, count * SLOT_OCTETS);
      putU32(this.vectors, message.length, count * VECTOR_OCTETS + 8);
      putU16(this.control, streamOf(), count * CONTROL_OCTETS + 16);
    }
    const flags = MSG_DONTWAIT | MSG_NOSIGNAL | (left > 1 ? MSG_MORE : 0);
    const message = messages[first];
    if (count === 0) return message === undefined ? 0 : this.sendLong(fd, message, streamOf(), flags);
    const taken =
      count === 1
        ? Math.min(Number(libc().sendmsg(fd, this.headers, flags)), 1)
        : libc().sendmmsg(fd, this.headers, count, flags);
    return taken > 0 ? taken : this.failed('sendmsg');
  }

  private sendLong(fd: number, message: Buffer, stream: number, flags: number): number {
    if (message.length > this.long.length) this.long = Buffer.alloc(message.length * 2);
    message.copy(this.long);
    putU64(this.longVector, libc().address(this.long), 0);
    putU32(this.longVector, message.length, 8);
    putU16(this.control, stream, 16);
    return Number(libc().sendmsg(fd, this.longHeader, flags)) >= 0 ? 1 : this.failed('sendmsg');
  }

  private failed(call: string): 0 {
    if (libc().errno() === constants.errno.EAGAIN) return 0;
    throw lastError(call);
  }
}

/** What waits to be read, beyond the one record for which node:net makes a round of the event loop each. */
export class MessageReader {
  private readonly data = Buffer.alloc(SLOT_OCTETS * BATCH_MESSAGES);
  /**
   * Both are kept: the kernel finds the one through addresses in the other, of which the garbage collector
   * knows nothing.
   */
  private readonly layout = layOut(this.data, SLOT_OCTETS, BATCH_MESSAGES);
  private reading = false;

  /**
   * Takes up to 64 records, or pieces of long ones, in their order; none where `take` itself has led here.
   * The end of the stream is left for node:net to find.
   * @throws KernelError where the association is gone
   */
  read(fd: number, take: (record: Buffer) => void): void {
    if (this.reading) return;
    this.reading = true;
    try {
      const { headers } = this.layout;
      const count = libc().recvmmsg(fd, headers, BATCH_MESSAGES, MSG_DONTWAIT, null);
      if (count < 0 && libc().errno() !== constants.errno.EAGAIN) throw lastError('recvmmsg');
      for (let slot = 0; slot < count; slot += 1) {
        const octets = getU32(headers, slot * HEADER_OCTETS + MESSAGE_OCTETS_AT);
        if (octets === 0) return;
        take(Buffer.from(this.data.subarray(slot * SLOT_OCTETS, slot * SLOT_OCTETS + octets)));
      }
    } finally {
      this.reading = false;
    }
  }
}
