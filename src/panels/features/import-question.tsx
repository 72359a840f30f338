/** Asks what an autoencoder reads whose files do not say it. */
import { useState, type SubmitEvent } from "react";
import type { DictionaryKind, SaeQuestion } from "../../core/sae-import.ts";
import { SAE_SITES } from "../../core/hooks.ts";
import { useLab } from "../../state/context.ts";
import { hookWidth } from "../../state/sae-fit.ts";
import { Button } from "../../ui/button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { Select, TextField } from "../../ui/field.tsx";
import { hookLabel } from "../../ui/hook-label.ts";

const KIND_WORDS: Record<DictionaryKind, string> = {
  AutoEncoderTopK: "TopK: the k largest of each token (AutoEncoderTopK)",
  BatchTopKSAE: "BatchTopK: what is above its threshold (BatchTopKSAE)",
  MatryoshkaBatchTopKSAE: "Matryoshka: what is above its threshold (MatryoshkaBatchTopKSAE)",
};

export function ImportQuestion() {
  const question = useLab((s) => s.importQuestion);
  return question && <Ask key={question.file} question={question} />;
}

function Ask({ question }: { question: SaeQuestion }) {
  const { file, format, dIn, dSae, kinds } = question;
  const answer = useLab((s) => s.answerImport);
  const drop = useLab((s) => s.dropImport);
  const model = useLab((s) => s.model);
  const info = model.status === "ready" ? model.value : null;
  const fitting =
    info?.hooks.filter(
      (hook) =>
        SAE_SITES.some((site) => hook.endsWith(`.${site}`)) && hookWidth(hook, info.config) === dIn,
    ) ?? [];
  const [hook, setHook] = useState(question.hook ?? fitting[0] ?? "");
  const [modelId, setModelId] = useState(fitting.length > 0 ? (info?.id ?? "") : "");
  const [kind, setKind] = useState<DictionaryKind | undefined>(kinds[0]);
  const named = /^(blocks\.\d+\.[\w.]+|hook_(pos_)?embed)$/.test(hook);
  const submit = (e: SubmitEvent) => {
    e.preventDefault();
    if (!named) return;
    void answer({ hook, modelId: modelId.trim() || "unknown", ...(kind && { kind }) });
  };
  return (
    <Dialog title="What does it read?" onClose={drop}>
      <form className="stack" onSubmit={submit}>
        <p>
          <code>{file}</code> of {format} has {dSae.toLocaleString("en-US")} features of{" "}
          {dIn.toLocaleString("en-US")} numbers, and does not say where they were read.
        </p>
        {fitting.length > 0 ? (
          <Select
            label="Hook point"
            value={fitting.includes(hook) ? hook : fitting[0]!}
            options={fitting.map((value) => ({ value, label: `${hookLabel(value)} (${value})` }))}
            onChange={setHook}
            hint={`Those of ${info?.id ?? "the model"} that are ${dIn} numbers wide.`}
          />
        ) : (
          <>
            {info && (
              <p className="quiet">
                No hook point of {info.id} is {dIn.toLocaleString("en-US")} numbers wide: it can be
                kept, but not used with this model.
              </p>
            )}
            <TextField
              label="Hook point"
              mono
              placeholder="blocks.8.hook_resid_post"
              value={hook}
              onChange={setHook}
              error={
                hook === "" || named
                  ? null
                  : "Write it as TransformerLens does, like blocks.8.hook_resid_post"
              }
            />
            <TextField
              label="Model"
              mono
              placeholder="openai-community/gpt2"
              value={modelId}
              onChange={setModelId}
            />
          </>
        )}
        {kind !== undefined && (
          <Select
            label="Kind"
            value={kind}
            options={kinds.map((value) => ({ value, label: KIND_WORDS[value] }))}
            onChange={setKind}
            hint="Their tensors have the same names; config.json beside the file would say it."
          />
        )}
        <div className="row">
          <button type="submit" className="button primary" disabled={!named}>
            Import
          </button>
          <Button kind="quiet" onClick={drop}>
            Cancel
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
