/** "The newest run wins": starting a run aborts the one before, whose late answer is then known to be old. */

export interface Run {
  readonly signal: AbortSignal;
  /** False once a newer run has started, or all were stopped: its answer must not be shown. */
  isNewest(): boolean;
}
export interface Newest {
  start(): Run;
  stop(): void;
}

export function createNewest(): Newest {
  let current: AbortController | undefined;
  return {
    start: () => {
      current?.abort();
      const mine = (current = new AbortController());
      return { signal: mine.signal, isNewest: () => current === mine };
    },
    stop: () => {
      current?.abort();
      current = undefined;
    },
  };
}

/**
 * For values that change faster than they can be answered (a slider): one run at a time, and when it ends, one more
 * if anything was asked meanwhile. Aborting instead would show nothing until the slider rests.
 */
export function createLatest(run: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined;
  let asked = false;
  const take = () => {
    const was = asked;
    asked = false;
    return was;
  };
  const loop = async () => {
    while (take()) await run();
  };
  return () => {
    asked = true;
    running ??= loop().finally(() => (running = undefined));
    return running;
  };
}
