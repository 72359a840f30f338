/** What this browser keeps: every model with its size, the autoencoders, the browser's own count; and its deletion. */
import { useEffect, useState } from "react";
import type { KeptModel, StorageReport } from "../../core/storage-report.ts";
import { useLab } from "../../state/context.ts";
import { Button } from "../../ui/button.tsx";
import { Confirm } from "../../ui/confirm.tsx";
import { ErrorCard } from "../../ui/error-card.tsx";
import { formatBytes } from "../../ui/format.ts";
import { keptFacts, revisionName } from "./model-words.ts";

export function StoragePanel() {
  const storage = useLab((s) => s.storage);
  const error = useLab((s) => s.storageError);
  const refresh = useLab((s) => s.refreshStorage);
  const model = useLab((s) => s.model);
  useEffect(() => void refresh(), [refresh, model]); // a model that has arrived may be kept now
  return (
    <section className="stack" aria-labelledby="storage-title">
      <h3 id="storage-title" tabIndex={-1}>
        Kept in this browser
      </h3>
      {error && <ErrorCard title="It could not be deleted" error={error} />}
      {storage.status === "failed" && (
        <ErrorCard
          title="The storage could not be read"
          error={storage.error}
          actions={<Button onClick={() => void refresh()}>Try again</Button>}
        />
      )}
      {storage.status === "running" && <p className="quiet">Counting …</p>}
      {storage.status === "ready" && <Report report={storage.value} />}
    </section>
  );
}

function Report({ report }: { report: StorageReport }) {
  const deleteModels = useLab((s) => s.deleteModels);
  const persist = useLab((s) => s.persistStorage);
  const [asked, setAsked] = useState(false);
  const { models, saes, usedBytes, quotaBytes, persisted } = report;
  const total = models.reduce((sum, { bytes }) => sum + bytes, 0);
  return (
    <>
      {models.length === 0 ? (
        <p className="quiet">
          No model yet. Models that are fetched are kept here, for the next time.
        </p>
      ) : (
        <ul className="kept" aria-label="Models kept in this browser">
          {models.map((kept) => (
            <KeptRow key={kept.key} kept={kept} onDelete={() => void deleteModels([kept.key])} />
          ))}
        </ul>
      )}
      {models.length > 1 && (
        <div className="row">
          <Deletion
            what={`all ${models.length} models`}
            bytes={total}
            onDelete={() => void deleteModels(models.map(({ key }) => key))}
          />
        </div>
      )}
      <dl className="facts">
        <div className="fact">
          <dt>autoencoders</dt>
          <dd className="mono">
            {saes.count === 0 ? "none" : `${saes.count}, ${formatBytes(saes.bytes)}`}
          </dd>
        </div>
        {usedBytes !== null && (
          <div className="fact">
            <dt>in all</dt>
            <dd className="mono">
              {formatBytes(usedBytes)}
              {quotaBytes !== null && ` of ${formatBytes(quotaBytes)} that the browser allows`}
            </dd>
          </div>
        )}
      </dl>
      <div className="row">
        <p className="quiet">
          {persisted
            ? "The browser has promised not to delete any of it by itself."
            : asked
              ? "The browser would not promise to keep it. Browsers do so for sites that are used often or installed."
              : "The browser may delete it when the disk is full."}
        </p>
        {!persisted && !asked && (
          <Button onClick={() => void persist().then(() => setAsked(true))}>
            Ask it to keep everything
          </Button>
        )}
      </div>
    </>
  );
}

function KeptRow({ kept, onDelete }: { kept: KeptModel; onDelete: () => void }) {
  const revisions = kept.revisions.filter((revision) => revision !== kept.commit);
  const [revision = "main"] = revisions;
  return (
    <li className="kept-row">
      <div>
        <span className="mono">
          {kept.id}
          {revisions.length > 1 ? ` @ ${revisions.join(", ")}` : revisionName(revision)}
        </span>
        <p className="quiet">{keptFacts(kept, formatBytes).join(" · ")}</p>
      </div>
      <Deletion what={kept.id} bytes={kept.bytes} onDelete={onDelete} />
    </li>
  );
}

interface DeletionProps {
  what: string;
  bytes: number;
  onDelete: () => void;
}
/** Asks once before it deletes; the focus goes with the question and back. */
function Deletion({ what, bytes, onDelete }: DeletionProps) {
  const [state, setState] = useState<"quiet" | "asking" | "kept">("quiet");
  const all = what.startsWith("all ");
  if (state === "asking") {
    return (
      <Confirm
        label={`Delete ${what}?`}
        question={all ? "Delete them for good?" : "Delete it for good?"}
        yes={`Delete ${formatBytes(bytes)}`}
        no={all ? "Keep them" : "Keep it"}
        onNo={() => setState("kept")}
        onYes={() => {
          setState("quiet");
          document.getElementById("storage-title")?.focus(); // the row is about to go
          onDelete();
        }}
      />
    );
  }
  return (
    <Button
      kind="quiet"
      icon="trash"
      autoFocus={state === "kept"}
      aria-label={`Delete ${what}`}
      onClick={() => setState("asking")}
    >
      {all ? `Delete ${what}` : "Delete"}
    </Button>
  );
}
