/** One pair: its tokens one above the other, answers, baseline; and its fields when it is edited. */
import type { PairCardProps } from "./pair-tokens.tsx";
import { useState } from "react";
import type { PairBaseline } from "../../core/task.ts";
import { readAnswers, writeAnswers } from "../../core/task-table.ts";
import { IconButton } from "../../ui/button.tsx";
import { TextField } from "../../ui/field.tsx";
import { tokenText } from "../../ui/token-text.ts";
import { PairTokens } from "./pair-tokens.tsx";
import { metricText } from "./words.ts";

export function PairCard(props: PairCardProps) {
  const { index, pair, read, baseline, editing, onEditing, onChange, onRemove } = props;
  return (
    <section className="pair" aria-label={`Pair ${index + 1}`}>
      <div className="pair-head">
        <span className="quiet">{index + 1}</span>
        <p className="pair-answers">
          <span className="mono">{shortList(pair.answers)}</span>
          {pair.wrong.length > 0 && (
            <span className="quiet">
              {" "}
              not <span className="mono">{shortList(pair.wrong)}</span>
            </span>
          )}
          {baseline && <BaselineWords baseline={baseline} />}
        </p>
        <IconButton
          icon="edit"
          label={`${editing ? "Close" : "Edit"} pair ${index + 1}`}
          aria-expanded={editing}
          onClick={() => onEditing(!editing)}
        />
        <IconButton icon="trash" label={`Remove pair ${index + 1}`} onClick={onRemove} />
      </div>
      <PairTokens {...props} marking={editing} />
      {read.problem && (
        <p className="field-error" role="alert">
          {read.problem}
        </p>
      )}
      {editing && <PairFields pair={pair} onChange={onChange} />}
    </section>
  );
}

const shortList = (texts: readonly string[]): string =>
  texts.length === 0
    ? "no answer"
    : `${texts.slice(0, 3).map(tokenText).join(" ")}${texts.length > 3 ? ` … (${texts.length})` : ""}`;

function BaselineWords({ baseline: { clean, corrupted } }: { baseline: PairBaseline }) {
  const kind = clean.values.logitDiff === null ? "logProb" : "logitDiff";
  const best = clean.top[0]!;
  return (
    <span className="quiet">
      {" · "}
      {kind === "logProb" ? "log-probability" : "logit difference"}{" "}
      <span className="mono">
        {metricText(clean.values[kind]!)} → {metricText(corrupted.values[kind]!)}
      </span>
      {" · likeliest "}
      <span className="mono">{tokenText(best.string)}</span> {(100 * best.probability).toFixed(0)} %
    </span>
  );
}

/** The fields hold what is typed until they are left: a pair half typed is none of the task's. */
function PairFields({ pair, onChange }: Pick<PairCardProps, "pair" | "onChange">) {
  const stored = {
    ...{ clean: pair.clean, corrupted: pair.corrupted },
    ...{ answers: writeAnswers(pair.answers), wrong: writeAnswers(pair.wrong) },
  };
  const [draft, setDraft] = useState(stored);
  const key = JSON.stringify(stored);
  const [from, setFrom] = useState(key);
  if (from !== key) {
    setFrom(key);
    setDraft(stored);
  }
  const commit = () => {
    if (JSON.stringify(draft) === key) return;
    onChange({
      ...{ clean: draft.clean, corrupted: draft.corrupted },
      ...{ answers: readAnswers(draft.answers), wrong: readAnswers(draft.wrong) },
      roles: draft.clean === pair.clean ? pair.roles : [],
    });
  };
  const field = (name: keyof typeof draft, label: string, hint?: string) => (
    <TextField
      label={label}
      mono
      value={draft[name]}
      hint={hint}
      onChange={(text) => setDraft({ ...draft, [name]: text })}
      onBlur={commit}
      onKeyDown={(e) => {
        if (e.key === "Enter") commit();
      }}
    />
  );
  return (
    <div className="pair-fields">
      {field("clean", "Clean prompt")}
      {field("corrupted", "Corrupted prompt")}
      {field(
        "answers",
        "Answers",
        'A word gets the space before it; “|” between several; "33" in quotes is taken as it is.',
      )}
      {field("wrong", "Wrong answers")}
    </div>
  );
}
