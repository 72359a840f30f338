/**
 * How many rows to run at once: as many as fit, and no more than take some seconds, so that progress is seen and a cancel is
 * heard. Starts small, grows by what was measured, and gives way where memory ends.
 */

const FIRST = 8;
const TARGET_MS = 2000;
/** One measurement may be off: the next chunk has at most so many times the rows. */
const GROWTH = 4;

export class ChunkSize {
  /** Rows that fit, as far as is known. */
  #fit: number;
  #size: number;
  #msPerRow: number | null = null;

  /** @param fit rows that should fit, 1 or more */
  constructor(fit: number) {
    this.#fit = Math.max(1, Math.floor(fit));
    this.#size = Math.min(FIRST, this.#fit);
  }

  /** Rows of the next chunk. */
  get size(): number {
    return this.#size;
  }
  /** By the last chunk; null before the first. */
  get msPerRow(): number | null {
    return this.#msPerRow;
  }

  /** After a chunk. */
  took(rows: number, ms: number): void {
    this.#msPerRow = ms / rows;
    const wanted = Math.floor(TARGET_MS / Math.max(this.#msPerRow, 1e-3));
    this.#size = Math.max(1, Math.min(wanted, this.#fit, rows * GROWTH));
  }

  /** After a chunk for which there was not enough memory. @returns whether a smaller one may be tried */
  tooLarge(rows: number): boolean {
    if (rows <= 1) return false;
    this.#fit = this.#size = Math.floor(rows / 2);
    return true;
  }
}
