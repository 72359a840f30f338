/** Edits of what a whole layer adds, or of the stream after it: at every position, or at the selected one. */
import { useLab } from "../../state/context.ts";
import type { LayerPart } from "../../state/view-slice.ts";
import { EditButtons } from "./edit-buttons.tsx";

const PARTS = { attn: "attention", mlp: "MLP", resid: "stream after" } as const;
const FIRST: LayerPart = { kind: "attn", layer: 0 };

export function LayerEdits() {
  const layers = useLab((s) => (s.model.status === "ready" ? s.model.value.config.n_layer : 0));
  const selected = useLab((s) => s.layerPart);
  const selectLayerPart = useLab((s) => s.selectLayerPart);
  if (layers === 0) return null;
  const { kind, layer: chosen } = selected ?? FIRST;
  const layer = Math.min(chosen, layers - 1);
  return (
    <details className="inspect" open={selected !== null}>
      <summary>Edit a layer</summary>
      <div className="stack">
        <div className="row">
          <select
            className="input"
            aria-label="Part of the layer"
            value={kind}
            onChange={(e) => selectLayerPart({ kind: e.target.value as LayerPart["kind"], layer })}
          >
            {Object.entries(PARTS).map(([value, name]) => (
              <option key={value} value={value}>
                {name}
              </option>
            ))}
          </select>
          <select
            className="input"
            aria-label="Layer"
            value={layer}
            onChange={(e) => selectLayerPart({ kind, layer: Number(e.target.value) })}
          >
            {Array.from({ length: layers }, (_, l) => (
              <option key={l} value={l}>
                {l}
              </option>
            ))}
          </select>
        </div>
        <EditButtons target={{ kind, layer }} />
      </div>
    </details>
  );
}
