/** Takes a weight file as it is downloaded and fills the array that is kept, by a plan (`weight-plan.ts`). */
import { LabError } from "../core/lab-error.ts";
import { f32ToF16 } from "../formats/half.ts";
import type { Sink } from "./fetch.ts";
import { Gathered } from "./gathered.ts";
import type { WeightPlan } from "./weight-plan.ts";

export class WeightSink implements Sink {
  /** Bytes of the file that were taken. */
  length = 0;
  /** What is kept; the first `filled` bytes are there. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  filled: number;
  readonly #plan: WeightPlan;
  #span = 0;
  /** A float32 of which not all bytes have come. */
  readonly #started = new Uint8Array(4);
  #startedBytes = 0;

  /** @param what the file's name, for the error when there is no memory for it */
  constructor(plan: WeightPlan, what: string) {
    this.#plan = plan;
    this.bytes = new Gathered(plan.outBytes, what).bytes;
    this.bytes.set(plan.head);
    this.filled = plan.head.length;
  }

  /**
   * Goes on from what was kept of an earlier download.
   * @param kept the first bytes of what is kept; their number must be a multiple of 2
   */
  restore(kept: readonly Uint8Array[]): void {
    let filled = 0;
    for (const piece of kept) {
      this.bytes.set(piece, filled);
      filled += piece.length;
    }
    const { spans, inBytes, head } = this.#plan;
    if (filled <= head.length) return;
    this.filled = filled;
    const at = spans.findIndex(({ begin, end, to, round }) => {
      return filled < to + (round ? (end - begin) / 2 : end - begin);
    });
    this.#span = at === -1 ? spans.length : at;
    const span = spans[this.#span];
    this.length = span ? span.begin + (filled - span.to) * (span.round ? 2 : 1) : inBytes;
  }

  push(chunk: Uint8Array): void {
    const stop = this.length + chunk.length;
    for (let at = this.length; at < stop;) {
      const span = this.#plan.spans[this.#span];
      if (!span) break;
      const from = Math.max(at, span.begin);
      const end = Math.min(stop, span.end);
      if (from < end) {
        const piece = chunk.subarray(from - this.length, end - this.length);
        if (span.round) this.#round(piece, span.name);
        else this.#copy(piece);
      }
      if (stop < span.end) break;
      at = span.end;
      this.#span++;
    }
    this.length = stop;
  }

  #copy(piece: Uint8Array): void {
    this.bytes.set(piece, this.filled);
    this.filled += piece.length;
  }

  #round(piece: Uint8Array, name: string): void {
    let rest = piece;
    if (this.#startedBytes > 0) {
      const more = Math.min(4 - this.#startedBytes, rest.length);
      this.#started.set(rest.subarray(0, more), this.#startedBytes);
      this.#startedBytes += more;
      rest = rest.subarray(more);
      if (this.#startedBytes < 4) return;
      this.#startedBytes = 0;
      this.#roundWhole(this.#started, name);
    }
    const whole = rest.length - (rest.length % 4);
    if (whole > 0) this.#roundWhole(rest.subarray(0, whole), name);
    this.#startedBytes = rest.length - whole;
    this.#started.set(rest.subarray(whole));
  }

  #roundWhole(piece: Uint8Array, name: string): void {
    const floats = new Float32Array(new Uint8Array(piece).buffer);
    const halves = f32ToF16(floats);
    for (let i = 0; i < halves.length; i++) {
      if ((halves[i]! & 0x7fff) === 0x7c00 && Number.isFinite(floats[i])) {
        throw new LabError(
          "unsupported",
          `tensor "${name}" holds ${floats[i]}, too large for float16 (at most 65504): keep this model as it is`,
        );
      }
    }
    this.#copy(new Uint8Array(halves.buffer));
  }
}
