/** A load's progress in words and as a share. */
import type { LoadProgress } from "../../core/model-source.ts";
import { formatBytes, formatDuration } from "../../ui/format.ts";

const PHASES = {
  config: "Reading the model’s description",
  waiting: "Another tab is fetching this model",
  weights: "Fetching weights",
  session: "Preparing the model to run",
} as const;

/** Words for a need that comes near what this computer has, as far as the browser tells; null for any other. */
export function memoryWarning(peakBytes: number, deviceBytes: number | null): string | null {
  if (deviceBytes === null || peakBytes < 0.6 * deviceBytes) return null;
  return (
    `The browser says that this computer has ${formatBytes(deviceBytes)} of memory: ` +
    "this model may not fit beside everything else that is open."
  );
}

export interface LoadFacts {
  label: string;
  share: number | null;
  facts: string[];
}
export function loadFacts(progress: LoadProgress | null): LoadFacts {
  if (!progress) return { label: "Starting", share: null, facts: [] };
  const { phase, loadedBytes, totalBytes, bytesPerSecond, fromCache, memoryBytes } = progress;
  const label =
    phase === "weights" && fromCache ? "Reading weights from this browser" : PHASES[phase];
  if (phase !== "weights" && (phase !== "waiting" || totalBytes === null)) {
    return { label, share: null, facts: [] };
  }
  const facts: string[] = [
    totalBytes === null
      ? formatBytes(loadedBytes)
      : `${formatBytes(loadedBytes)} of ${formatBytes(totalBytes)}`,
  ];
  if (bytesPerSecond !== null && bytesPerSecond > 0) {
    facts.push(`${formatBytes(bytesPerSecond)}/s`);
    if (totalBytes !== null && totalBytes > loadedBytes) {
      facts.push(`${formatDuration((totalBytes - loadedBytes) / bytesPerSecond)} left`);
    }
  }
  if (memoryBytes !== undefined) facts.push(`needs about ${formatBytes(memoryBytes)} of memory`);
  return { label, share: totalBytes ? loadedBytes / totalBytes : null, facts };
}
