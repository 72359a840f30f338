/** Patching: what to patch, the sweep as a heatmap, its preview, and how well the two agree. */
import { useEffect } from "react";
import { useLab } from "../../state/context.ts";
import { useChoice } from "../../state/options-slice.ts";
import type { OpenTask } from "../../state/task-slice.ts";
import { ATTRIBUTIONS } from "../../core/patching.ts";
import { estimated, PATCH_FORMS, patchCells, scaleOf } from "../../charts/patch-grid.ts";
import { Button } from "../../ui/button.tsx";
import { Empty } from "../../ui/empty.tsx";
import { Progress } from "../../ui/progress.tsx";
import { AgreementFigure } from "./agreement-figure.tsx";
import { MetricSelect } from "./metric-select.tsx";
import { PatchFigure } from "./patch-figure.tsx";
import { type PatchOptions, usePatchOptions, usePatchSetup } from "./use-patch-question.ts";

export default function PatchPart({ open }: { open: OpenTask }) {
  const model = useLab((s) => s.model);
  return model.status === "ready" ? <Patching open={open} config={model.value.config} /> : null;
}

/** Steps of the integrated way. */
const STEPS = 8;

function Patching({
  open,
  config,
}: {
  open: OpenTask;
  config: Parameters<typeof usePatchSetup>[2];
}) {
  const options = usePatchOptions(config);
  const setup = usePatchSetup(open, options, config);
  const [form, setForm] = useChoice("circuits.form", PATCH_FORMS);
  const [method, setMethod] = useChoice("circuits.method", ATTRIBUTIONS);
  const { key, question, grid, pairs } = setup;
  const previewKey = `${method} ${key}`;
  const run = useLab((s) => s.patchRuns[key]) ?? null;
  const preview = useLab((s) => s.previewRuns[previewKey]) ?? null;
  const runPatch = useLab((s) => s.runPatch);
  const runPreview = useLab((s) => s.runPreview);
  const wanted = useLab((s) => s.searchWanted && s.ownTask === open.task);
  const started = useLab((s) => s.searchStarted);
  const isKnown = pairs !== null;
  const { count } = grid;
  useEffect(() => {
    if (!wanted || !isKnown) return;
    started();
    void runPatch(key, { ...question, cells: null }, count);
  }, [wanted, isKnown, started, runPatch, key, question, count]);

  if (!pairs) return <NoBaseline open={open} options={options} />;
  const ends = scaleOf(pairs);
  const scale = form === "share" && "scale" in ends ? ends.scale : null;
  const size = grid.rows.length * setup.columns.length;
  const cellsOf = (values: readonly Float64Array[]) =>
    patchCells(values, pairs, question.direction, scale, size);
  const exact = run && cellsOf(run.values);
  const guess = preview && cellsOf(estimated(preview.values, pairs, question.direction));
  const rest = scale && question.direction === "noise" ? 1 : 0;
  const exactOf = (cells: readonly number[]) =>
    void runPatch(key, { ...question, cells }, grid.count);
  const shared = { setup, options, rest, isShare: scale !== null };
  return (
    <>
      <PatchFigure
        {...shared}
        open={open}
        {...{ run, preview, exact, guess, form, setForm, method, setMethod, exactOf }}
        error={"error" in ends ? ends.error : null}
        onRun={() => void runPatch(key, { ...question, cells: null }, grid.count)}
        onPreview={() =>
          void runPreview(previewKey, { ...question, method, steps: STEPS }, grid.count)
        }
      />
      {exact && guess && (
        <AgreementFigure {...shared} exact={exact} guess={guess} method={method} />
      )}
    </>
  );
}

/** The baseline is being computed, was stopped, or lacks what the metric reads. */
function NoBaseline({ open, options }: { open: OpenTask; options: PatchOptions }) {
  const progress = useLab((s) => s.taskProgress);
  const stop = useLab((s) => s.stopTask);
  const refresh = useLab((s) => s.refreshTask);
  if (progress) {
    return (
      <Progress
        label="Running the prompts"
        share={progress.done / Math.max(1, progress.total)}
        facts={[`${progress.done} of ${progress.total} pairs`]}
        onCancel={stop}
        cancelLabel="Stop"
      />
    );
  }
  const runnable = open.read.flatMap(({ problem }, i) => (problem === null ? [i] : []));
  const isKnown = runnable.every((i) => open.baseline[i]);
  return (
    <Empty
      title={isKnown ? "This metric cannot be read of every pair" : "The baseline is not known"}
    >
      {isKnown ? (
        <>
          <p>
            {options.metric === "formula"
              ? "Write a formula that can be read of all of them, or take another metric."
              : "It compares answers with wrong ones, which some pair lacks. Take another metric."}
          </p>
          <MetricSelect open={open} options={options} />
        </>
      ) : (
        <Button onClick={() => void refresh()}>Compute the baseline</Button>
      )}
    </Empty>
  );
}
