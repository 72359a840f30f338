/** How far a search is: tokens, rate, time left. */
import type { SearchProgress as Told } from "../../core/direction.ts";
import { formatCount, formatDuration } from "../../ui/format.ts";
import { Progress } from "../../ui/progress.tsx";

export interface SearchProgressProps {
  label: string;
  progress: Told | null;
  onCancel: () => void;
}
export function SearchProgress({ label, progress, onCancel }: SearchProgressProps) {
  const { share = null, tokensPerSecond = null, secondsLeft = null, found = null } = progress ?? {};
  const facts = [
    found && `${found.tokens.toLocaleString("en-US")} tokens`,
    tokensPerSecond !== null && `${formatCount(Math.round(tokensPerSecond))} tokens/s`,
    secondsLeft !== null && `${formatDuration(secondsLeft)} left`,
  ].filter((fact) => fact !== null && fact !== false);
  return (
    <Progress label={label} share={share} facts={facts} onCancel={onCancel} cancelLabel="Stop" />
  );
}
