/** Progress of a transfer: bytes, rate and total, told often enough to look alive and seldom enough to cost nothing. */
import type { LoadProgress } from "../core/model-source.ts";

const REPORT_EVERY_MS = 100;
/** The rate is that of the last seconds, so that it follows a connection that slows down. */
const WINDOW_MS = 3000;

export type ReportBytes = (loadedBytes: number, totalBytes: number | null) => void;

/** @param progress is told the first and the last value, and at most ten a second between them */
export function createRateMeter(
  progress: (p: LoadProgress) => void,
  label: Pick<LoadProgress, "phase" | "file" | "fromCache" | "memoryBytes">,
  now: () => number = () => performance.now(),
): ReportBytes {
  const samples: { at: number; bytes: number }[] = [];
  let lastReport = -Infinity;
  return (loadedBytes, totalBytes) => {
    const at = now();
    samples.push({ at, bytes: loadedBytes });
    while (samples.length > 2 && at - samples[0]!.at > WINDOW_MS) samples.shift();
    if (at - lastReport < REPORT_EVERY_MS && loadedBytes !== totalBytes) return;
    lastReport = at;
    const { at: from, bytes } = samples[0]!;
    const bytesPerSecond = at - from < 1 ? null : ((loadedBytes - bytes) / (at - from)) * 1000;
    progress({ ...label, loadedBytes, totalBytes, bytesPerSecond });
  };
}
