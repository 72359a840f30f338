/** What figures of the paths part say. */
import type { PathMlps } from "../../../core/paths.ts";
import type { TaskMetric } from "../../../core/task.ts";
import type { Direction } from "../../../core/patching.ts";
import type { What } from "../../../ui/figure.tsx";
import { METRIC } from "../words.ts";

export const MLPS: Record<PathMlps, { label: string; title: string }> = {
  recompute: {
    label: "MLPs recomputed",
    title: "MLPs between sender and receiver carry the change on, as in the paper: the default",
  },
  freeze: {
    label: "MLPs held",
    title: "MLPs between them stay as they were: only the edge from sender to receiver",
  },
};

export const whatPaths = (
  metric: TaskMetric,
  direction: Direction,
  mlps: PathMlps,
  isShare: boolean,
): What => ({
  words:
    `What each head or MLP tells the receivers, by no way through another head. The ${direction === "noise" ? "clean" : "corrupted"} ` +
    `prompt is run twice. First the sender writes what it writes in the other prompt, all other heads are held, MLPs are ` +
    `${mlps === "recompute" ? "computed anew" : "held"}, and what the receivers read is recorded. Then only the receivers read it, and nothing is held. ` +
    "Click cells to choose senders; they can be the receivers of the next level, from the logits backwards.",
  formula: isShare
    ? `(M patched − M corrupted) / (M clean − M corrupted), M = mean over pairs of ${METRIC[metric].formula}`
    : `mean of m patched − m ${direction === "noise" ? "clean" : "corrupted"}, m = ${METRIC[metric].formula}`,
  source:
    "Wang et al. 2022, “Interpretability in the Wild”, section 3 and appendix B: heads as senders, MLPs recomputed, noise. MLPs as senders are ours.",
});
