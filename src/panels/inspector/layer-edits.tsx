/** Edits of what a whole layer adds, or of the stream after it: at every position, or at the selected one. */
import { useState } from "react";
import { useLab } from "../../state/context.ts";
import { EditButtons } from "./edit-buttons.tsx";

const PARTS = { attn: "attention", mlp: "MLP", resid: "stream after" } as const;
type Part = keyof typeof PARTS;

export function LayerEdits() {
  const layers = useLab((s) => (s.model.status === "ready" ? s.model.value.config.n_layer : 0));
  const [part, setPart] = useState<Part>("attn");
  const [chosen, setLayer] = useState(0);
  if (layers === 0) return null;
  const layer = Math.min(chosen, layers - 1);
  return (
    <details className="inspect">
      <summary>Edit a layer</summary>
      <div className="stack">
        <div className="row">
          <select
            className="input"
            aria-label="Part of the layer"
            value={part}
            onChange={(e) => setPart(e.target.value as Part)}
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
            onChange={(e) => setLayer(Number(e.target.value))}
          >
            {Array.from({ length: layers }, (_, l) => (
              <option key={l} value={l}>
                {l}
              </option>
            ))}
          </select>
        </div>
        <EditButtons target={{ kind: part, layer }} />
      </div>
    </details>
  );
}
