/** Which edited model is open, whether it is on the bench, and what can be done with it as a whole. */
import { useState } from "react";
import { baseMisfit, type EditedModel } from "../../../core/model-edit.ts";
import { type LabError, toLabError } from "../../../core/lab-error.ts";
import { useLab } from "../../../state/context.ts";
import { benchBase, openEditedModel } from "../../../state/edited-slice.ts";
import { Button, IconButton } from "../../../ui/button.tsx";
import { Confirm } from "../../../ui/confirm.tsx";
import { ErrorCard } from "../../../ui/error-card.tsx";
import { Select, TextField } from "../../../ui/field.tsx";
import { saveFiles } from "../../../ui/save-files.ts";
import { Progress } from "../../../ui/progress.tsx";
import { FileButton } from "../../../ui/file-button.tsx";

export function EditedHead() {
  const open = useLab(openEditedModel);
  const models = useLab((s) => s.editedModels);
  const model = useLab((s) => s.model);
  const loading = useLab((s) => s.loading.status === "running");
  const openEdited = useLab((s) => s.openEdited);
  const newEdited = useLab((s) => s.newEdited);
  const benchEdited = useLab((s) => s.benchEdited);
  const deleteEdited = useLab((s) => s.deleteEdited);
  const [asked, setAsked] = useState(false);
  const base = benchBase({ model });
  const info = model.status === "ready" ? model.value : null;
  const all = models.status === "ready" ? models.value : [];
  const fits = (each: EditedModel) => base !== null && baseMisfit(each.base, base) === null;
  const onBench = info?.edited !== undefined;
  return (
    <>
      <div className="edited-head">
        {all.length > 0 && (
          <Select
            label="Edited model"
            value={open?.id ?? ""}
            options={[
              ...(open ? [] : [{ value: "", label: "none of this base yet" }]),
              ...all.map((each) => ({
                value: each.id,
                label: fits(each) ? each.name : `${each.name} (of ${each.base.id})`,
                disabled: !fits(each),
              })),
            ]}
            onChange={(id) => openEdited(id)}
          />
        )}
        {open && <NameField key={open.id + open.name} open={open} />}
        <div className="row">
          {open && (
            <Button
              kind="primary"
              disabled={loading || info?.edited?.id === open.id}
              onClick={() => void benchEdited(true)}
            >
              {info?.edited?.id === open.id ? "It is on the bench" : "Put it on the bench"}
            </Button>
          )}
          {onBench && (
            <Button disabled={loading} onClick={() => void benchEdited(false)}>
              Back to the base
            </Button>
          )}
          <Button kind="quiet" onClick={() => void newEdited()}>
            New
          </Button>
          {open && (
            <IconButton icon="trash" label={`Delete ${open.name}`} onClick={() => setAsked(true)} />
          )}
        </div>
      </div>
      {asked && open && (
        <Confirm
          label="Delete the edited model"
          question={`Delete “${open.name}” with its ${open.edits.length} ${open.edits.length === 1 ? "edit" : "edits"}? This cannot be undone.`}
          yes="Delete it"
          no="Keep it"
          onYes={() => {
            setAsked(false);
            void deleteEdited();
          }}
          onNo={() => setAsked(false)}
        />
      )}
      <p className="quiet">
        {open
          ? `${open.base.id} stays as it is: the edited model is made from it and this list. Numbers are kept in the base's own format (rounded to it where it has 16 bits).`
          : "Nothing is edited yet. Add an edit or fine-tune below: they go on a copy, and the base stays as it is."}
      </p>
      <Files open={open} />
    </>
  );
}

function NameField({ open }: { open: EditedModel }) {
  const rename = useLab((s) => s.renameEdited);
  const [name, setName] = useState(open.name);
  return (
    <TextField
      label="Name"
      value={name}
      maxLength={200}
      onChange={setName}
      onBlur={() => void rename(name)}
      onKeyDown={(e) => {
        if (e.key === "Enter") void rename(name);
      }}
    />
  );
}

/** Export of the checkpoint, the list as a file, and back. */
function Files({ open }: { open: EditedModel | null }) {
  const exportEdited = useLab((s) => s.exportEdited);
  const readEdited = useLab((s) => s.readEdited);
  const [busy, setBusy] = useState<string | null>(null);
  const [error, setError] = useState<LabError | null>(null);
  const run = async (what: string, work: () => Promise<void>) => {
    setBusy(what);
    setError(null);
    try {
      await work();
    } catch (e) {
      setError(toLabError(e));
    }
    setBusy(null);
  };
  const save = async (what: "checkpoint" | "list") => saveFiles(await exportEdited(what));
  return (
    <>
      <div className="row">
        {open && (
          <>
            <Button
              icon="download"
              disabled={busy !== null}
              title="model.safetensors, config.json, tokenizer and a model card: a folder that Hugging Face's from_pretrained loads"
              onClick={() => void run("Writing the checkpoint", () => save("checkpoint"))}
            >
              Export as safetensors
            </Button>
            <Button
              kind="quiet"
              disabled={busy !== null}
              onClick={() => void run("Writing the list", () => save("list"))}
            >
              Save the list
            </Button>
          </>
        )}
        <FileButton
          kind="quiet"
          icon="upload"
          files="A list of edits"
          drops="a list of edits of the weights as JSON"
          accept=".json,application/json"
          disabled={busy !== null}
          onFiles={([file]) =>
            void run("Reading the list", async () => readEdited(await file!.text()))
          }
        >
          Open a list
        </FileButton>
      </div>
      {busy !== null && <Progress label={busy} share={null} />}
      {error && (
        <ErrorCard title="That did not work" error={error} onDismiss={() => setError(null)} />
      )}
    </>
  );
}
