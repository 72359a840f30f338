/**
 * Seconds of training, pauses left out, and how fast it goes. The rate is taken over the last `WINDOW` steps: it goes by
 * fits and starts, since most steps take from a buffer and some wait until it has been filled again.
 */
const WINDOW = 64;

export class Clock {
  readonly #now: () => number;
  #before: number;
  #since: number | null = null;
  /** Steps and seconds at the reports within the window, oldest first. */
  #laps: { step: number; seconds: number }[];

  /**
   * @param seconds of training that came before
   * @param step made by then
   * @param now milliseconds; for tests
   */
  constructor(seconds: number, step: number, now: () => number = () => performance.now()) {
    this.#before = seconds;
    this.#laps = [{ step, seconds }];
    this.#now = now;
  }

  get seconds(): number {
    return this.#before + (this.#since === null ? 0 : (this.#now() - this.#since) / 1000);
  }

  /** Does nothing while it runs. */
  start(): void {
    this.#since ??= this.#now();
  }

  stop(): void {
    this.#before = this.seconds;
    this.#since = null;
  }

  lap(step: number): void {
    this.#laps.push({ step, seconds: this.seconds });
    while (this.#laps.length > 2 && this.#laps[1]!.step <= step - WINDOW) this.#laps.shift();
  }

  /** null before the first report */
  get secondsPerStep(): number | null {
    const [first, last] = [this.#laps[0]!, this.#laps.at(-1)!];
    return last.step === first.step
      ? null
      : (last.seconds - first.seconds) / (last.step - first.step);
  }
}
