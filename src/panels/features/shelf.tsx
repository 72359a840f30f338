/** The shelf of SAEs: which one is on the bench, what it is, and the list of all with what can be done to them. */
import { useState } from "react";
import type { ErrorCode } from "../../core/lab-error.ts";
import type { SaeSummary } from "../../core/sae.ts";
import type { LoadProgress } from "../../core/model-source.ts";
import { useLab } from "../../state/context.ts";
import { selectedSae } from "../../state/sae-on-bench.ts";
import { isOfOtherModel, saeMisfit } from "../../state/sae-fit.ts";
import { Button } from "../../ui/button.tsx";
import { ErrorCard } from "../../ui/error-card.tsx";
import { formatBytes, formatDuration } from "../../ui/format.ts";
import { hookLabel } from "../../ui/hook-label.ts";
import { Icon } from "../../ui/icons.tsx";
import { Progress } from "../../ui/progress.tsx";
import { metricsWords, originWords, variantWords, widthWords } from "../../ui/sae-words.ts";
import { ImportButton } from "./import-button.tsx";
import { ImportQuestion } from "./import-question.tsx";
import { SHELF_TOGGLE, ShelfRow } from "./shelf-row.tsx";

export function Shelf({ saes }: { saes: readonly SaeSummary[] }) {
  const [open, setOpen] = useState(false);
  const sae = useLab(selectedSae);
  const setLab = useLab((s) => s.setLab);
  return (
    <section className="shelf card" aria-label="Autoencoders">
      <div className="shelf-head">
        {sae ? <SaeFacts sae={sae} /> : <p className="quiet">No autoencoder on the bench.</p>}
        <div className="shelf-tools">
          <Button
            id={SHELF_TOGGLE}
            aria-expanded={open}
            aria-controls="shelf-list"
            disabled={saes.length === 0}
            onClick={() => setOpen(!open)}
          >
            {open ? "Close the shelf" : `Shelf (${saes.length})`}
          </Button>
          <ImportButton />
          <Button onClick={() => setLab("train")}>Train</Button>
        </div>
      </div>
      <ShelfStatus />
      <ImportQuestion />
      <Misfit />
      {open && (
        <ul id="shelf-list" className="shelf-list">
          {saes.map((each) => (
            <ShelfRow key={each.id} sae={each} />
          ))}
        </ul>
      )}
    </section>
  );
}

function SaeFacts({ sae }: { sae: SaeSummary }) {
  const facts = [widthWords(sae.config), variantWords(sae), metricsWords(sae), originWords(sae)];
  return (
    <div>
      <h2>{sae.name}</h2>
      <p className="shelf-facts">
        <span>
          {hookLabel(sae.config.hook)} <code className="quiet">{sae.config.hook}</code>
        </span>
        {facts.map((fact) => fact && <span key={fact}>{fact}</span>)}
      </p>
      <ImportNotes sae={sae} />
    </div>
  );
}

/** How an import was read, and what its files tell of its features. */
function ImportNotes({
  sae: { notes = [], trainedDensities: found, config },
}: {
  sae: SaeSummary;
}) {
  const words = [...notes];
  if (found) {
    const silent = found.silent.toLocaleString("en-US");
    words.push(
      `Where it was trained, ${silent} of its ${config.dSae.toLocaleString("en-US")} features never fired.`,
    );
  }
  return words.map((note) => (
    <p key={note} className="quiet">
      {note}
    </p>
  ));
}

/** The SAE on the bench and the model on the bench may not belong together. */
function Misfit() {
  const sae = useLab(selectedSae);
  const model = useLab((s) => s.model);
  if (!sae || model.status !== "ready") return null;
  const misfit = saeMisfit(sae.config, model.value);
  const words = misfit
    ? `It cannot be used here: ${misfit}.`
    : isOfOtherModel(sae.config, model.value)
      ? sae.config.modelId === "unknown"
        ? "Its files do not say which model it reads: on another its features need not mean anything."
        : `It was trained on ${sae.config.modelId}; on ${model.value.id} its features need not mean anything.`
      : null;
  return (
    words && (
      <p className="shelf-warning" role="note">
        <Icon name="warning" /> {words}
      </p>
    )
  );
}

/** Only an import ends with these codes, and the advice for models would mislead. */
const IMPORT_ADVICE: Partial<Record<ErrorCode, string>> = {
  "bad-file":
    "An autoencoder is cfg.json and sae_weights.safetensors together, as SAELens writes them, or a .pt file. If one of them is broken, get it again from where it came.",
  unsupported: "Choose an autoencoder of one of these kinds, or train one here.",
  network: "Check the connection; or get the files elsewhere and drop them on the page.",
  "not-found": "Check the names of repository, folder and revision.",
};

/** "41 MB of 151 MB", "2.1 MB/s", "52 s left" */
function byteFacts({ loadedBytes, totalBytes, bytesPerSecond }: Bytes): string[] {
  if (loadedBytes === 0) return [];
  const of = totalBytes === null ? "" : ` of ${formatBytes(totalBytes)}`;
  if (bytesPerSecond === null || bytesPerSecond <= 0) return [`${formatBytes(loadedBytes)}${of}`];
  const left = totalBytes === null ? null : (totalBytes - loadedBytes) / bytesPerSecond;
  return [
    `${formatBytes(loadedBytes)}${of}`,
    `${formatBytes(bytesPerSecond)}/s`,
    ...(left === null ? [] : [`${formatDuration(left)} left`]),
  ];
}
type Bytes = Pick<LoadProgress, "loadedBytes" | "totalBytes" | "bytesPerSecond">;

/** What is being done to the shelf, or came of it. */
function ShelfStatus() {
  const shelf = useLab((s) => s.shelf);
  const dismiss = useLab((s) => s.dismissShelf);
  const cancel = useLab((s) => s.cancelShelf);
  if (shelf.status === "running" && shelf.progress) {
    const { what, share, cancellable, bytes } = shelf.progress;
    const facts = bytes ? byteFacts(bytes) : share === null ? [] : [`${Math.round(100 * share)} %`];
    return (
      <Progress
        label={what}
        share={share}
        facts={facts}
        onCancel={cancellable ? cancel : undefined}
      />
    );
  }
  if (shelf.status === "failed") {
    const { error } = shelf;
    return (
      <ErrorCard
        title="The shelf is as it was"
        error={error}
        advice={IMPORT_ADVICE[error.code]}
        onDismiss={dismiss}
      />
    );
  }
  return (
    <p role="status" className={shelf.status === "ready" ? "shelf-done" : "visually-hidden"}>
      {shelf.status === "ready" ? shelf.value : ""}
    </p>
  );
}
