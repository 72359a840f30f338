/** Which model is on the bench, where it runs and why, and what it weighs. Opens the model dialog. */
import { lazy, Suspense, useState } from "react";
import { useLab } from "../../state/context.ts";
import { EMBEDDED_MODEL } from "../../state/model-slice.ts";
import { formatBytes, formatCount } from "../../ui/format.ts";
import { Icon } from "../../ui/icons.tsx";
import { HUB } from "../../core/hub-address.ts";
import { loadFacts } from "./load-facts.ts";
import { deviceName, siteName } from "./model-words.ts";

const ModelDialog = lazy(() => import("./model-dialog.tsx"));

export function ModelChip() {
  const model = useLab((s) => s.model);
  const loading = useLab((s) => s.loading);
  const loadingName = useLab((s) => s.loadingName);
  const [open, setOpen] = useState(false);
  const info = model.status === "ready" ? model.value : null;
  const filling = loading.status !== "running" && model.status === "running";
  const running = loading.status === "running" ? loadFacts(loading.progress) : null;
  return (
    <>
      <button
        type="button"
        className="model-chip"
        aria-haspopup="dialog"
        onClick={() => setOpen(true)}
      >
        <Icon name={loading.status === "failed" ? "warning" : "chip"} />
        <span className="chip-name">
          {info?.id ?? (filling ? EMBEDDED_MODEL : (loadingName ?? "no model"))}
        </span>
        {info && (
          <span className="chip-facts">
            <span>{formatCount(info.parameters)}</span>
            <span className="chip-device">
              {deviceName(info)}: {info.deviceReason}
            </span>
            <span>
              {formatBytes(info.weightBytes)}
              {info.rounded && ", rounded to float16"}
            </span>
            {info.hub !== null && info.hub !== HUB && <span>from {siteName(info.hub)}</span>}
          </span>
        )}
        {running && (
          <span className="chip-loading">
            {info ? `loading ${loadingName ?? ""}` : running.label}
            {running.share !== null && ` ${Math.floor(running.share * 100)} %`}
          </span>
        )}
        {filling && <span className="chip-loading">on its way</span>}
        {loading.status === "failed" && <span className="chip-failed">load failed</span>}
        <Icon name="down" />
      </button>
      <Suspense>{open && <ModelDialog onClose={() => setOpen(false)} />}</Suspense>
    </>
  );
}
