/** Circuits: from a task to a circuit that has been tested. Each part but the first is fetched on use. */
import { lazy, Suspense, type ComponentType } from "react";
import { useLab } from "../../state/context.ts";
import { useChoice } from "../../state/options-slice.ts";
import type { OpenTask } from "../../state/task-slice.ts";
import { Empty } from "../../ui/empty.tsx";
import { Progress } from "../../ui/progress.tsx";
import { Tabs } from "../../ui/segmented.tsx";
import { BaselineFigure } from "./baseline-figure.tsx";
import { TaskFigure } from "./task-figure.tsx";
import { WithTask } from "./with-task.tsx";
import "./circuits.css";

type Part =
  | "task"
  | "patching"
  | "paths"
  | "roles"
  | "discover"
  | "verify"
  | "features"
  | "probes"
  | "edit"
  | "ioi";
interface PartEntry {
  value: Part;
  label: string;
  /** What it answers. */
  title: string;
  /** A part about the task has it; the others are about the model alone. */
  of: { task: ComponentType<{ open: OpenTask }> } | { model: ComponentType };
}
const PARTS: readonly [PartEntry, ...PartEntry[]] = [
  {
    value: "task",
    label: "Task",
    title: "Which prompts, which answers, and how well does the model do?",
    of: { task: TaskPart },
  },
  {
    value: "ioi",
    label: "Worked example",
    title: "The indirect object, from start to end",
    of: { task: lazy(() => import("./ioi-part.tsx")) },
  },
  {
    value: "patching",
    label: "Patching",
    title: "Which activation carries the answer?",
    of: { task: lazy(() => import("./patch-part.tsx")) },
  },
  {
    value: "paths",
    label: "Paths",
    title: "Which head tells which?",
    of: { task: lazy(() => import("./paths/index.tsx")) },
  },
  {
    value: "roles",
    label: "Roles",
    title: "What is each head for?",
    of: { task: lazy(() => import("./roles/index.tsx")) },
  },
  {
    value: "discover",
    label: "Discover",
    title: "Which edges make the circuit?",
    of: { task: lazy(() => import("./discover/index.tsx")) },
  },
  {
    value: "verify",
    label: "Verify",
    title: "Does the circuit do what the model does, and is all of it needed?",
    of: { task: lazy(() => import("./verify/index.tsx")) },
  },
  {
    value: "probes",
    label: "Probes",
    title: "What can be read off the activations by a linear map?",
    of: { model: lazy(() => import("./probes/index.tsx")) },
  },
  {
    value: "features",
    label: "Feature circuit",
    title: "Which features make this prompt's next token?",
    of: { model: lazy(() => import("./feature-circuit/index.tsx")) },
  },
  {
    value: "edit",
    label: "Edit",
    title: "What does the model do without it, or when it has learnt better?",
    of: { model: lazy(() => import("./edit-model/index.tsx")) },
  },
];
const [first, ...others] = PARTS.map(({ value }) => value) as [Part, ...Part[]];

export default function Circuits() {
  const model = useLab((s) => s.model);
  const [part, setPart] = useChoice<Part>("circuits.part", [first, ...others]);
  if (model.status === "failed") return null; // the notices above say why
  if (model.status !== "ready") return <Progress label="Waiting for the model" share={null} />;
  const entry = PARTS.find(({ value }) => value === part)!;
  return (
    <div className="circuits">
      <Tabs label="Parts of the lab" value={part} choices={PARTS} onChange={setPart}>
        <Suspense fallback={<Empty title={`Opening ${entry.label} …`} />}>
          <div className="stack">
            {"model" in entry.of ? (
              <entry.of.model />
            ) : (
              <WithTask
                View={entry.of.task}
                onTask={part === first ? null : () => setPart(first)}
              />
            )}
          </div>
        </Suspense>
      </Tabs>
    </div>
  );
}

function TaskPart({ open }: { open: OpenTask }) {
  return (
    <>
      <TaskFigure open={open} />
      {open.read.some(({ problem }) => problem === null) && <BaselineFigure open={open} />}
    </>
  );
}
