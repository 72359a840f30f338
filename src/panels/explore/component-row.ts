/** Rows of components are selected everywhere: "3_attn_out" is the attention of layer 3. */
import { useLab } from "../../state/context.ts";
import type { LayerPart } from "../../state/view-slice.ts";

/** null for what is no layer's: the embeddings, edits of the stream. */
export function layerPartOf(label: string): LayerPart | null {
  const [, layer, kind] = /^(\d+)_(attn|mlp)_out$/.exec(label) ?? [];
  return layer === undefined
    ? null
    : { kind: kind === "attn" ? "attn" : "mlp", layer: Number(layer) };
}

export function useComponentRow() {
  const part = useLab((s) => s.layerPart);
  const selectLayerPart = useLab((s) => s.selectLayerPart);
  return {
    selectedRow: part && `${part.layer}_${part.kind}_out`,
    onSelectRow: (label: string) => {
      const selected = layerPartOf(label);
      if (selected) selectLayerPart(selected);
    },
  };
}
