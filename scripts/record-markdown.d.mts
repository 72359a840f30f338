import type { SaeReport } from "../src/core/sae-report.ts";
import type { SaeMetrics, TrainPoint } from "../src/core/sae.ts";

export interface RunRecord {
  date: string;
  model: string;
  request: {
    hook: string;
    dSae: number;
    variant: string;
    k: number;
    lr: number;
    batchSize: number;
    tokens: number;
    seed: number;
  };
  trainedTokens: number;
  metrics: SaeMetrics;
  report: Pick<SaeReport, "contexts" | "reconstruction" | "loss">;
  curve: Pick<
    TrainPoint,
    "tokens" | "explainedVariance" | "l0" | "deadShare" | "reconstructionLoss"
  >[];
  seconds: { training: number; report: number };
  machine: { device: string; threads: number; browser: string; cpu: string; cores: number };
}
export function recordMarkdown(record: RunRecord): string;
