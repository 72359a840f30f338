/** The task: which one, its pairs token by token, and what can be done with them. */
import { useState } from "react";
import { LIBRARY, type LibraryId } from "../../core/task-library.ts";
import { writeTable } from "../../core/task-table.ts";
import { writeTask } from "../../core/task-file.ts";
import type { Task, TaskPair } from "../../core/task.ts";
import { baselinePython } from "../../python/patching.ts";
import { useLab } from "../../state/context.ts";
import { useRead } from "../../state/options-slice.ts";
import { useRunFacts } from "../../state/run-facts.ts";
import {
  MADE_AT_FIRST,
  MOST_MADE,
  type OpenTask,
  readCount,
  readSeed,
  runPair,
  TASK_CHOICES,
  type TaskChoice,
} from "../../state/task-slice.ts";
import { Button, IconButton } from "../../ui/button.tsx";
import { Checkbox, Select, TextField } from "../../ui/field.tsx";
import { Figure } from "../../ui/figure.tsx";
import { SmallNumber } from "../../ui/small-number.tsx";
import { saveFiles } from "../../ui/save-files.ts";
import { PairCard } from "./pair-card.tsx";
import { PasteDialog } from "./paste-dialog.tsx";
import { TemplateDialog } from "./template-dialog.tsx";
import { useTaskFile } from "./use-task-file.tsx";
import { WizardDialog } from "./wizard-dialog.tsx";
import { WHAT_TASK } from "./words.ts";

const AT_FIRST = 3; // pairs on show
const MORE = 20;
type Dialog = "paste" | "templates" | "wizard";

export function TaskFigure({ open }: { open: OpenTask }) {
  const { task, read, choice } = open;
  const [shown, setShown] = useState(AT_FIRST);
  const [dialog, setDialog] = useState<Dialog | null>(null);
  // By index, of one choice of task; they move with their pairs.
  const [edited, setEdited] = useState<{ of: TaskChoice; at: readonly number[] }>({
    ...{ of: choice, at: [] },
  });
  const editing = edited.of === choice || choice === "own" ? edited.at : [];
  const setEditing = (at: readonly number[], of: TaskChoice = "own") => setEdited({ of, at });
  const editTask = useLab((s) => s.editTask);
  const facts = useRunFacts();
  const problems = read.filter(({ problem }) => problem !== null).length;
  const change = (pairs: readonly TaskPair[]) => editTask({ ...task, pairs });
  const runnable = read.filter(({ problem }) => problem === null).map(runPair);
  return (
    <Figure
      title={`Task: ${task.name}`}
      name="task"
      what={WHAT_TASK}
      python={
        runnable.length === 0
          ? { none: "No pair can be run yet." }
          : () => baselinePython(facts(), runnable, "logProb")
      }
      table={() => ({
        columns: ["clean", "corrupted", "answers", "wrong", "roles", "problem"],
        rows: task.pairs.map(({ clean, corrupted, answers, wrong, roles }, i) => [
          ...[clean, corrupted, answers.join(" | "), wrong.join(" | ")],
          roles.map(({ role, start, end }) => `${role} ${start}–${end}`).join(", "),
          read[i]?.problem ?? null,
        ]),
      })}
      controls={<Tools task={task} onDialog={setDialog} />}
    >
      <Choice
        open={open}
        onNew={() => {
          setEditing([0]);
          setShown(AT_FIRST);
          editTask({ name: "My task", prependBos: true, pairs: [EMPTY_PAIR] });
        }}
      />
      <Notes open={open} problems={problems} />
      <ul className="pairs">
        {task.pairs.slice(0, shown).map((pair, i) => (
          <li key={i}>
            {read[i] && (
              <PairCard
                index={i}
                pair={pair}
                read={read[i]}
                baseline={open.baseline[i] ?? null}
                editing={editing.includes(i)}
                onEditing={(on) =>
                  setEditing(on ? [...editing, i] : editing.filter((at) => at !== i), choice)
                }
                onChange={(next) => change(task.pairs.with(i, next))}
                onRemove={() => {
                  setEditing(editing.filter((at) => at !== i).map((at) => at - Number(at > i)));
                  change(task.pairs.toSpliced(i, 1));
                }}
                onMarkAll={(mark) => change(task.pairs.map(mark))}
              />
            )}
          </li>
        ))}
      </ul>
      <div className="row">
        {shown < task.pairs.length && (
          <Button onClick={() => setShown(shown + MORE)}>
            Show more ({task.pairs.length - shown} left)
          </Button>
        )}
        {shown > AT_FIRST && (
          <Button kind="quiet" onClick={() => setShown(AT_FIRST)}>
            Show fewer
          </Button>
        )}
        <Button
          icon="plus"
          onClick={() => {
            setEditing([0, ...editing.map((at) => at + 1)]);
            change([EMPTY_PAIR, ...task.pairs]);
          }}
        >
          Add a pair
        </Button>
      </div>
      {dialog === "paste" && <PasteDialog task={task} onClose={() => setDialog(null)} />}
      {dialog === "templates" && <TemplateDialog choice={choice} onClose={() => setDialog(null)} />}
      {dialog === "wizard" && <WizardDialog onClose={() => setDialog(null)} />}
    </Figure>
  );
}

