/** The six curves of a run, under one cursor. */
import { useMemo, useState } from "react";
import { countTick, LineChart } from "../../charts/line-chart.tsx";
import type { TrainPoint } from "../../core/sae.ts";
import { useLab } from "../../state/context.ts";
import { formatCount, formatPercent } from "../../ui/format.ts";

interface Curve {
  key: Exclude<keyof TrainPoint, "step" | "tokens">;
  title: string;
  about: string;
  format: (value: number) => string;
  tick?: (value: number) => string;
  log?: boolean;
  yMin?: number;
  yMax?: number;
}
const percentTick = (share: number) => `${Number((100 * share).toPrecision(3))} %`;
const loss = (value: number) => (value === 0 ? "0" : value.toPrecision(3));
const CURVES: readonly Curve[] = [
  {
    key: "reconstructionLoss",
    title: "Reconstruction loss",
    about: "Mean over tokens of ‖x − x̂‖², on inputs scaled to norm √D",
    format: loss,
    log: true,
  },
  {
    key: "sparsityLoss",
    title: "Sparsity loss",
    about:
      "What the loss has beside the reconstruction: the penalty; for TopK and its kin the auxiliary loss that revives dead features",
    format: loss,
    log: true,
  },
  {
    key: "explainedVariance",
    title: "Explained variance",
    about: "1 − Σ‖x − x̂‖² / Σ‖x − x̄‖²",
    format: (value) => value.toFixed(3),
    yMin: 0,
    yMax: 1,
  },
  {
    key: "l0",
    title: "L0",
    about: "Mean number of active features per token",
    format: (value) => value.toFixed(1),
    yMin: 0,
  },
  {
    key: "deadShare",
    title: "Dead features",
    about: "Share of features that have not fired for a long while",
    format: formatPercent,
    tick: percentTick,
    yMin: 0,
  },
  {
    key: "tokensPerSecond",
    title: "Tokens per second",
    about: "Activations trained on per second, harvesting included",
    format: (value) => formatCount(Math.round(value)),
    tick: countTick,
    yMin: 0,
  },
];

/** Where nothing is drawn although there are points, all of them are 0, which a logarithmic axis has no place for. */
const emptyWords = (points: number, running: boolean) =>
  points > 0 ? "0 throughout" : running ? "waiting for the first steps" : "nothing to draw";

export function Curves() {
  const points = useLab((s) => s.trainPoints);
  const running = useLab((s) => s.training.status === "running");
  const [cursor, setCursor] = useState<number | null>(null);
  const series = useMemo(() => {
    const x = points.map(({ tokens }) => tokens);
    return new Map(CURVES.map(({ key }) => [key, { x, y: points.map((p) => p[key]) }]));
  }, [points]);
  return (
    <div className="curves">
      {CURVES.map(({ key, ...curve }) => (
        <LineChart
          key={key}
          {...curve}
          series={series.get(key)!}
          xUnit="tokens"
          cursor={cursor}
          onCursor={setCursor}
          empty={emptyWords(points.length, running)}
        />
      ))}
    </div>
  );
}
