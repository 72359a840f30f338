/** One SAE of the shelf: use, rename in place, export, delete after asking, measure or resume where that is needed. */
import { useState } from "react";
import type { SaeSummary } from "../../core/sae.ts";
import { useLab } from "../../state/context.ts";
import { Button, IconButton } from "../../ui/button.tsx";
import { Confirm } from "../../ui/confirm.tsx";
import { formatBytes } from "../../ui/format.ts";
import { metricsWords, originWords, variantWords, widthWords } from "../../ui/sae-words.ts";
import { saveFiles } from "../../ui/save-files.ts";

/** Id of the button that opens the shelf. */
export const SHELF_TOGGLE = "shelf-toggle";

export function ShelfRow({ sae }: { sae: SaeSummary }) {
  const [mode, setMode] = useState<"rest" | "rename" | "delete">("rest");
  /** What was left last: its button takes the focus back. */
  const [left, setLeft] = useState<"rename" | "delete" | null>(null);
  const onBench = useLab((s) => s.saeId === sae.id);
  const selectSae = useLab((s) => s.selectSae);
  const deleteSae = useLab((s) => s.deleteSae);
  const rest = () => {
    if (mode !== "rest") setLeft(mode);
    setMode("rest");
  };
  const { config, createdAt, bytes } = sae;
  const facts = [widthWords(config), variantWords(sae), metricsWords(sae), originWords(sae)];
  return (
    <li className="shelf-row" aria-current={onBench ? "true" : undefined}>
      <div className="shelf-row-facts">
        {mode === "rename" ? (
          <Rename sae={sae} onDone={rest} />
        ) : (
          <h3>
            {sae.name} {onBench && <span className="tag">on the bench</span>}
          </h3>
        )}
        <p className="shelf-facts">
          <code>{config.hook}</code>
          <span>{config.modelId}</span>
          {facts.map((fact) => fact && <span key={fact}>{fact}</span>)}
          <span>{formatBytes(bytes)}</span>
          <time dateTime={createdAt}>{createdAt.slice(0, 10)}</time>
        </p>
      </div>
      {mode === "delete" ? (
        <Confirm
          label={`Delete ${sae.name}?`}
          question="Delete for good?"
          yes="Delete"
          no="Keep"
          onYes={() => {
            document.getElementById(SHELF_TOGGLE)?.focus(); // this row will be gone
            void deleteSae(sae.id);
          }}
          onNo={rest}
        />
      ) : (
        <div className="shelf-tools">
          {!onBench && (
            <Button onClick={() => void selectSae(sae.id)} aria-label={`Use ${sae.name}`}>
              Use
            </Button>
          )}
          <Work sae={sae} />
          {sae.origin !== "shipped" && (
            <>
              <IconButton
                icon="edit"
                label={`Rename ${sae.name}`}
                autoFocus={left === "rename"}
                onClick={() => setMode("rename")}
              />
              <IconButton
                icon="trash"
                label={`Delete ${sae.name}`}
                autoFocus={left === "delete"}
                onClick={() => setMode("delete")}
              />
            </>
          )}
        </div>
      )}
    </li>
  );
}

/** What this SAE lacks, and its files. */
function Work({ sae }: { sae: SaeSummary }) {
  const setLab = useLab((s) => s.setLab);
  const resumeTraining = useLab((s) => s.resumeTraining);
  const training = useLab((s) => s.training.status === "running");
  const measureSae = useLab((s) => s.measureSae);
  const exportSae = useLab((s) => s.exportSae);
  const busy = useLab((s) => s.shelf.status === "running");
  if (sae.status === "unfinished") {
    const resume = () => {
      setLab("train");
      void resumeTraining(sae.id);
    };
    return (
      <Button disabled={training} onClick={resume} aria-label={`Resume ${sae.name}`}>
        Resume
      </Button>
    );
  }
  return (
    <>
      {!sae.hasDashboards && (
        <Button
          disabled={busy}
          onClick={() => void measureSae(sae.id)}
          aria-label={`Measure ${sae.name}`}
        >
          Measure
        </Button>
      )}
      <IconButton
        icon="download"
        label={`Export ${sae.name} as cfg.json and sae_weights.safetensors`}
        disabled={busy}
        onClick={() => void exportSae(sae.id).then(saveFiles)}
      />
    </>
  );
}

function Rename({ sae, onDone }: { sae: SaeSummary; onDone: () => void }) {
  const renameSae = useLab((s) => s.renameSae);
  const [name, setName] = useState(sae.name);
  return (
    <form
      className="shelf-rename"
      onSubmit={(e) => {
        e.preventDefault();
        onDone();
        if (name.trim() !== sae.name) void renameSae(sae.id, name);
      }}
      onKeyDown={(e) => {
        if (e.key !== "Escape") return;
        e.preventDefault();
        onDone();
      }}
    >
      <input
        className="input"
        aria-label={`Name of ${sae.name}`}
        value={name}
        autoFocus
        maxLength={80}
        onFocus={(e) => e.target.select()}
        onChange={(e) => setName(e.target.value)}
      />
      <button type="submit" className="button" disabled={name.trim() === ""}>
        Rename
      </button>
      <Button kind="quiet" onClick={onDone}>
        Keep the name
      </Button>
    </form>
  );
}
