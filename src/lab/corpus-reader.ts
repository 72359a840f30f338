/** Reads the training part of a corpus over and over, its shards in a new order each time, from any place in it. */
import { LabError } from "../core/lab-error.ts";
import { keyedRandom, permutation } from "../math/keyed-random.ts";
import type { Corpus } from "./corpus.ts";

/** `shard` counts in the epoch's own order, `context` within the shard. */
export interface Position {
  epoch: number;
  shard: number;
  context: number;
}
export const CORPUS_START: Position = { epoch: 0, shard: 0, context: 0 };

const ORDER_STREAM = 4;
/** Positions remembered, so that a checkpoint can point at what was read but not used yet. */
const HISTORY = 100_000;

export class CorpusReader {
  readonly #corpus: Corpus;
  readonly #seed: number;
  #order: Int32Array;
  /** Of each context read lately, and of the next one at the end. */
  #positions: Position[];

  constructor(corpus: Corpus, seed: number, from: Position = CORPUS_START) {
    this.#corpus = corpus;
    this.#seed = seed;
    this.#positions = [from];
    this.#order = this.#shuffled(from.epoch);
  }

  /** The next `count` contexts, [count, T]. */
  async next(count: number): Promise<Int32Array> {
    const T = this.#corpus.contextSize;
    const out = new Int32Array(count * T);
    let emptyShards = 0;
    for (let filled = 0; filled < count;) {
      const { epoch, shard, context } = this.#positions.at(-1)!;
      const contexts = await this.#corpus.contexts(this.#order[shard]!);
      const from = context * T;
      if (from < contexts.length) {
        out.set(contexts.subarray(from, from + T), filled * T);
        filled += 1;
        emptyShards = 0;
        this.#positions.push({ epoch, shard, context: context + 1 });
        continue;
      }
      if (++emptyShards > this.#corpus.heldOutFrom) {
        throw new LabError("bad-file", `no text of the corpus fills a context of ${T} tokens`);
      }
      const over = shard + 1 === this.#corpus.heldOutFrom;
      const next = over
        ? { epoch: epoch + 1, shard: 0, context: 0 }
        : { epoch, shard: shard + 1, context: 0 };
      if (over) this.#order = this.#shuffled(epoch + 1);
      this.#positions[this.#positions.length - 1] = next;
    }
    if (this.#positions.length > 2 * HISTORY) this.#positions.splice(0, HISTORY);
    return out;
  }

  /** Where the reader stood `contexts` contexts ago, as far as it remembers. */
  before(contexts: number): Position {
    return this.#positions[Math.max(0, this.#positions.length - 1 - contexts)]!;
  }

  #shuffled(epoch: number): Int32Array {
    return permutation(this.#corpus.heldOutFrom, keyedRandom(this.#seed, ORDER_STREAM, epoch));
  }
}
