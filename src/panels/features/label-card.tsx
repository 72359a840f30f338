/** What is said of the feature that is looked at: its label with who wrote it and its scores, star, lists, note. */
import { useState } from "react";
import { type FeatureLabel, isVerified, NO_NOTE } from "../../core/feature-notes.ts";
import { useLab } from "../../state/context.ts";
import { exchanged, useNotes } from "../../state/feature-notes.ts";
import { Button, IconButton } from "../../ui/button.tsx";
import { madeWords, sourceWords } from "../../ui/feature-name.tsx";
import { LabelForm } from "./label-form.tsx";
import { LabelLists } from "./label-lists.tsx";
import { LabelWriter } from "./label-writer.tsx";
import { LabelScores } from "./label-scores.tsx";
import "./label.css";

export function LabelCard({ saeId, feature }: { saeId: string; feature: number }) {
  const note = useNotes(saeId).features.get(feature) ?? NO_NOTE;
  const setStarred = useLab((s) => s.setStarred);
  const { label, starred } = note;
  return (
    <section className="label-card card" aria-label={`What is said of feature ${feature}`}>
      <div className="label-line">
        <button
          type="button"
          className="star"
          aria-pressed={starred}
          aria-label={`Star feature ${feature}`}
          title={starred ? "Take the star away" : "Star this feature"}
          onClick={() => setStarred(saeId, [feature], !starred)}
        >
          <span aria-hidden="true">{starred ? "★" : "☆"}</span>
        </button>
        <LabelForm key={`${saeId} ${feature}`} {...{ saeId, feature, label }} />
        <LabelLists saeId={saeId} feature={feature} />
      </div>
      {label && (
        <p className="label-facts">
          <span>{madeWords(label)}</span>
          {!isVerified(note) && (
            <span className="unverified-mark" title="No score and no test has looked at it yet">
              unverified
            </span>
          )}
          <LabelScores label={label} />
        </p>
      )}
      <MakeLabel saeId={saeId} feature={feature} labelled={label !== null} />
      <Others saeId={saeId} feature={feature} others={note.others} />
      <NoteText key={`note ${saeId} ${feature}`} saeId={saeId} feature={feature} text={note.note} />
    </section>
  );
}

/** Ways to a label that need no words of one's own. */
function MakeLabel({
  saeId,
  feature,
  labelled,
}: {
  saeId: string;
  feature: number;
  labelled: boolean;
}) {
  const labelAutomatically = useLab((s) => s.labelAutomatically);
  const busy = useLab((s) => s.labelling.status === "running");
  return (
    <div className="label-make">
      <Button
        disabled={busy}
        title="From the tokens of its strongest examples, or the tokens it promotes; no language model is asked"
        onClick={() => void labelAutomatically(saeId, [feature])}
      >
        Label automatically
      </Button>
      <LabelWriter feature={feature} labelled={labelled} />
    </div>
  );
}

function Others({
  saeId,
  feature,
  others,
}: {
  saeId: string;
  feature: number;
  others: readonly FeatureLabel[];
}) {
  const changeNote = useLab((s) => s.changeNote);
  if (others.length === 0) return null;
  return (
    <ul className="label-others" aria-label="Other labels">
      {others.map((other, i) => (
        <li key={i}>
          <span>“{other.text}”</span> <span className="quiet">{sourceWords(other)}</span>{" "}
          <Button
            kind="quiet"
            className="inline"
            aria-label={`Use the label “${other.text}”`}
            onClick={() => changeNote(saeId, feature, (now) => exchanged(now, i))}
          >
            Use it
          </Button>
          <IconButton
            icon="close"
            label={`Drop the label “${other.text}”`}
            onClick={() =>
              changeNote(saeId, feature, (now) => ({
                ...now,
                others: now.others.filter((_, at) => at !== i),
              }))
            }
          />
        </li>
      ))}
    </ul>
  );
}

function NoteText({ saeId, feature, text }: { saeId: string; feature: number; text: string }) {
  const setNoteText = useLab((s) => s.setNoteText);
  const [open, setOpen] = useState(false);
  if (!open && text === "") {
    return (
      <div>
        <Button kind="quiet" className="inline" onClick={() => setOpen(true)}>
          Add a note
        </Button>
      </div>
    );
  }
  return (
    <label className="note-text">
      <span className="visually-hidden">Note on feature {feature}</span>
      <textarea
        className="input"
        rows={Math.min(8, Math.max(2, text.split("\n").length))}
        placeholder="A note, kept in this browser"
        maxLength={20_000}
        autoFocus={open}
        value={text}
        onChange={(e) => setNoteText(saeId, feature, e.target.value)}
      />
    </label>
  );
}
