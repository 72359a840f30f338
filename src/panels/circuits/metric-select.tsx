/** The metric of all parts; those that need wrong answers only where there are some. */
import { needsWrong, TASK_METRICS } from "../../core/task.ts";
import type { OpenTask } from "../../state/task-slice.ts";
import { Select } from "../../ui/field.tsx";
import { MetricFormula } from "./formula-field.tsx";
import type { PatchOptions } from "./use-patch-question.ts";
import { METRIC } from "./words.ts";

interface MetricSelectProps {
  open: OpenTask;
  options: Pick<PatchOptions, "metric" | "setMetric">;
}
export function MetricSelect({ open, options: { metric, setMetric } }: MetricSelectProps) {
  const lacksWrong = open.read.some(({ problem, wrong }) => problem === null && wrong.length === 0);
  return (
    <>
      <Select
        label="Metric"
        value={metric}
        options={TASK_METRICS.map((value) => ({
          ...{ value, label: METRIC[value].label },
          disabled: lacksWrong && needsWrong(value),
        }))}
        onChange={setMetric}
      />
      <MetricFormula metric={metric} />
    </>
  );
}
