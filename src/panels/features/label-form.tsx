/** A feature's label, written in place: Enter keeps it, Escape leaves it, an empty one takes it away. */
import { useRef, useState } from "react";
import { type FeatureLabel, NOTE_LIMITS } from "../../core/feature-notes.ts";
import { useLab } from "../../state/context.ts";
import { IconButton } from "../../ui/button.tsx";

export interface LabelFormProps {
  saeId: string;
  feature: number;
  label: FeatureLabel | null;
}
export function LabelForm({ saeId, feature, label }: LabelFormProps) {
  const setLabel = useLab((s) => s.setLabel);
  const [text, setText] = useState<string | null>(null);
  const edit = useRef<HTMLButtonElement>(null);
  const leave = () => {
    setText(null);
    requestAnimationFrame(() => edit.current?.focus());
  };
  if (text === null) {
    return (
      <div className="label-text">
        <button
          ref={edit}
          type="button"
          className={label ? "label-words" : "label-words none"}
          title="Write a label"
          onClick={() => setText(label?.text ?? "")}
        >
          {label ? label.text : "no label yet"}
        </button>
        <IconButton
          icon="edit"
          label={label ? `Change the label of feature ${feature}` : `Label feature ${feature}`}
          onClick={() => setText(label?.text ?? "")}
        />
      </div>
    );
  }
  return (
    <form
      className="label-text"
      onSubmit={(e) => {
        e.preventDefault();
        setLabel(saeId, feature, text);
        leave();
      }}
      onKeyDown={(e) => {
        if (e.key !== "Escape") return;
        e.preventDefault();
        leave();
      }}
    >
      <input
        className="input"
        aria-label={`Label of feature ${feature}`}
        placeholder="What does it mean?"
        maxLength={NOTE_LIMITS.label}
        value={text}
        autoFocus
        onFocus={(e) => e.target.select()}
        onChange={(e) => setText(e.target.value)}
      />
      <button type="submit" className="button">
        Keep
      </button>
    </form>
  );
}
