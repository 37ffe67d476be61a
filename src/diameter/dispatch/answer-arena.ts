/**
 * Octets of many answers side by side in large blocks: an answer of its own would keep the block of the
 * runtime's buffer pool that it was cut from, with whatever else was in it, and would be one more object for
 * the garbage collector to carry along. Answers come and go in about the same order, so blocks empty as
 * wholes.
 */

const BLOCK_OCTETS = 256 * 1024;
/** What is larger gets a block of its own. */
const LARGE_OCTETS = BLOCK_OCTETS / 8;

export class Block {
  /** Answers in it that somebody still wants. */
  liveCount = 0;
  usedOctets = 0;
  readonly bytes: Buffer;

  constructor(octets: number) {
    this.bytes = Buffer.allocUnsafeSlow(octets);
  }
}

export class AnswerArena {
  #current = new Block(BLOCK_OCTETS);
  /** One empty block, so that not every block is made anew. */
  #spare: Block | null = null;

  /**
   * Copies an answer in; it then begins at the block's `usedOctets` less its length. Give it back with
   * `release`.
   */
  keep(answer: Buffer): Block {
    const block = this.#blockFor(answer.length);
    block.bytes.set(answer, block.usedOctets);
    block.usedOctets += answer.length;
    block.liveCount += 1;
    return block;
  }

  /** One answer of the block is wanted no more. */
  release(block: Block): void {
    block.liveCount -= 1;
    if (block.liveCount > 0) return;
    if (block === this.#current) block.usedOctets = 0;
    else if (block.bytes.length === BLOCK_OCTETS) {
      block.usedOctets = 0;
      this.#spare = block;
    }
  }

  #blockFor(octets: number): Block {
    if (octets > LARGE_OCTETS) return new Block(octets);
    if (this.#current.usedOctets + octets > BLOCK_OCTETS) {
      this.#current = this.#spare ?? new Block(BLOCK_OCTETS);
      this.#spare = null;
    }
    return this.#current;
  }
}
