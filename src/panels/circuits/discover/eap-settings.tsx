/** The fast search: scores of all edges at once, from gradients. */
import { EAP_METHODS, MOST_EAP_STEPS } from "../../../core/edge-attribution.ts";
import { hasGradient, needsWrong, TASK_METRICS } from "../../../core/task.ts";
import { useLab } from "../../../state/context.ts";
import { useChoice, useRead, wholeIn } from "../../../state/options-slice.ts";
import { type OpenTask, runPair } from "../../../state/task-slice.ts";
import { Button } from "../../../ui/button.tsx";
import { ErrorCard } from "../../../ui/error-card.tsx";
import { Select } from "../../../ui/field.tsx";
import { formatDuration } from "../../../ui/format.ts";
import { SmallNumber } from "../../../ui/small-number.tsx";
import { Progress } from "../../../ui/progress.tsx";
import { Segmented } from "../../../ui/segmented.tsx";
import { lacksFormula, MetricFormula } from "../formula-field.tsx";
import { METRIC } from "../words.ts";

export const STEPS_AT_FIRST = 5; // of EAP-IG's authors

const TITLE = {
  eap: "Gradients of the clean run: one backward pass a pair",
  "eap-ig": "Their mean on the way from the corrupted prompt’s embeddings to the clean one’s",
} as const;

export function EapSettings({ open }: { open: OpenTask }) {
  const [metric, setMetric] = useChoice("circuits.metric", TASK_METRICS);
  const [method, setMethod] = useChoice("eap.method", EAP_METHODS);
  const [steps, setSteps] = useRead("eap.steps", wholeIn(1, MOST_EAP_STEPS), STEPS_AT_FIRST);
  const run = useLab((s) => s.eapRun);
  const error = useLab((s) => s.eapError);
  const seconds = useLab((s) => s.eapSeconds);
  const start = useLab((s) => s.runEap);
  const stop = useLab((s) => s.stopEap);
  const pairs = open.read.filter(({ problem }) => problem === null).map(runPair);
  const why = !hasGradient(metric)
    ? "A rank has no slope: take another metric."
    : metric === "kl" && method === "eap"
      ? "The KL is least in the clean run, where its gradient is 0: take EAP-IG, or another metric."
      : needsWrong(metric) && pairs.some(({ wrong }) => wrong.length === 0)
        ? `${METRIC[metric].label} needs wrong answers, and some pair has none.`
        : lacksFormula(metric, pairs);
  return (
    <section className="stack search" aria-label="Edge attribution patching">
      <div className="patch-settings">
        <Segmented
          label="Search by"
          value={method}
          choices={EAP_METHODS.map((value) => ({
            value,
            label: value === "eap" ? "EAP" : "EAP-IG",
            title: TITLE[value],
          }))}
          onChange={setMethod}
        />
        <Select
          label="Metric"
          value={metric}
          options={TASK_METRICS.map((value) => ({ value, label: METRIC[value].label }))}
          onChange={setMetric}
        />
        <MetricFormula metric={metric} />
        {method === "eap-ig" && (
          <SmallNumber
            shown="Steps"
            label="Steps between both prompts"
            value={steps}
            whole
            min={1}
            max={MOST_EAP_STEPS}
            onChange={setSteps}
          />
        )}
      </div>
      {run ? (
        <Progress
          label="Scoring all edges"
          share={run.total === 0 ? null : run.done / run.total}
          facts={[
            `${run.done} of ${run.total} pairs`,
            ...(run.secondsLeft === null ? [] : [`${formatDuration(run.secondsLeft)} left`]),
          ]}
          onCancel={stop}
          cancelLabel="Stop"
        />
      ) : (
        <div className="row">
          <Button
            kind="primary"
            icon="play"
            disabled={why !== null}
            onClick={() => void start({ pairs, metric, method, steps }, open.task.name)}
          >
            Score all edges
          </Button>
          <span className="quiet" role={why ? "status" : undefined}>
            {why ??
              (seconds === null
                ? `${pairs.length} pairs; ${TITLE[method].toLowerCase()}.`
                : `The last search took ${seconds.toFixed(1)} s.`)}
          </span>
        </div>
      )}
      {error && <ErrorCard title="The edges could not be scored" error={error} />}
    </section>
  );
}
