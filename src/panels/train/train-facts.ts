/** A training run's progress in words and as a share: the same in the Train lab and in the task line. */
import type { TrainPreparation, TrainProgress } from "../../core/sae.ts";
import { formatCount, formatDuration } from "../../ui/format.ts";

export interface TrainFacts {
  label: string;
  /** 0–1; null while it cannot be told. */
  share: number | null;
  facts: string[];
}
export function trainFacts(
  progress: TrainProgress | null,
  tokensPerSecond: number | null,
): TrainFacts {
  if (!progress) return { label: "Starting", share: null, facts: [] };
  const { status, step, tokens, totalTokens, secondsLeft, dashboardShare } = progress;
  const left = secondsLeft === null ? [] : [`${formatDuration(secondsLeft)} left`];
  if (status === "preparing") return preparationFacts(progress.preparation);
  if (status === "saving") return { label: "Storing in this browser", share: null, facts: [] };
  if (status === "dashboards") {
    const done = `${Math.round(100 * dashboardShare)} %`;
    return { label: "Measuring its features", share: dashboardShare, facts: [done, ...left] };
  }
  const share = totalTokens > 0 ? tokens / totalTokens : null;
  const count = `${formatCount(tokens)} of ${formatCount(totalTokens)} tokens`;
  const facts = [count, `step ${step.toLocaleString("en-US")}`];
  if (status === "paused") return { label: "Paused", share, facts };
  if (tokensPerSecond !== null) facts.push(`${formatCount(Math.round(tokensPerSecond))} tokens/s`);
  return { label: "Training", share, facts: [...facts, ...left] };
}

const PREPARING = {
  corpus: "Loading the corpus",
  scale: "Measuring the scale of the activations",
  activations: "Collecting activations",
};
function preparationFacts(preparation: TrainPreparation | undefined): TrainFacts {
  if (!preparation) return { label: "Preparing", share: null, facts: [] };
  const { what, done, total } = preparation;
  if (total === 0) return { label: PREPARING[what], share: null, facts: [] };
  const count = `${formatCount(done)} of ${formatCount(total)} tokens`;
  return { label: PREPARING[what], share: Math.min(1, done / total), facts: [count] };
}
