/** Goes to a feature by its number. */
import { useState } from "react";
import { useLab } from "../../state/context.ts";

export function FeatureJump({ count }: { count: number }) {
  const selectFeature = useLab((s) => s.selectFeature);
  const [text, setText] = useState("");
  const wanted = text.trim() === "" ? null : Number(text);
  const bad = wanted !== null && !(Number.isInteger(wanted) && wanted >= 0 && wanted < count);
  const hint = `Feature number, 0 to ${count - 1}`;
  return (
    <form
      className="feature-jump"
      onSubmit={(e) => {
        e.preventDefault();
        if (wanted === null || bad) return;
        setText("");
        void selectFeature(wanted);
      }}
    >
      <input
        className="input mono"
        inputMode="numeric"
        placeholder="Go to #"
        aria-label={hint}
        title={hint}
        aria-invalid={bad ? true : undefined}
        value={text}
        onChange={(e) => setText(e.target.value)}
      />
      {bad && (
        <span role="alert" className="field-error">
          features go from 0 to {count - 1}
        </span>
      )}
    </form>
  );
}
