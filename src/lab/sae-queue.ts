/** The one training or measurement that may be under way: both would fight for the device and its memory. */
import { LabError } from "../core/lab-error.ts";
import { Pause } from "./pause.ts";

export interface Run {
  what: string;
  /** The SAE at work, once it is known. */
  id: string | null;
  /** The others of a sweep. */
  also: readonly string[];
  pause: Pause;
  signal: AbortSignal;
}
let current: (Run & { ended: Promise<unknown> }) | null = null;

/** Runs `work` alone. @throws LabError "bad-input" while another run is under way */
export async function exclusively<T>(
  what: string,
  { signal }: { signal: AbortSignal },
  work: (run: Run) => Promise<T>,
): Promise<T> {
  await stoppedRunEnded();
  if (current) {
    throw new LabError(
      "bad-input",
      `${current.what} is under way; wait for it, or cancel it, before you start another`,
    );
  }
  const run: Run = { what, id: null, also: [], pause: new Pause(), signal };
  const result = work(run);
  // `run` itself, not a copy: `work` fills in the id.
  current = Object.assign(run, { ended: result.catch(() => {}) });
  try {
    return await result;
  } finally {
    current = null;
  }
}

/** Resolves when a run that was cancelled has put its last checkpoint away; at once if there is none. */
export async function stoppedRunEnded(): Promise<void> {
  if (current?.signal.aborted) await current.ended;
}

/** @throws LabError "not-found" when nothing runs */
export function pauseRun(paused: boolean): void {
  if (!current) throw new LabError("not-found", "nothing is being trained");
  current.pause.set(paused);
}

/** @throws LabError "bad-input" if that SAE is being trained or measured */
export async function refuseIfRunning(id: string): Promise<void> {
  await stoppedRunEnded();
  if (current?.id === id || current?.also.includes(id)) {
    throw new LabError("bad-input", `this SAE is being worked on; cancel that first`);
  }
}
