/**
 * A language model is asked for a label, or to judge one: who is asked, what for, and all that would be sent, before anything
 * is sent.
 */
import { useState } from "react";
import type { ScoreKind } from "../../state/writer-kinds.ts";
import type { WriterWork } from "../../state/writer-slice.ts";
import { useLab } from "../../state/context.ts";
import { useNotes } from "../../state/feature-notes.ts";
import { Button } from "../../ui/button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { ErrorCard } from "../../ui/error-card.tsx";
import { Checkbox } from "../../ui/field.tsx";
import { Progress } from "../../ui/progress.tsx";
import { LabelWriterSource } from "./label-writer-source.tsx";

const KINDS: readonly { kind: ScoreKind; label: string; title: string }[] = [
  {
    kind: "detection",
    label: "Detection score",
    title: "10 texts on which it is active and 10 others: is the feature active somewhere in it?",
  },
  {
    kind: "fuzzing",
    label: "Fuzzing score",
    title:
      "10 texts with its own tokens marked and 10 others: are the marked tokens the right ones?",
  },
  {
    kind: "simulation",
    label: "Simulation score",
    title: "10 texts: how active is it on each token, from 0 to 10?",
  },
];

export function LabelWriter({ feature, labelled }: { feature: number; labelled: boolean }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button onClick={() => setOpen(true)}>Ask a language model …</Button>
      {open && (
        <LabelWriterDialog feature={feature} labelled={labelled} onClose={() => setOpen(false)} />
      )}
    </>
  );
}

function LabelWriterDialog({
  feature,
  labelled,
  onClose,
}: {
  feature: number;
  labelled: boolean;
  onClose: () => void;
}) {
  const [withLabel, setWithLabel] = useState(!labelled);
  const [kinds, setKinds] = useState<readonly ScoreKind[]>(["detection"]);
  const plan = useLab((s) => s.writerPlan);
  const planWriter = useLab((s) => s.planWriter);
  const writing = useLab((s) => s.writing);
  const stopWriter = useLab((s) => s.stopWriter);
  const dismissWriter = useLab((s) => s.dismissWriter);
  const ofList = useLab((s) => s.writingList.status === "running");
  const busy = writing.status === "running" || ofList;
  /** What was prepared is of what was chosen before. */
  const choose = (change: () => void) => {
    change();
    dismissWriter();
  };
  return (
    <Dialog title={`Ask a language model about feature ${feature}`} onClose={onClose}>
      <div className="writer">
        <LabelWriterSource disabled={busy} />
        <fieldset className="writer-tasks" disabled={busy}>
          <legend>What for</legend>
          <Checkbox
            label="Write a label"
            checked={withLabel}
            onChange={(on) => choose(() => setWithLabel(on))}
          />
          {KINDS.map(({ kind, label, title }) => (
            <Checkbox
              key={kind}
              label={label}
              title={title}
              checked={kinds.includes(kind)}
              onChange={(on) =>
                choose(() => setKinds(on ? [...kinds, kind] : kinds.filter((k) => k !== kind)))
              }
            />
          ))}
        </fieldset>
        {plan.status !== "ready" && !busy && (
          <div>
            <Button
              disabled={plan.status === "running" || (!withLabel && kinds.length === 0)}
              onClick={() => void planWriter(feature, kinds, withLabel)}
            >
              Show what would be sent
            </Button>
          </div>
        )}
        {plan.status === "running" && (
          <Progress
            label="Choosing texts, on this machine"
            share={plan.progress?.share ?? null}
            onCancel={stopWriter}
          />
        )}
        {plan.status === "failed" && (
          <ErrorCard title="Nothing was sent" error={plan.error} advice="" />
        )}
        {!ofList && <Send />}
        <WrittenList />
        <Written />
      </div>
    </Dialog>
  );
}

/** What is being asked, or went wrong, for whoever has closed the dialog. */
export function AskedElsewhere() {
  const writing = useLab((s) => s.writing);
  const stop = useLab((s) => s.stopWriterList);
  const dismiss = useLab((s) => s.dismissWriter);
  if (writing.status === "failed") {
    return (
      <ErrorCard
        title="Asking the language model"
        error={writing.error}
        advice=""
        onDismiss={dismiss}
      />
    );
  }
  if (writing.status !== "running" || !writing.progress) return null;
  return <WritingProgress work={writing.progress} onCancel={stop} />;
}

