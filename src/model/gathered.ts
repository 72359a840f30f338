/** A body as it comes in: in one array of the announced size where there is one, so that 500 MB are never held twice. */
import { LabError } from "../core/lab-error.ts";

export class Gathered {
  /** The first `length` bytes are filled. */
  bytes: Uint8Array<ArrayBuffer>;
  length = 0;
  readonly #what: string;

  /** @param what the file's name, for the error when there is no memory for it */
  constructor(announcedBytes: number | null, what: string) {
    this.#what = what;
    this.bytes = this.#allocate(announcedBytes ?? 65536);
  }

  push(chunk: Uint8Array): void {
    const length = this.length + chunk.length;
    if (length > this.bytes.length) {
      const larger = this.#allocate(Math.max(length, 2 * this.bytes.length));
      larger.set(this.bytes.subarray(0, this.length));
      this.bytes = larger;
    }
    this.bytes.set(chunk, this.length);
    this.length = length;
  }

  whole(): Uint8Array<ArrayBuffer> {
    return this.length === this.bytes.length ? this.bytes : this.bytes.slice(0, this.length);
  }

  #allocate(size: number): Uint8Array<ArrayBuffer> {
    try {
      return new Uint8Array(size);
    } catch (cause) {
      throw new LabError(
        "out-of-memory",
        `there is no memory for ${this.#what} (${size} bytes); close other tabs, or take a smaller model`,
        { cause },
      );
    }
  }
}
