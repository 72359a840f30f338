/**
 * The residual stream taken apart: which hook points make up a stack, and the stacks' arithmetic.
 * A stack holds C components for the same rows, [C, R, D]. Axis letters: C components, B prompts, T positions, R rows
 * (B·T, or B where one position was taken), D d_model.
 * Source: TransformerLens's ActivationCache (accumulated_resid, decompose_resid).
 */
import { LabError } from "../core/lab-error.ts";
import { rowCount } from "./rows.ts";

export interface StackPart {
  label: string;
  hook: string;
}

/**
 * The residual stream at each layer's input up to `layer`, which is the input of the unembedding where it equals
 * `nLayer`: 0_pre, 1_pre, … final_post, with n_mid between where asked for.
 */
export function accumulatedParts(
  layer: number,
  nLayer: number,
  { inclMid = false, mlpInput = false }: { inclMid?: boolean; mlpInput?: boolean } = {},
): StackPart[] {
  const parts: StackPart[] = [];
  for (let l = 0; l <= layer; l++) {
    if (l === nLayer) {
      parts.push({ label: "final_post", hook: finalStream(nLayer) });
      continue;
    }
    parts.push({ label: `${l}_pre`, hook: `blocks.${l}.hook_resid_pre` });
    if (l < layer ? inclMid : mlpInput) {
      parts.push({ label: `${l}_mid`, hook: `blocks.${l}.hook_resid_mid` });
    }
  }
  return parts;
}

export type DecomposeMode = "all" | "attn" | "mlp";

/**
 * What was written into the stream before `layer`'s input (with `mlpInput`, before its MLP's): embed, pos_embed,
 * 0_attn_out, 0_mlp_out, … In mode "all" with embeddings the parts sum to the stream.
 */
export function decomposedParts(
  layer: number,
  {
    mode = "all",
    inclEmbeds = true,
    mlpInput = false,
  }: { mode?: DecomposeMode; inclEmbeds?: boolean; mlpInput?: boolean } = {},
): StackPart[] {
  const parts: StackPart[] = inclEmbeds
    ? [
        { label: "embed", hook: "hook_embed" },
        { label: "pos_embed", hook: "hook_pos_embed" },
      ]
    : [];
  const attn = (l: number) => ({ label: `${l}_attn_out`, hook: `blocks.${l}.hook_attn_out` });
  for (let l = 0; l < layer; l++) {
    if (mode !== "mlp") parts.push(attn(l));
    if (mode !== "attn") parts.push({ label: `${l}_mlp_out`, hook: `blocks.${l}.hook_mlp_out` });
  }
  if (mlpInput && mode !== "mlp") parts.push(attn(layer));
  return parts;
}

/** The stream as a layer reads it: resid_pre, resid_mid with `mlpInput`, the last resid_post for the unembedding. */
export const streamAt = (layer: number, nLayer: number, mlpInput = false): string =>
  layer === nLayer ? finalStream(nLayer) : `blocks.${layer}.hook_resid_${mlpInput ? "mid" : "pre"}`;

const finalStream = (nLayer: number) => `blocks.${nLayer - 1}.hook_resid_post`;

/** Components one after another, [C, …]. @throws LabError "shape" unless all are of one length */
export function joined(components: readonly Float32Array[]): Float32Array {
  const size = components[0]?.length ?? 0;
  const out = new Float32Array(components.length * size);
  components.forEach((component, c) => {
    if (component.length !== size) {
      throw new LabError(
        "shape",
        `component ${c} has ${component.length} numbers, the first has ${size}`,
      );
    }
    out.set(component, c * size);
  });
  return out;
}

/** x − Σ over components, in float64: what of the stream they leave over. @param x [R·D]; `stack` [C, R·D] */
export function remainderOf(x: Float32Array, stack: Float32Array): Float32Array {
  const C = rowCount(stack, x.length, "the stack");
  return x.map((value, i) => {
    let rest = value;
    for (let c = 0; c < C; c++) rest -= stack[c * x.length + i]!;
    return rest;
  });
}

/** One position of each prompt: [B, T, W] → [B, W]. @param positions one a prompt, below T */
export function atPositions(
  x: Float32Array,
  T: number,
  positions: readonly number[],
): Float32Array {
  const B = positions.length;
  const W = x.length / (B * T);
  rowCount(x, B * T, "values over prompts and positions");
  const out = new Float32Array(B * W);
  positions.forEach((pos, b) => {
    out.set(x.subarray((b * T + pos) * W, (b * T + pos + 1) * W), b * W);
  });
  return out;
}