const EMPTY_PAIR: TaskPair = { clean: "", corrupted: "", answers: [], wrong: [], roles: [] };

/** Which task; of the library's how many pairs, and by which draw. */
function Choice({ open: { choice, task }, onNew }: { open: OpenTask; onNew: () => void }) {
  const chooseTask = useLab((s) => s.chooseTask);
  const own = useLab((s) => s.ownTask);
  const [count, setCount] = useRead("circuits.count", readCount, MADE_AT_FIRST);
  const [seed, setSeed] = useRead("circuits.seed", readSeed, 0);
  return (
    <div className="task-choice">
      <Select
        label="Task"
        value={choice}
        options={TASK_CHOICES.map((value) => ({
          value,
          label:
            value === "own" ? (own ? `Mine: ${own.name}` : "Mine: none yet") : LIBRARY[value].label,
          disabled: value === "own" && own === null,
        }))}
        onChange={chooseTask}
      />
      {choice !== "own" && (
        <>
          <SmallNumber
            label="Pairs"
            value={count}
            onChange={setCount}
            min={1}
            max={MOST_MADE}
            whole
          />
          <SmallNumber label="Seed" value={seed} onChange={setSeed} min={0} max={999_999} whole />
          <Button icon="dice" onClick={() => setSeed((seed + 1) % 1_000_000)}>
            Draw again
          </Button>
        </>
      )}
      {choice === "own" && <OwnFields key={task.name} task={task} />}
      <Button icon="plus" title="Empty, to type pairs into" onClick={onNew}>
        New task
      </Button>
    </div>
  );
}

/** The name holds what is typed until it is left. */
function OwnFields({ task }: { task: Task }) {
  const editTask = useLab((s) => s.editTask);
  const [name, setName] = useState(task.name);
  const rename = () => {
    if (name.trim() !== "" && name.trim() !== task.name) editTask({ ...task, name: name.trim() });
  };
  return (
    <>
      <TextField
        label="Its name"
        value={name}
        maxLength={100}
        onChange={setName}
        onBlur={rename}
        onKeyDown={(e) => {
          if (e.key === "Enter") rename();
        }}
      />
      <Checkbox
        label="BOS first"
        checked={task.prependBos}
        onChange={(prependBos) => editTask({ ...task, prependBos })}
      />
    </>
  );
}

function Notes({ open: { choice, made, task }, problems }: { open: OpenTask; problems: number }) {
  const entry = choice === "own" ? null : LIBRARY[choice satisfies LibraryId];
  return (
    <div className="task-notes">
      {entry && <p>{entry.words}</p>}
      {entry?.source && <p className="quiet">{entry.source}</p>}
      {made?.leftOut.map(({ list, words }) => (
        <p key={list} className="quiet">
          Left out of {list}, not one token for this model: {words.slice(0, 12).join(", ")}
          {words.length > 12 ? ` and ${words.length - 12} more` : ""}.
        </p>
      ))}
      {made?.shortage && <p className="quiet">{made.shortage}</p>}
      {problems > 0 && (
        <p role="status">
          {problems} of {task.pairs.length} pairs cannot be run and {problems === 1 ? "is" : "are"}{" "}
          left out.
        </p>
      )}
    </div>
  );
}

function Tools({ task, onDialog }: { task: Task; onDialog: (dialog: Dialog) => void }) {
  const undo = useLab((s) => s.undoTask);
  const redo = useLab((s) => s.redoTask);
  const { past, future } = useLab((s) => s.undoneTasks);
  const file = useTaskFile();
  return (
    <div className="row tight-row">
      <IconButton icon="undo" label="Undo" disabled={past.length === 0} onClick={undo} />
      <IconButton icon="redo" label="Redo" disabled={future.length === 0} onClick={redo} />
      <IconButton
        icon="copy"
        label="Copy the pairs as a table"
        onClick={() => void navigator.clipboard.writeText(writeTable(task.pairs))}
      />
      <Button onClick={() => onDialog("paste")}>Paste</Button>
      <Button onClick={() => onDialog("templates")}>Templates</Button>
      <Button onClick={() => onDialog("wizard")}>It gets this wrong</Button>
      {file.button}
      <IconButton
        icon="download"
        label="Export the task as JSON"
        onClick={() =>
          saveFiles([new File([writeTask(task)], "task.json", { type: "application/json" })])
        }
      />
      {file.problem}
    </div>
  );
}
