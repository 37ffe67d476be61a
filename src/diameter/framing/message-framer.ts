/**
 * Cuts a byte stream into whole Diameter messages by the Message Length of their headers [6733-3]. Octets are
 * copied at most once, into a buffer of the message's own size, so many small chunks cost no more than one
 * large one; no more than one message is ever held. After a fault the stream cannot be followed any further
 * [6733-7.1.5].
 */
import { DIAMETER_VERSION, HEADER_OCTETS } from '../codec/header';
import type { FramingFault } from '../../transport/port';

const UNSUPPORTED_VERSION = 5011;
const INVALID_MESSAGE_LENGTH = 5015;
/** Version and Message Length: what must be read before anything else is known. */
const PREFIX_OCTETS = 4;

export class MessageFramer {
  readonly #maxMessageOctets: number;
  /** The octets of a message whose length is not known yet. */
  readonly #prefix = Buffer.alloc(PREFIX_OCTETS);
  #prefixOctets = 0;
  /** A message of which a part has come. */
  #message: Buffer | null = null;
  #messageOctets = 0;
  #fault: FramingFault | null = null;

  /** `maxMessageOctets`: a longer message is a fault. */
  constructor(maxMessageOctets: number) {
    this.#maxMessageOctets = maxMessageOctets;
  }

  /** Octets held of a message that is not whole yet. */
  get bufferedOctets(): number {
    return this.#message === null ? this.#prefixOctets : this.#messageOctets;
  }

  /**
   * Takes the next octets and calls `onMessage` for each message that they complete; the messages are the
   * receiver's own. Returns the fault from which on the stream is lost, and the same one ever after; messages
   * before it are delivered.
   */
  push(chunk: Buffer, onMessage: (message: Buffer) => void): FramingFault | null {
    if (this.#fault !== null) return this.#fault;
    let offset = 0;
    while (offset < chunk.length) {
      if (this.#message !== null) {
        offset = this.#continue(this.#message, chunk, offset, onMessage);
        continue;
      }
      const available = chunk.length - offset;
      if (this.#prefixOctets === 0 && available >= HEADER_OCTETS) {
        const length = chunk.readUIntBE(offset + 1, 3);
        if (!this.#isValid(chunk[offset] ?? 0, length))
          return this.#fail(chunk.subarray(offset, offset + HEADER_OCTETS));
        if (length <= available) {
          onMessage(Buffer.from(chunk.subarray(offset, offset + length)));
          offset += length;
          continue;
        }
      }
      offset = this.#readPrefix(chunk, offset);
      if (this.#fault !== null) return this.#fault;
    }
    return null;
  }

  #continue(message: Buffer, chunk: Buffer, offset: number, onMessage: (message: Buffer) => void): number {
    const copied = chunk.copy(message, this.#messageOctets, offset);
    this.#messageOctets += copied;
    if (this.#messageOctets === message.length) {
      this.#message = null;
      this.#messageOctets = 0;
      onMessage(message);
    }
    return offset + copied;
  }

  /** Gathers the first octets; once they tell the length, the message gets its buffer. */
  #readPrefix(chunk: Buffer, offset: number): number {
    const start = this.#prefixOctets;
    const copied = chunk.copy(
      this.#prefix,
      start,
      offset,
      Math.min(chunk.length, offset + PREFIX_OCTETS - start),
    );
    this.#prefixOctets = start + copied;
    const known = this.#prefixOctets === PREFIX_OCTETS;
    const length = known ? this.#prefix.readUIntBE(1, 3) : HEADER_OCTETS;
    if (!this.#isValid(this.#prefix[0] ?? 0, length)) {
      const rest = chunk.subarray(offset + copied, offset + copied + HEADER_OCTETS - this.#prefixOctets);
      this.#fail(Buffer.concat([this.#prefix.subarray(0, this.#prefixOctets), rest]));
      return chunk.length;
    }
    if (known) {
      this.#message = Buffer.allocUnsafe(length);
      this.#prefix.copy(this.#message, 0);
      this.#messageOctets = PREFIX_OCTETS;
      this.#prefixOctets = 0;
    }
    return offset + copied;
  }

  #isValid(version: number, length: number): boolean {
    return (
      version === DIAMETER_VERSION &&
      length >= HEADER_OCTETS &&
      length % 4 === 0 &&
      length <= this.#maxMessageOctets
    );
  }

  #fail(headerBytes: Buffer): FramingFault {
    const version = headerBytes[0] ?? 0;
    const length = headerBytes.length >= PREFIX_OCTETS ? headerBytes.readUIntBE(1, 3) : 0;
    const badVersion = version !== DIAMETER_VERSION;
    this.#prefixOctets = 0;
    this.#fault = {
      resultCode: badVersion ? UNSUPPORTED_VERSION : INVALID_MESSAGE_LENGTH,
      detail: badVersion
        ? `version ${version}`
        : `Message Length ${length}, allowed are multiples of 4 from 20 to ${this.#maxMessageOctets}`,
      headerBytes: Buffer.from(headerBytes),
    };
    return this.#fault;
  }
}
