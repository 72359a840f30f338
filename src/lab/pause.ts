/** A switch between two people: one sets it, the other waits at it. */
export class Pause {
  #release: (() => void) | null = null;
  #waiting: Promise<void> | null = null;

  get paused(): boolean {
    return this.#waiting !== null;
  }

  set(paused: boolean): void {
    if (paused === this.paused) return;
    if (paused) {
      this.#waiting = new Promise((resolve) => {
        this.#release = resolve;
      });
      return;
    }
    this.#release?.();
    this.#waiting = null;
    this.#release = null;
  }

  /** Resolves when the switch is off, or when the signal aborts. */
  async wait(signal: AbortSignal): Promise<void> {
    if (!this.#waiting || signal.aborted) return;
    const stopped = new AbortController();
    const aborted = new Promise<void>((resolve) => {
      signal.addEventListener("abort", () => resolve(), { signal: stopped.signal });
    });
    await Promise.race([this.#waiting, aborted]);
    stopped.abort();
  }
}
