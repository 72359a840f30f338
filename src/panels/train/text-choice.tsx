/** What to read: the lab's corpus, or texts of the user's, which are kept in this browser. */
import { useEffect, useId, useState } from "react";
import type { KeptText } from "../../core/kept-text.ts";
import { useLab } from "../../state/context.ts";
import { chosenIds, chosenTexts } from "../../state/texts-slice.ts";
import { Button, IconButton } from "../../ui/button.tsx";
import { Confirm } from "../../ui/confirm.tsx";
import { ErrorCard } from "../../ui/error-card.tsx";
import { formatBytes, formatCount } from "../../ui/format.ts";
import { Progress } from "../../ui/progress.tsx";
import { Segmented } from "../../ui/segmented.tsx";
import { Choice } from "./form-parts.tsx";
import { FileButton } from "../../ui/file-button.tsx";

export function TextChoice() {
  const form = useLab((s) => s.trainRequest);
  const texts = useLab((s) => s.texts);
  const adding = useLab((s) => s.textAdding);
  const refresh = useLab((s) => s.refreshTexts);
  const set = useLab((s) => s.setTrainRequest);
  const [asked, setAsked] = useState(false);
  useEffect(() => {
    if (texts.status === "idle") void refresh();
  }, [texts.status, refresh]);
  const ids = chosenIds(form);
  const own = asked || ids.length > 0 || adding !== null;
  const { problem } = chosenTexts(form, texts);
  return (
    <Choice label="Text" {...(own ? {} : { hint: "the lab’s corpus" })}>
      <Segmented
        label="Text to read"
        value={own ? "own" : "lab"}
        onChange={(value) => {
          setAsked(value === "own");
          if (value === "lab") set({ texts: "" });
          const kept = texts.status === "ready" ? texts.value : [];
          if (value === "own") set({ texts: kept.map(({ id }) => id).join(" ") });
        }}
        choices={[
          { value: "lab", label: "The lab’s corpus" },
          { value: "own", label: "My own files" },
        ]}
      />
      {own && <OwnTexts />}
      {problem && (
        <p className="field-error" role="alert">
          {problem}
        </p>
      )}
    </Choice>
  );
}

function OwnTexts() {
  const texts = useLab((s) => s.texts);
  const adding = useLab((s) => s.textAdding);
  const refused = useLab((s) => s.textRefused);
  const add = useLab((s) => s.addTexts);
  const cancel = useLab((s) => s.cancelTexts);
  const refresh = useLab((s) => s.refreshTexts);
  const dismiss = useLab((s) => s.dismissRefused);
  return (
    <div className="own-texts">
      {texts.status === "failed" && (
        <ErrorCard
          title="The texts kept here could not be listed"
          error={texts.error}
          actions={<Button onClick={() => void refresh()}>Try again</Button>}
        />
      )}
      {texts.status === "ready" && texts.value.length > 0 && (
        <ul>
          {texts.value.map((text) => (
            <Row key={text.id} text={text} />
          ))}
        </ul>
      )}
      {adding && (
        <Progress
          label={`Reading ${adding.name}`}
          share={adding.progress && adding.progress.done / Math.max(1, adding.progress.total)}
          facts={[
            ...(adding.progress
              ? [`${formatBytes(adding.progress.done)} of ${formatBytes(adding.progress.total)}`]
              : []),
            ...(adding.left > 0 ? [`${adding.left} more after it`] : []),
          ]}
          onCancel={cancel}
        />
      )}
      {refused.map(({ name, error }) => (
        <div key={name} className="field-error own-text-refused" role="alert">
          <p>
            <strong>{name}</strong> was not added: {error.message}.
          </p>
          <IconButton icon="close" label={`Dismiss ${name}`} onClick={() => dismiss(name)} />
        </div>
      ))}
      <FileButton
        many
        files="Text files to train on"
        accept="text/*,.txt,.md,.csv,.tsv,.log,.jsonl"
        disabled={adding !== null}
        onFiles={(files) => void add(files)}
      >
        Add text files
      </FileButton>
      <p className="quiet">
        or drop them on this page. They are kept in this browser and sent nowhere; of each, the last
        twentieth is held out, to measure on.
      </p>
    </div>
  );
}

function Row({ text }: { text: KeptText }) {
  const form = useLab((s) => s.trainRequest);
  const set = useLab((s) => s.setTrainRequest);
  const remove = useLab((s) => s.deleteText);
  const [mode, setMode] = useState<"rest" | "ask" | "kept">("rest");
  const id = useId();
  const ids = chosenIds(form);
  const chosen = ids.includes(text.id);
  const toggle = () =>
    set({ texts: (chosen ? ids.filter((one) => one !== text.id) : [...ids, text.id]).join(" ") });
  return (
    <li>
      <label className="check" htmlFor={id}>
        <input id={id} type="checkbox" checked={chosen} onChange={toggle} />
        <span className="own-text-name">{text.name}</span>
      </label>
      <span className="quiet">
        {[formatBytes(text.bytes), tokenWords(text)].filter(Boolean).join(" · ")}
      </span>
      {mode === "ask" ? (
        <Confirm
          label={`Remove ${text.name}?`}
          question="Remove it from this browser?"
          yes="Remove"
          no="Keep"
          onYes={() => void remove(text.id)}
          onNo={() => setMode("kept")}
        />
      ) : (
        <IconButton
          icon="trash"
          label={`Remove ${text.name}`}
          autoFocus={mode === "kept"}
          onClick={() => setMode("ask")}
        />
      )}
      {text.warnings.map((warning) => (
        <p key={warning} className="own-text-warning">
          {warning}
        </p>
      ))}
    </li>
  );
}

/** "24,310 tokens", "about 2.4M tokens" */
const tokenWords = ({ tokens }: KeptText): string | null =>
  tokens &&
  (tokens.exact
    ? `${tokens.count.toLocaleString("en-US")} tokens`
    : `about ${formatCount(tokens.count)} tokens`);