function WritingProgress({ work, onCancel }: { work: WriterWork; onCancel: () => void }) {
  const { what, done, total, detail } = work;
  return (
    <Progress
      label={what}
      share={total > 0 ? done / total : null}
      facts={[`${done} of ${total} answered`, ...(detail === null ? [] : [detail])]}
      onCancel={onCancel}
    />
  );
}

/** All that would be sent, and the button that sends it. */
function Send() {
  const plan = useLab((s) => s.writerPlan);
  const writer = useLab((s) => s.writer);
  const askWriter = useLab((s) => s.askWriter);
  const busy = useLab((s) => s.writing.status === "running");
  const askAll = useLab((s) => s.askWriterForAll);
  const openList = useLab((s) => s.openList);
  const { lists } = useNotes();
  const list = lists.find(({ id }) => id === openList);
  if (plan.status !== "ready" || busy) return null;
  const { questions, tokens } = plan.value;
  const count = questions.length === 1 ? "1 question" : `${questions.length} questions`;
  const where = writer.kind === "hub" ? "in this tab" : `to ${writer.url || "the server"}`;
  return (
    <>
      <details className="writer-preview">
        <summary>
          {count}, about {tokens.toLocaleString("en-US")} tokens: read them
        </summary>
        {questions.map(({ messages }, i) => (
          <section key={i} aria-label={`Question ${i + 1}`}>
            {messages.map(({ role, content }) => (
              <pre key={role}>
                <strong>{role}</strong>
                {"\n"}
                {content}
              </pre>
            ))}
          </section>
        ))}
      </details>
      <div>
        <Button kind="primary" onClick={() => void askWriter()}>
          {writer.kind === "hub" ? `Run ${count} ${where}` : `Send ${count} ${where}`}
        </Button>
      </div>
      {list && list.features.length > 0 && (
        <div>
          <Button onClick={() => void askAll(list.features)}>
            {list.features.length === 1
              ? `Ask the same of the one feature of “${list.name}”`
              : `Ask the same of all ${list.features.length.toLocaleString("en-US")} features of “${list.name}”`}
          </Button>
          <p className="quiet">
            One after another, with about as many questions each, made of each feature’s own texts.
          </p>
        </div>
      )}
    </>
  );
}

/** How far a list is. */
function WrittenList() {
  const work = useLab((s) => s.writingList);
  const stop = useLab((s) => s.stopWriterList);
  if (work.status === "failed") {
    return <ErrorCard title="Asking about the list" error={work.error} advice="" />;
  }
  if (work.status === "ready") return <p role="status">{work.value}</p>;
  if (work.status !== "running" || !work.progress) return null;
  const { feature, done, total } = work.progress;
  return (
    <Progress
      label={`Asking about feature ${feature}`}
      share={done / total}
      facts={[`${done} of ${total} features`]}
      onCancel={stop}
    />
  );
}

/** How far it is, what came of it, what it cost. */
function Written() {
  const writing = useLab((s) => s.writing);
  const stopWriter = useLab((s) => s.stopWriter);
  const askWriter = useLab((s) => s.askWriter);
  const planned = useLab((s) => s.writerPlan.status === "ready");
  const { questions, asked, answered, estimated } = useLab((s) => s.writerCost);
  const about = estimated ? "about " : "";
  const words = (n: number) => n.toLocaleString("en-US");
  return (
    <>
      {writing.status === "running" && writing.progress && (
        <WritingProgress work={writing.progress} onCancel={stopWriter} />
      )}
      {writing.status === "failed" && (
        <ErrorCard
          title="Asking the language model"
          error={writing.error}
          advice=""
          actions={planned && <Button onClick={() => void askWriter()}>Try again</Button>}
        />
      )}
      {writing.status === "ready" && <p role="status">{writing.value}</p>}
      {questions > 0 && (
        <p className="quiet">
          In this session: {words(questions)} {questions === 1 ? "question" : "questions"}, {about}
          {words(asked)} tokens sent, {about}
          {words(answered)} tokens answered.
        </p>
      )}
    </>
  );
}
