/** The bench's model: what it is, and every way to bring another. */
import { useState, type SubmitEvent } from "react";
import type { DevicePreference, ModelInfo } from "../../core/types.ts";
import { useLab } from "../../state/context.ts";
import { EMBEDDED_MODEL } from "../../state/model-slice.ts";
import { Button } from "../../ui/button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { TextField } from "../../ui/field.tsx";
import { formatBytes } from "../../ui/format.ts";
import { Segmented } from "../../ui/segmented.tsx";
import { FilePicker } from "./file-picker.tsx";
import { LoadStatus } from "./load-status.tsx";
import { deviceName } from "./model-chip.tsx";

const GPT2 = "openai-community/gpt2";
const DEVICES: readonly { value: DevicePreference; label: string; title: string }[] = [
  { value: "auto", label: "Auto", title: "A hardware GPU if there is one, else WebAssembly" },
  { value: "webgpu", label: "WebGPU", title: "Also in software, which is very slow" },
  { value: "wasm", label: "WASM", title: "On the processor" },
];

export function ModelDialog({ onClose }: { onClose: () => void }) {
  const model = useLab((s) => s.model);
  const info = model.status === "ready" ? model.value : null;
  return (
    <Dialog title="Model" onClose={onClose}>
      <LoadStatus />
      {info && <ModelFacts info={info} />}
      <Choices />
      <HubForm />
      <section className="stack">
        <h3>From files</h3>
        <FilePicker />
      </section>
      <DeviceChoice info={info} />
    </Dialog>
  );
}

function ModelFacts({ info }: { info: ModelInfo }) {
  const { config } = info;
  const facts: [string, string][] = [
    ["parameters", info.parameters.toLocaleString("en")],
    ["layers × heads", `${config.n_layer} × ${config.n_head}`],
    ["d_model, d_head", `${config.n_embd}, ${config.n_embd / config.n_head}`],
    [
      "context, vocabulary",
      `${config.n_positions}, ${config.vocab_size.toLocaleString("en")} tokens`,
    ],
    ["runs on", `${deviceName(info)}: ${info.deviceReason}`],
    ["weights", formatBytes(info.weightBytes)],
  ];
  return (
    <section className="stack">
      <h3 className="mono">
        {info.id}
        {info.revision && info.revision !== "main" && ` @ ${info.revision}`}
      </h3>
      <dl className="facts">
        {facts.map(([name, value]) => (
          <div key={name} className="fact">
            <dt>{name}</dt>
            <dd className="mono">{value}</dd>
          </div>
        ))}
      </dl>
      {info.warnings.map((warning) => (
        <p key={warning} role="status">
          {warning}.
        </p>
      ))}
    </section>
  );
}

function Choices() {
  const loadModel = useLab((s) => s.loadModel);
  const recent = useLab((s) => s.recent);
  const others = recent.filter(({ id, revision }) => id !== GPT2 || revision !== "main");
  return (
    <section className="stack">
      <h3>Put on the bench</h3>
      <ul className="choices">
        <li>
          <button type="button" className="choice" onClick={() => void loadModel(EMBEDDED_MODEL)}>
            <span className="mono">{EMBEDDED_MODEL}</span>
            <span className="quiet">comes with the page, works offline</span>
          </button>
        </li>
        <li>
          <button type="button" className="choice" onClick={() => void loadModel(GPT2)}>
            <span className="mono">{GPT2}</span>
            <span className="quiet">
              GPT-2 small, 124M parameters, 548 MB from the Hub, kept here
            </span>
          </button>
        </li>
        {others.map(({ id, revision }) => (
          <li key={`${id}@${revision}`}>
            <button
              type="button"
              className="choice"
              onClick={() => void loadModel(id, { revision })}
            >
              <span className="mono">{id}</span>
              <span className="quiet">
                used before{revision === "main" ? "" : `, revision ${revision}`}
              </span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

function HubForm() {
  const loadModel = useLab((s) => s.loadModel);
  const [id, setId] = useState("");
  const [revision, setRevision] = useState("");
  const submit = (e: SubmitEvent) => {
    e.preventDefault();
    if (id.trim() === "") return;
    void loadModel(id, { revision: revision.trim() === "" ? undefined : revision.trim() });
  };
  return (
    <form className="stack" onSubmit={submit}>
      <h3>From the Hugging Face Hub</h3>
      <div className="hub-form">
        <TextField
          label="Model id"
          mono
          placeholder="distilbert/distilgpt2"
          value={id}
          onChange={setId}
        />
        <TextField
          label="Revision"
          mono
          placeholder="main"
          value={revision}
          onChange={setRevision}
        />
        <button type="submit" className="button" disabled={id.trim() === ""}>
          Load
        </button>
      </div>
      <p className="quiet">Any model of the GPT-2 architecture with a model.safetensors.</p>
    </form>
  );
}

function DeviceChoice({ info }: { info: ModelInfo | null }) {
  const device = useLab((s) => s.device);
  const setDevice = useLab((s) => s.setDevice);
  const reloadModel = useLab((s) => s.reloadModel);
  const busy = useLab((s) => s.loading.status === "running");
  const other = info !== null && device !== "auto" && device !== info.device;
  return (
    <section className="stack">
      <h3>Where the next model runs</h3>
      <div className="row">
        <Segmented label="Device" value={device} choices={DEVICES} onChange={setDevice} />
        {info && (
          <Button
            disabled={busy}
            kind={other ? "primary" : "normal"}
            onClick={() => void reloadModel()}
          >
            Reload {info.id}
          </Button>
        )}
      </div>
      <p className="quiet">{DEVICES.find(({ value }) => value === device)?.title}.</p>
    </section>
  );
}
