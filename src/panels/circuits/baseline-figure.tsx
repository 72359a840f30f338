/** The baseline: the metric of both prompts over the pairs, accuracy, and the distribution. */
import { HistogramChart } from "../../charts/histogram-chart.tsx";
import { binned } from "../../charts/patch-grid.ts";
import { type PairBaseline, TASK_METRICS, type TaskMetric } from "../../core/task.ts";
import { baselinePython } from "../../python/patching.ts";
import { useLab } from "../../state/context.ts";
import { useChoice } from "../../state/options-slice.ts";
import { useRunFacts } from "../../state/run-facts.ts";
import { type OpenTask, runPair, writtenFormula } from "../../state/task-slice.ts";
import { Select } from "../../ui/field.tsx";
import { Figure } from "../../ui/figure.tsx";
import { formatPercent } from "../../ui/format.ts";
import { Progress } from "../../ui/progress.tsx";
import { MetricFormula } from "./formula-field.tsx";
import { METRIC, metricText, metricWords, whatBaseline } from "./words.ts";

interface Known {
  index: number;
  pair: PairBaseline;
}

export function BaselineFigure({ open }: { open: OpenTask }) {
  const [metric, setMetric] = useChoice("circuits.metric", TASK_METRICS);
  const progress = useLab((s) => s.taskProgress);
  const stop = useLab((s) => s.stopTask);
  const facts = useRunFacts();
  const known: Known[] = open.baseline.flatMap((pair, index) => (pair ? [{ index, pair }] : []));
  const runnable = open.read.filter(({ problem }) => problem === null).map(runPair);
  const { label, unit } = metricWords(metric, useLab(writtenFormula));
  return (
    <Figure
      title="Baseline"
      name="task-baseline"
      what={whatBaseline(metric)}
      python={() => baselinePython(facts(), runnable, metric)}
      table={() => ({
        columns: [
          ...["pair", "prompt", "text", "likeliest", "p(likeliest)"],
          ...TASK_METRICS.map((name) => METRIC[name].label),
        ],
        rows: known.flatMap(({ index, pair }) =>
          (["clean", "corrupted"] as const).map((side) => [
            ...[index + 1, side, open.task.pairs[index]![side]],
            ...[pair[side].top[0]!.string, pair[side].top[0]!.probability],
            ...TASK_METRICS.map((name) => pair[side].values[name]),
          ]),
        ),
      })}
      controls={
        <Select
          label="Metric"
          value={metric}
          options={TASK_METRICS.map((value) => ({
            value,
            label: METRIC[value].label,
            disabled:
              value !== "formula" &&
              known.length > 0 &&
              known.every(({ pair }) => pair.clean.values[value] === null),
          }))}
          onChange={setMetric}
        />
      }
    >
      <MetricFormula metric={metric} />
      {progress && (
        <Progress
          label="Running the prompts"
          share={progress.done / Math.max(1, progress.total)}
          facts={[`${progress.done} of ${progress.total} pairs`]}
          onCancel={stop}
          cancelLabel="Stop"
        />
      )}
      {known.length > 0 && <Facts known={known} open={open} metric={metric} />}
      {known.length > 1 && (
        <div className="two-histograms">
          {(["clean", "corrupted"] as const).map((side) => {
            const values = valuesOf(known, side, metric);
            const histogram = binned(values);
            return (
              histogram && (
                <div key={side}>
                  <h3 className="small-title">
                    {label} of the {side} prompts{unit && `, ${unit}`}
                  </h3>
                  <HistogramChart
                    histogram={histogram}
                    label={`${label} of the ${side} prompts`}
                    counted={`${side} prompts`}
                    shareOf="of the prompts"
                  />
                </div>
              )
            );
          })}
        </div>
      )}
    </Figure>
  );
}

const valuesOf = (known: readonly Known[], side: "clean" | "corrupted", metric: TaskMetric) =>
  known.flatMap(({ pair }) => {
    const value = pair[side].values[metric];
    return value === null ? [] : [value];
  });

function Facts({ known, open, metric }: { known: Known[]; open: OpenTask; metric: TaskMetric }) {
  const { unit } = metricWords(metric, useLab(writtenFormula));
  const mean = (side: "clean" | "corrupted") => {
    const values = valuesOf(known, side, metric);
    if (values.length === 0) {
      return metric === "formula"
        ? "cannot say: there is no formula, or what it names has no value"
        : "cannot say: there are no wrong answers";
    }
    const value = values.reduce((a, b) => a + b, 0) / values.length;
    return `${metricText(value)}${unit && ` ${unit}`}`;
  };
  const best = known.filter(({ pair }) => pair.clean.values.rank === 1).length;
  const compared = known.filter(({ index }) => open.read[index]!.wrong.length > 0);
  const beats = compared.filter(({ pair }) => pair.clean.values.logitDiff! > 0).length;
  return (
    <dl className="facts">
      <Fact name="Clean, mean" value={mean("clean")} />
      <Fact name="Corrupted, mean" value={mean("corrupted")} />
      <Fact
        name="Answer is the likeliest token"
        value={`${best} of ${known.length} clean prompts, ${formatPercent(best / known.length)}`}
      />
      <Fact
        name="Answer above the wrong one"
        value={
          compared.length === 0
            ? "no wrong answers given"
            : `${beats} of ${compared.length}, ${formatPercent(beats / compared.length)}`
        }
      />
    </dl>
  );
}

const Fact = ({ name, value }: { name: string; value: string }) => (
  <div className="fact">
    <dt>{name}</dt>
    <dd className="mono">{value}</dd>
  </div>
);
