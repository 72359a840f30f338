/**
 * Which features were active on which token, and how strongly: all of a pass over a corpus, without the zeros. It takes
 * 6 to 8 bytes an active feature and token, so that its size is known from L0 and the number of tokens.
 */
import { LabError } from "../core/lab-error.ts";

export interface ActiveContext {
  /** BOS first, [T] */
  ids: Int32Array;
  /** Where the entries of token t + 1 begin, [T]; those of the last end at the last number. */
  starts: Uint32Array;
  /** Ascending within a token. */
  features: Uint16Array | Uint32Array;
  values: Float32Array;
}
/** A feature on one context. */
export interface ActiveOn {
  /** In the context, ascending; BOS, which is never measured, would be 0. */
  positions: number[];
  values: number[];
}

/** Contexts are told by U8 positions in the file. */
const MOST_TOKENS = 256;

export class ActiveTokens {
  readonly contexts: ActiveContext[] = [];
  readonly #wide: boolean;
  #length: number | null = null;
  #features = new Uint32Array(4096);
  #values = new Float32Array(4096);
  #count = 0;
  #starts: number[] = [0];

  constructor(dSae: number) {
    this.#wide = dSae > 65_536;
  }

  /** T, of all contexts alike; 0 before the first. */
  get contextSize(): number {
    return this.#length ?? 0;
  }

  /** One active feature of the token at hand; features ascend. */
  push(feature: number, value: number): void {
    if (this.#count === this.#features.length) this.#grow();
    this.#features[this.#count] = feature;
    this.#values[this.#count] = value;
    this.#count += 1;
  }
  endToken(): void {
    this.#starts.push(this.#count);
  }
  /** @throws LabError "shape" if the context is of another length than those before, or too long */
  endContext(ids: Int32Array): void {
    this.#length ??= ids.length;
    if (ids.length !== this.#length || ids.length > MOST_TOKENS) {
      throw new LabError(
        "shape",
        `contexts of statistics have one length, of at most ${MOST_TOKENS} tokens; got ${ids.length} after ${this.#length}`,
      );
    }
    const features = this.#features.subarray(0, this.#count);
    this.contexts.push({
      ids: ids.slice(),
      starts: Uint32Array.from(this.#starts),
      features: this.#wide ? features.slice() : Uint16Array.from(features),
      values: this.#values.slice(0, this.#count),
    });
    this.#count = 0;
    this.#starts = [0];
  }

  /** A feature's activations on a context that it is active on. */
  of(context: number, feature: number): ActiveOn {
    const { starts, features, values } = this.contexts[context]!;
    const found: ActiveOn = { positions: [], values: [] };
    for (let row = 0; row + 1 < starts.length; row++) {
      let [low, high] = [starts[row]!, starts[row + 1]!];
      while (low < high) {
        const middle = (low + high) >> 1;
        if (features[middle]! < feature) low = middle + 1;
        else high = middle;
      }
      if (low < starts[row + 1]! && features[low] === feature) {
        found.positions.push(row + 1);
        found.values.push(values[low]!);
      }
    }
    return found;
  }

  #grow(): void {
    const features = new Uint32Array(2 * this.#features.length);
    const values = new Float32Array(2 * this.#values.length);
    features.set(this.#features);
    values.set(this.#values);
    this.#features = features;
    this.#values = values;
  }
}
