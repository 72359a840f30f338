/** The bench's model: what it is, every way to bring another, and what is kept of them in this browser. */
import { useEffect, useRef } from "react";
import type { ModelInfo } from "../../core/model-info.ts";
import type { DevicePreference } from "../../core/types.ts";
import { useLab } from "../../state/context.ts";
import { Button } from "../../ui/button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { Segmented } from "../../ui/segmented.tsx";
import { FilePicker } from "./file-picker.tsx";
import { HubForm } from "./hub-form.tsx";
import { LoadStatus } from "./load-status.tsx";
import { LookCard } from "./look-card.tsx";
import { ModelChoices } from "./model-choices.tsx";
import "./model-dialog.css";
import { ModelFacts } from "./model-facts.tsx";
import { SelfCheck } from "./self-check.tsx";
import { StoragePanel } from "./storage-panel.tsx";

const DEVICES: readonly { value: DevicePreference; label: string; title: string }[] = [
  { value: "auto", label: "Auto", title: "A hardware GPU if there is one, else WebAssembly" },
  { value: "webgpu", label: "WebGPU", title: "Also in software, which is very slow" },
  { value: "wasm", label: "WASM", title: "On the processor" },
];

export default function ModelDialog({ onClose }: { onClose: () => void }) {
  const model = useLab((s) => s.model);
  const info = model.status === "ready" ? model.value : null;
  return (
    <Dialog title="Model" onClose={onClose}>
      <UnderWay />
      {info && <ModelFacts info={info} />}
      {info && <SelfCheck />}
      <ModelChoices />
      <HubForm />
      <section className="stack">
        <h3>From files</h3>
        <FilePicker />
      </section>
      <DeviceChoice info={info} />
      <StoragePanel />
    </Dialog>
  );
}

/** What was asked for last, and how far it is. It comes into sight when it begins, wherever the dialog was scrolled to. */
function UnderWay() {
  const looking = useLab((s) => s.look.status);
  const loading = useLab((s) => s.loading.status);
  const box = useRef<HTMLDivElement>(null);
  const filling = useLab((s) => s.model.status === "running");
  const quiet = looking === "idle" && loading === "idle" && !filling;
  useEffect(() => {
    if (!quiet) box.current?.scrollIntoView({ block: "nearest" });
  }, [quiet, looking, loading]);
  return (
    <div ref={box} className="under-way" hidden={quiet}>
      <LookCard />
      <LoadStatus />
    </div>
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
