/** A value read in a trace: its own copy of the numbers, with names for its axes. */
import type { Axes } from "../core/hooks.ts";
import { LabError } from "../core/lab-error.ts";
import type { TensorData } from "../core/types.ts";

/** Axis letters as in `core/hooks.ts`, and B prompts, V vocabulary. */
export type ValueAxis = Axes[number] | "B" | "V";

export class HookValue implements TensorData {
  /** The hook point's full name, or "logits". */
  readonly hook: string;
  /** Row-major; yours to change. */
  readonly data: Float32Array;
  readonly dims: number[];
  readonly axes: readonly ValueAxis[];
  /** Tokens of each prompt; beyond is NaN. */
  readonly lengths: readonly number[];

  constructor(
    hook: string,
    { data, dims }: TensorData,
    axes: readonly ValueAxis[],
    lengths: readonly number[],
  ) {
    this.hook = hook;
    this.data = data;
    this.dims = [...dims];
    this.axes = axes;
    this.lengths = lengths;
  }

  /** What is at a position, without that axis: [B, T, d] → [B, d]. Negative counts from each prompt's own end. */
  at(pos: number): HookValue {
    const absolute = this.lengths.map((length) => (pos < 0 ? pos + length : pos));
    const wrong = absolute.findIndex(
      (p, row) => !Number.isInteger(p) || p < 0 || p >= this.lengths[row]!,
    );
    if (wrong >= 0) {
      const length = this.lengths[wrong]!;
      throw this.#refuse(`position ${pos} is not among ${-length} … ${length - 1}`);
    }
    return this.#pick("T", "position", (row) => absolute[row]!);
  }

  /** What belongs to one head, without that axis: [B, T, H, h] → [B, T, h]. */
  head(head: number): HookValue {
    const axis = this.axes.indexOf("H");
    const count = axis < 0 ? 0 : this.dims[axis]!;
    if (axis >= 0 && !(Number.isInteger(head) && head >= 0 && head < count)) {
      throw this.#refuse(`head ${head} is not among 0 … ${count - 1}`);
    }
    return this.#pick("H", "head", () => head);
  }

  /** A new value of the same shape: fn(number, its flat index). */
  map(fn: (value: number, index: number) => number): HookValue {
    return this.#with(this.data.map(fn));
  }

  copy(): HookValue {
    return this.#with(this.data.slice());
  }

  #with(data: Float32Array): HookValue {
    return new HookValue(this.hook, { data, dims: this.dims }, this.axes, this.lengths);
  }

  #pick(letter: ValueAxis, word: string, indexOf: (row: number) => number): HookValue {
    const axis = this.axes.indexOf(letter);
    if (axis < 0)
      throw this.#refuse(`it has no ${word} axis; its shape is [${this.dims.join(", ")}]`);
    const size = this.dims[axis]!;
    const inner = this.dims.slice(axis + 1).reduce((a, b) => a * b, 1);
    const outer = this.dims.slice(0, axis).reduce((a, b) => a * b, 1);
    const perRow = outer / this.lengths.length;
    const data = new Float32Array(outer * inner);
    for (let o = 0; o < outer; o++) {
      const from = (o * size + indexOf(Math.floor(o / perRow))) * inner;
      data.set(this.data.subarray(from, from + inner), o * inner);
    }
    const dims = this.dims.toSpliced(axis, 1);
    return new HookValue(this.hook, { data, dims }, this.axes.toSpliced(axis, 1), this.lengths);
  }

  #refuse(why: string): LabError {
    return new LabError("bad-input", `${this.hook}: ${why}`);
  }
}
