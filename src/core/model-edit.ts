/**
 * An edited model as plain data: a base checkpoint and a list of changes of its weights, in order. The base is never changed;
 * each change can be switched off or taken out again, since the weights are made anew from the base and the list.
 */
import { type EditTarget, targetName } from "./bench-edit.ts";
import type { ModelInfo } from "./model-info.ts";
import { textHash } from "./text-hash.ts";
import type { Gpt2Config } from "./types.ts";
import { newId } from "./new-id.ts";

/** What of a model can be scaled or ablated for good: parts that write into the residual stream. */
export type WeightTarget = Exclude<EditTarget, { kind: "resid" | "feature" | "direction" }>;

interface Listed {
  /** Switched off, it stays in the list. */
  on: boolean;
}
/**
 * What the target writes, times `factor`; 0 is zero ablation. Of a head or a neuron its rows of the output matrix, and not the
 * bias, which is the layer's; of a layer's attention or MLP the matrix and the bias.
 */
export interface ScaleWeights extends Listed {
  kind: "scale";
  target: WeightTarget;
  factor: number;
}
/**
 * What the target writes, replaced by its mean, which goes into the layer's output bias: mean ablation.
 * `mean`: of the head's z [d_head], of the neuron's activation [1], of attn_out or mlp_out [d_model].
 */
export interface MeanWeights extends Listed {
  kind: "mean";
  target: WeightTarget;
  mean: readonly number[];
  /** Contexts of the lab's corpus that the mean was measured on. */
  contexts: number;
}
/** amount · vector added at a hook point, at every position: the bias of what comes before it has it from then on. */
export interface BiasVector extends Listed {
  kind: "bias";
  hook: string;
  /** At a hook point of heads the vector of one of them, [d_head]; without it of all, side by side. */
  head?: number;
  vector: readonly number[];
  amount: number;
  /** Where the vector is from, in words. */
  from: string;
}
/** What fine-tuning has added to the chosen tensors; the numbers lie in storage under `id`. */
export interface TunedWeights extends Listed {
  kind: "tuned";
  id: string;
  components: readonly TuneComponent[];
  /** Numbers that were trained. */
  parameters: number;
  examples: number;
  /** Of the state that was kept. */
  step: number;
  /** Mean −ln p of the wanted tokens, in nats, on what was trained on; before, and as kept. */
  loss: readonly [before: number, after: number];
  /** The same on what was held out; null where nothing was. */
  heldOut: readonly [before: number, after: number] | null;
}
export type WeightEdit = ScaleWeights | MeanWeights | BiasVector | TunedWeights;

/** What fine-tuning may change. A head has its W_Q, W_K, W_V with biases, and W_O; `attnBias` is its layer's b_O. */
export type TuneComponent =
  | { kind: "head"; layer: number; head: number }
  | { kind: "attnBias" | "mlp" | "norms"; layer: number }
  | { kind: "finalNorm" };

type Shape = Pick<Gpt2Config, "n_layer" | "n_head" | "n_embd" | "n_inner" | "vocab_size">;
/** The checkpoint that is edited. */
export interface EditedBase extends Pick<ModelInfo, "id" | "source" | "revision" | "commit"> {
  shape: Shape;
}
export interface EditedModel {
  id: string;
  name: string;
  base: EditedBase;
  edits: readonly WeightEdit[];
  /** ISO 8601 */
  savedAt: string;
}
/** What the engine needs of it. */
export type EditedSpec = Pick<EditedModel, "id" | "name" | "edits">;

export const SHAPE_KEYS = [
  "n_layer",
  "n_head",
  "n_embd",
  "n_inner",
  "vocab_size",
] as const satisfies (keyof Shape)[];

export const baseOf = ({
  id,
  source,
  revision,
  commit,
  config,
  edited,
}: ModelInfo): EditedBase => ({
  ...{ id: edited?.base ?? id, source, revision, commit },
  shape: Object.fromEntries(SHAPE_KEYS.map((key) => [key, config[key]])) as Shape,
});

/** The same for the same weights. Files may be others by the same name: each load of them has its own. */
export const modelStamp = (
  { id, source, revision, commit, hub }: ModelInfo,
  edits: readonly WeightEdit[],
): string =>
  JSON.stringify([
    source === "files" ? newId() : id,
    ...(source === "hub" ? [hub, commit ?? revision] : []),
    ...(edits.some(({ on }) => on) ? [textHash(JSON.stringify(edits))] : []),
  ]);

/** Why edits made on one checkpoint are not for the one on the bench; null if they are. */
export function baseMisfit(base: EditedBase, bench: EditedBase): string | null {
  if (base.id !== bench.id || base.source !== bench.source) {
    return `it was made from ${base.id}; ${bench.id} is on the bench`;
  }
  if (base.commit !== null && bench.commit !== null && base.commit !== bench.commit) {
    return `it was made from commit ${base.commit.slice(0, 8)} of ${base.id}; ${bench.commit.slice(0, 8)} is on the bench`;
  }
  const other = SHAPE_KEYS.find((key) => base.shape[key] !== bench.shape[key]);
  if (other === undefined) return null;
  return `its base has ${other} ${base.shape[other]}, the model on the bench ${bench.shape[other]}`;
}

/** "head L1H3 × 0", "MLP 2 by its mean", "+ 4 · feature 12 at blocks.1.hook_mlp_out", "tuned: L0H1, MLP 2". */
export function weightEditName(edit: WeightEdit): string {
  switch (edit.kind) {
    case "scale":
      return edit.factor === 0
        ? `${targetName(edit.target)} ablated`
        : `${targetName(edit.target)} × ${round(edit.factor)}`;
    case "mean":
      return `${targetName(edit.target)} replaced by its mean`;
    case "bias":
      return `${round(edit.amount)} · ${edit.from} at ${edit.hook}${edit.head === undefined ? "" : `, head ${edit.head}`}`;
    case "tuned":
      return `fine-tuned: ${componentNames(edit.components)}`;
  }
}
const round = (value: number) => String(Number(value.toPrecision(4)));

export function componentName(component: TuneComponent): string {
  switch (component.kind) {
    case "head":
      return `L${component.layer}H${component.head}`;
    case "mlp":
      return `MLP ${component.layer}`;
    case "attnBias":
      return `b_O ${component.layer}`;
    case "norms":
      return `LN ${component.layer}`;
    case "finalNorm":
      return "final LN";
  }
}
/** The first few by name, the rest by number. */
export function componentNames(components: readonly TuneComponent[]): string {
  const names = components.slice(0, 4).map(componentName);
  const more = components.length - names.length;
  return names.join(", ") + (more > 0 ? ` and ${more} more` : "");
}

/** All that can be tuned, layer after layer: heads, b_O, MLP, LayerNorms; the final LayerNorm last. */
export function allComponents({ n_layer, n_head }: Shape): TuneComponent[] {
  const layers = Array.from({ length: n_layer }, (_, layer) => layer);
  return [
    ...layers.flatMap((layer): TuneComponent[] => [
      ...Array.from({ length: n_head }, (_, head) => ({ kind: "head" as const, layer, head })),
      { kind: "attnBias", layer },
      { kind: "mlp", layer },
      { kind: "norms", layer },
    ]),
    { kind: "finalNorm" },
  ];
}
export const sameComponent = (a: TuneComponent, b: TuneComponent): boolean =>
  JSON.stringify(a) === JSON.stringify(b);
