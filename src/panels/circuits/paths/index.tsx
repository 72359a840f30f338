/** Paths: from the logits backwards, level by level, which head tells which. */
import { PATCH_FORMS, patchCells, scaleOf } from "../../../charts/patch-grid.ts";
import type { Gpt2Config } from "../../../core/types.ts";
import { useLab } from "../../../state/context.ts";
import { useChoice } from "../../../state/options-slice.ts";
import type { OpenTask } from "../../../state/task-slice.ts";
import { LevelTrail } from "./level-trail.tsx";
import { NextLevel } from "./next-level.tsx";
import { TracePart } from "./trace-part.tsx";
import { PathFigure } from "./path-figure.tsx";
import { usePathOptions, usePathSetup } from "./use-path-question.ts";

export default function PathsPart({ open }: { open: OpenTask }) {
  const model = useLab((s) => s.model);
  return model.status === "ready" ? <Paths open={open} config={model.value.config} /> : null;
}

function Paths({ open, config }: { open: OpenTask; config: Gpt2Config }) {
  const options = usePathOptions(config);
  const setup = usePathSetup(open, options, config);
  const [form, setForm] = useChoice(
    "paths.form",
    [...PATCH_FORMS].reverse() as ["change", "share"],
  );
  const run = useLab((s) => s.pathRuns[setup.key]) ?? null;
  const runPath = useLab((s) => s.runPath);
  const { pairs, question } = setup;
  if (!pairs) return null; // the baseline is being computed, or says what it lacks
  const ends = scaleOf(pairs);
  const scale = form === "share" && "scale" in ends ? ends.scale : null;
  const cells = run && patchCells(run.values, pairs, question.direction, scale, setup.count);
  const rest = scale && question.direction === "noise" ? 1 : 0;
  // Cells are numbered anew when the columns change, so what was chosen of others is not taken.
  const columns = String(setup.columns.length);
  const [of, list = ""] = options.chosenText.split(":");
  const chosen = setup.open.filter(
    (cell) => of === columns && list.split(",").includes(String(cell)),
  );
  const setChosen = (next: readonly number[]) =>
    options.setChosenText(next.length === 0 ? "" : `${columns}:${next.join(",")}`);
  return (
    <>
      <LevelTrail options={options} />
      <PathFigure
        {...{ setup, options, run, cells, form, setForm, chosen }}
        isShare={scale !== null}
        error={"error" in ends ? ends.error : null}
        onChoose={(cell) =>
          setChosen(chosen.includes(cell) ? chosen.filter((c) => c !== cell) : [...chosen, cell])
        }
        onRun={() =>
          void runPath(
            setup.key,
            { ...question, sets: setup.open.map((cell) => [cell]) },
            setup.open,
            setup.count,
          )
        }
      />
      {cells && <NextLevel {...{ setup, options, cells, rest, chosen, setChosen }} />}
      <TracePart open={open} config={config} />
    </>
  );
}
