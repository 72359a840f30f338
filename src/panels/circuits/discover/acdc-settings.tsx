/** The exact search: every edge is cut in a run, and stays cut where the metric does not mind. */
import { useEffect } from "react";
import { EDGE_ORDERS, type EdgeOrder } from "../../../core/acdc.ts";
import { circuitGraph } from "../../../core/circuit.ts";
import { CORRUPTIONS, type Corruption } from "../../../core/found-circuit.ts";
import { needsWrong, TASK_METRICS, type TaskMetric } from "../../../core/task.ts";
import type { Gpt2Config } from "../../../core/types.ts";
import { useLab } from "../../../state/context.ts";
import { numberIn, useChoice, useRead, wholeIn } from "../../../state/options-slice.ts";
import { type OpenTask, runPair, writtenFormula } from "../../../state/task-slice.ts";
import { Button } from "../../../ui/button.tsx";
import { ErrorCard } from "../../../ui/error-card.tsx";
import { Checkbox, Select } from "../../../ui/field.tsx";
import { SmallNumber } from "../../../ui/small-number.tsx";
import { Segmented } from "../../../ui/segmented.tsx";
import { lacksFormula, MetricFormula } from "../formula-field.tsx";
import { METRIC, metricWords } from "../words.ts";
import { AcdcRunFigure } from "./acdc-run.tsx";

const METRICS = ["kl", ...TASK_METRICS.filter((metric) => metric !== "kl")] as [
  TaskMetric,
  ...TaskMetric[],
];
const AT_FIRST = 0.05; // τ: edges that matter to the embedded model's IOI are well above, most others below
const CORRUPTION: Record<Corruption, { label: string; title: string }> = {
  resample: { label: "resample", title: "A cut edge brings the corrupted prompt’s activation" },
  zero: { label: "zero", title: "A cut edge brings nothing" },
};
const ORDER: Record<EdgeOrder, { label: string; title: string }> = {
  normal: { label: "last first", title: "Of a reader, the last sender is tried first" },
  reverse: { label: "input first", title: "Of a reader, the input is tried first" },
  random: { label: "by chance", title: "Senders in an order drawn by the seed" },
};
const YES = ["no", "yes"] as const;

export function AcdcSettings({ open, config }: { open: OpenTask; config: Gpt2Config }) {
  const [metric, setMetric] = useChoice("acdc.metric", METRICS);
  const [corruption, setCorruption] = useChoice("acdc.corruption", CORRUPTIONS);
  const [order, setOrder] = useChoice("acdc.order", EDGE_ORDERS);
  const [absolute, setAbsolute] = useChoice("acdc.absolute", YES);
  const [seed, setSeed] = useRead("acdc.seed", wholeIn(0, 999_999), 0);
  const [threshold, setThreshold] = useRead("acdc.threshold", numberIn(0, 1000), AT_FIRST);
  const run = useLab((s) => s.acdcRun);
  const read = useLab((s) => s.readAcdc);
  const start = useLab((s) => s.startAcdc);
  const failed = useLab((s) => s.acdcKeepError);
  useEffect(() => void read(), [read]);
  const all = open.read.filter(({ problem }) => problem === null).map(runPair);
  const most = Math.max(1, all.length);
  const [count, setCount] = useRead("acdc.pairs", wholeIn(1, 200), Math.min(4, most));
  const pairs = all.slice(0, count);
  const { edges } = circuitGraph(config);
  const { unit } = metricWords(metric, useLab(writtenFormula));
  const why =
    pairs.length === 0
      ? "No pair of the task can be run."
      : needsWrong(metric) && pairs.some(({ wrong }) => wrong.length === 0)
        ? `${METRIC[metric].label} needs wrong answers, and some pair has none.`
        : threshold === 0
          ? "At τ = 0 an edge without any effect is kept: take one above 0."
          : lacksFormula(metric, pairs);
  if (run) return <AcdcRunFigure run={run} />;
  return (
    <section className="stack search" aria-label="ACDC">
      <div className="patch-settings">
        <SmallNumber
          shown={unit ? `τ, ${unit}` : "τ"}
          label="Threshold τ of the search"
          value={threshold}
          step={0.01}
          min={0}
          max={1000}
          onChange={setThreshold}
        />
        <Select
          label="Metric"
          value={metric}
          options={METRICS.map((value) => ({ value, label: METRIC[value].label }))}
          onChange={setMetric}
        />
        <MetricFormula metric={metric} />
        <SmallNumber
          shown="Pairs"
          label={`Pairs that are used, of ${all.length}`}
          value={Math.min(count, most)}
          whole
          min={1}
          max={most}
          onChange={setCount}
        />
        <Segmented
          label="Corruption"
          value={corruption}
          choices={CORRUPTIONS.map((value) => ({ value, ...CORRUPTION[value] }))}
          onChange={setCorruption}
        />
        <Segmented
          label="Order"
          value={order}
          choices={EDGE_ORDERS.map((value) => ({ value, ...ORDER[value] }))}
          onChange={setOrder}
        />
        {order === "random" && (
          <SmallNumber
            shown="Seed"
            label="Seed of the order"
            value={seed}
            whole
            min={0}
            max={999_999}
            onChange={setSeed}
          />
        )}
        <Checkbox
          label="Changes for the better count, too"
          title="An edge is kept if cutting it changes the metric by τ or more either way"
          checked={absolute === "yes"}
          onChange={(checked) => setAbsolute(checked ? "yes" : "no")}
        />
      </div>
      <div className="row">
        <Button
          kind="primary"
          icon="play"
          disabled={why !== null}
          onClick={() =>
            void start(
              {
                ...{ pairs, metric, corruption, threshold, order, seed },
                absolute: absolute === "yes",
              },
              open.task.name,
            )
          }
        >
          Try all {edges.toLocaleString("en-US")} edges
        </Button>
        <span className="quiet" role={why ? "status" : undefined}>
          {why ?? `Each edge by a run of ${pairs.length} ${pairs.length === 1 ? "pair" : "pairs"}.`}
        </span>
      </div>
      {failed && <ErrorCard title="The search cannot be kept" error={failed} />}
    </section>
  );
}
