/** The prompt: every keystroke is run. Says beside it what was wrong, cut off or replaced. */
import type { KeyboardEvent } from "react";
import { useLab } from "../../state/context.ts";
import { adviceFor, asSentence } from "../../ui/advice.ts";
import { Button, IconButton } from "../../ui/button.tsx";
import { Checkbox } from "../../ui/field.tsx";

export const PROMPT_ID = "prompt";

export function PromptBox() {
  const text = useLab((s) => s.text);
  const setText = useLab((s) => s.setText);
  const prependBos = useLab((s) => s.prependBos);
  const setPrependBos = useLab((s) => s.setPrependBos);
  const openGallery = useLab((s) => s.setGalleryOpen);
  const other = useLab((s) => s.otherText);
  const setOther = useLab((s) => s.setOtherText);
  const undoReplace = useLab((s) => s.undoReplace);

  const onKeyDown = (e: KeyboardEvent) => {
    const undo = (e.ctrlKey || e.metaKey) && !e.shiftKey && e.key.toLowerCase() === "z";
    if (undo && undoReplace()) e.preventDefault();
  };
  return (
    <div className="prompt">
      <label className="prompt-label" htmlFor={PROMPT_ID}>
        Prompt
      </label>
      <textarea
        id={PROMPT_ID}
        className="prompt-text"
        rows={1}
        value={text}
        placeholder="Write something for the model to read"
        spellCheck={false}
        autoComplete="off"
        autoCapitalize="off"
        dir="auto"
        aria-describedby="prompt-note"
        onChange={(e) => setText(e.target.value)}
        onKeyDown={onKeyDown}
      />
      <div className="prompt-tools">
        <Checkbox
          label="BOS"
          title="Put the token <|endoftext|> before the text, as TransformerLens does"
          checked={prependBos}
          onChange={setPrependBos}
        />
        <Button title="Prompts on which something can be seen" onClick={() => openGallery(true)}>
          Gallery
        </Button>
        <IconButton
          icon="compare"
          label="Compare with a second prompt"
          aria-pressed={other !== null}
          onClick={() => setOther(other === null ? text : null)}
        />
      </div>
      <PromptNote />
    </div>
  );
}

/** What happened to the text on its way to the model; empty when all is well. */
function PromptNote() {
  const view = useLab((s) => s.promptView);
  const shown = useLab((s) => s.shownView);
  const recovery = useLab((s) => s.recovery);
  const text = useLab((s) => s.text);
  const openGallery = useLab((s) => s.setGalleryOpen);
  if (
    view.status === "failed" &&
    recovery?.status !== "down" &&
    view.error.code !== "worker-crash"
  ) {
    return (
      <p id="prompt-note" className="prompt-note failed" role="alert">
        {asSentence(view.error.message)}{" "}
        <span className="quiet">
          {shown ? "Below is the last prompt that ran." : adviceFor(view.error)}
        </span>
      </p>
    );
  }
  if (text === "") {
    return (
      <p id="prompt-note" className="prompt-note" role="status">
        Nothing is written yet: type something, or{" "}
        <Button kind="quiet" className="inline" onClick={() => openGallery(true)}>
          take a prompt from the gallery
        </Button>
      </p>
    );
  }
  const tokens = shown?.tokens;
  const notes = [
    ...(tokens?.truncatedFrom
      ? [
          `The first ${tokens.ids.length} of ${tokens.truncatedFrom} tokens are used: the model holds no more`,
        ]
      : []),
    ...(tokens?.warnings ?? []),
  ];
  return (
    <p id="prompt-note" className="prompt-note" role="status">
      {notes.join(". ")}
    </p>
  );
}
