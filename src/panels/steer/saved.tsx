/** Presets and saved experiments: to take up again, to export, to import. */
import { useState } from "react";
import { sourceName } from "../../core/steer.ts";
import { useLab } from "../../state/context.ts";
import { encodeSteerFile } from "../../state/steer-file.ts";
import { Button, IconButton } from "../../ui/button.tsx";
import { Figure } from "../../ui/figure.tsx";
import { saveFiles } from "../../ui/save-files.ts";
import { NameForm } from "./name-form.tsx";
import { FileButton } from "../../ui/file-button.tsx";

export function Saved() {
  const presets = useLab((s) => s.steerPresets);
  const experiments = useLab((s) => s.steerExperiments);
  const rows = useLab((s) => s.steerRows);
  const savePreset = useLab((s) => s.savePreset);
  const removed = useLab((s) => s.removedSteer);
  const restore = useLab((s) => s.restoreRemovedSteer);
  const trouble = useLab((s) => s.steerKeepError);
  const [naming, setNaming] = useState(false);
  const none = presets.length === 0 && experiments.length === 0;
  return (
    <Figure
      title="Presets and experiments"
      name="steering-saved"
      className="steer-saved"
      table={() => ({
        columns: ["kind", "name", "saved", "model", "prompt", "rows"],
        rows: [
          ...presets.map((each) => ["preset", each.name, null, null, null, names(each.rows)]),
          ...experiments.map((each) => [
            ...["experiment", each.name, each.savedAt, each.modelId, each.prompt],
            names(each.rows),
          ]),
        ],
      })}
      python={{ none: "it puts together what is saved; the figures above have the Python of it." }}
      what={{
        words:
          "A preset is the list of rows under a name. An experiment is a prompt, its rows, its sampling with the seed and the texts that came of them: open it to look at them again, press Generate to make them anew. Both are kept in this browser; export them to keep them elsewhere or to give them to others. An autoencoder travels by itself, as files.",
      }}
      controls={
        <>
          <Import />
          <Button
            icon="download"
            disabled={none}
            onClick={() => {
              const text = encodeSteerFile({
                presets: [...presets],
                experiments: [...experiments],
              });
              saveFiles([new File([text], "steering.json", { type: "application/json" })]);
            }}
          >
            Export
          </Button>
        </>
      }
    >
      {trouble && <p className="field-error">{trouble}</p>}
      {naming ? (
        <NameForm
          label="Name of the preset"
          first={names(rows)}
          onName={(name) => {
            savePreset(name);
            setNaming(false);
          }}
          onCancel={() => setNaming(false)}
        />
      ) : (
        <div>
          <Button icon="plus" disabled={rows.length === 0} onClick={() => setNaming(true)}>
            Save the rows as a preset
          </Button>
        </div>
      )}
      {removed && (
        <p role="status">
          {removed.what} was deleted.{" "}
          <Button kind="quiet" icon="undo" onClick={restore}>
            Undo
          </Button>
        </p>
      )}
      {none && <p className="quiet">Nothing is saved yet.</p>}
      <Presets />
      <Experiments />
    </Figure>
  );
}

const names = (rows: readonly { source: Parameters<typeof sourceName>[0] }[]) =>
  rows.map(({ source }) => sourceName(source)).join(", ");

function Presets() {
  const presets = useLab((s) => s.steerPresets);
  const apply = useLab((s) => s.applyPreset);
  const remove = useLab((s) => s.removePreset);
  if (presets.length === 0) return null;
  return (
    <ul className="steer-list" aria-label="Presets">
      {presets.map(({ name, rows }) => (
        <li key={name}>
          <span>
            {name} <span className="quiet">{names(rows) === name ? "" : names(rows)}</span>
          </span>
          <Button onClick={() => apply(name)}>Use</Button>
          <IconButton
            icon="trash"
            label={`Delete the preset ${name}`}
            onClick={() => remove(name)}
          />
        </li>
      ))}
    </ul>
  );
}

function Experiments() {
  const experiments = useLab((s) => s.steerExperiments);
  const open = useLab((s) => s.openExperiment);
  const remove = useLab((s) => s.removeExperiment);
  const model = useLab((s) => (s.model.status === "ready" ? s.model.value.id : null));
  if (experiments.length === 0) return null;
  return (
    <ul className="steer-list" aria-label="Experiments">
      {experiments.map(({ name, savedAt, modelId, rows, samples }) => (
        <li key={savedAt}>
          <span>
            {name}{" "}
            <span className="quiet">
              {new Date(savedAt).toLocaleString()}, {samples.length}{" "}
              {samples.length === 1 ? "sample" : "samples"}, {names(rows) || "no rows"}
              {modelId === model ? "" : `, of ${modelId}`}
            </span>
          </span>
          <Button onClick={() => open(savedAt)}>Open</Button>
          <IconButton
            icon="trash"
            label={`Delete the experiment ${name}`}
            onClick={() => remove(savedAt)}
          />
        </li>
      ))}
    </ul>
  );
}

const counted = (n: number, what: string) => `${n} ${what}${n === 1 ? "" : "s"}`;

function Import() {
  const importSteer = useLab((s) => s.importSteer);
  const [told, setTold] = useState("");
  const take = async (file: File) => {
    const found = importSteer(await file.text());
    setTold(
      found instanceof Error
        ? found.message
        : `${counted(found.presets, "preset")} and ${counted(found.experiments, "experiment")} came in.`,
    );
  };
  return (
    <>
      <span role="status" className="quiet">
        {told}
      </span>
      <FileButton
        icon="upload"
        files="File of presets and experiments"
        accept=".json"
        onBlur={() => setTold("")}
        onFiles={([file]) => void take(file!).catch(() => setTold("The file could not be read."))}
      >
        Import
      </FileButton>
    </>
  );
}
