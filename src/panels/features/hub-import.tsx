/** Autoencoders of the Hub: those that are known for the model on the bench by one click, any other by repository and folder. */
import type { SubmitEvent } from "react";
import { type KnownSaes, KNOWN_SAES, knownSaesOf } from "../../core/known-saes.ts";
import { useLab } from "../../state/context.ts";
import { useDraft } from "../../state/drafts-slice.ts";
import { Button } from "../../ui/button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { TextField } from "../../ui/field.tsx";
import { formatBytes } from "../../ui/format.ts";
import { hookLabel } from "../../ui/hook-label.ts";

export function HubImport({ onClose }: { onClose: () => void }) {
  const modelId = useLab((s) => (s.model.status === "ready" ? s.model.value.id : null));
  const mirror = useLab((s) => s.mirror);
  const fetchSae = useLab((s) => s.fetchSae);
  const known = modelId === null ? [] : knownSaesOf(modelId);
  const take = (...args: Parameters<typeof fetchSae>) => {
    onClose();
    void fetchSae(...args);
  };
  return (
    <Dialog
      title={`An autoencoder from ${mirror === null ? "the Hugging Face Hub" : new URL(mirror).host}`}
      onClose={onClose}
    >
      {known.map((saes) => (
        <Known key={saes.repo} saes={saes} onTake={(path) => take(saes.repo, path)} />
      ))}
      {known.length === 0 && (
        <p className="quiet">
          With {KNOWN_SAES[0]!.modelId} on the bench, the autoencoders of its residual stream are
          one click here.
        </p>
      )}
      <Other onTake={take} />
    </Dialog>
  );
}

function Known({ saes, onTake }: { saes: KnownSaes; onTake: (path: string) => void }) {
  const shelf = useLab((s) => s.saes);
  const here = (path: string) =>
    shelf.status === "ready" &&
    shelf.value.some(({ from }) => from?.repo === saes.repo && from.path === path);
  return (
    <section className="stack">
      <h3>{saes.words}</h3>
      <p className="quiet">
        <code>{saes.repo}</code>, {formatBytes(saes.bytes)} each. They were trained on centred
        activations and are read so.
      </p>
      <ul className="hub-saes">
        {saes.paths.map((path) => (
          <li key={path}>
            <Button
              onClick={() => onTake(path)}
              title={`${hookLabel(path)}${here(path) ? ": on the shelf already" : ""}`}
              aria-label={`${path}${here(path) ? ", on the shelf" : ""}`}
            >
              <span className="mono">{path.replace(/^blocks\./, "").replace("hook_", "")}</span>
              {here(path) && " ✓"}
            </Button>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Other({
  onTake,
}: {
  onTake: (repo: string, path: string, revision: string | undefined) => void;
}) {
  const [typed, setTyped] = useDraft("hubSae", { repo: "", path: "", revision: "" });
  const { repo, path, revision } = typed;
  const submit = (e: SubmitEvent) => {
    e.preventDefault();
    if (repo.trim() === "") return;
    onTake(repo, path, revision.trim() === "" ? undefined : revision.trim());
  };
  return (
    <form className="stack" onSubmit={submit}>
      <h3>Any other</h3>
      <TextField
        label="Repository"
        mono
        placeholder="jbloom/GPT2-Small-SAEs-Reformatted"
        value={repo}
        onChange={(text) => setTyped({ ...typed, repo: text })}
      />
      <TextField
        label="Folder, or a .pt file"
        mono
        placeholder="blocks.8.hook_resid_pre"
        value={path}
        onChange={(text) => setTyped({ ...typed, path: text })}
        hint="The folder with cfg.json and sae_weights.safetensors (SAELens), or with config.json and ae.pt (dictionary_learning)."
      />
      <TextField
        label="Revision"
        mono
        placeholder="main"
        value={revision}
        onChange={(text) => setTyped({ ...typed, revision: text })}
      />
      <div className="row">
        <button type="submit" className="button" disabled={repo.trim() === ""}>
          Fetch
        </button>
      </div>
    </form>
  );
}
