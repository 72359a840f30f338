/** W_Q, W_K, W_V and W_O of layers, in either basis. */
import type { Basis } from "../core/basis.ts";
import { breathe } from "../core/breathe.ts";
import { LabError } from "../core/lab-error.ts";
import { type ComposingHead, composingHead } from "../math/composition.ts";
import type { AttentionWeights } from "../math/head-factors.ts";
import { parameterRecipe } from "../math/parameters.ts";
import type { LoadedModel } from "../model/loaded-model.ts";

type Model = Pick<LoadedModel, "weight" | "info">;

/** Each tensor of the checkpoint is read once, though three parameters are parts of the same. */
export async function readAttention(
  model: Model,
  layer: number,
  basis: Basis,
): Promise<AttentionWeights> {
  const recipe = (name: string) =>
    parameterRecipe(`blocks.${layer}.attn.${name}`, basis, model.info.config);
  const names = ["W_Q", "W_K", "W_V", "W_O"] as const;
  const tensors = new Map<string, Float32Array>();
  for (const source of new Set(names.flatMap((name) => recipe(name).sources))) {
    tensors.set(source, (await model.weight(source)).data);
  }
  const [W_Q, W_K, W_V, W_O] = names.map(
    (name) => recipe(name).make((source) => tensors.get(source)!).data,
  );
  return { W_Q: W_Q!, W_K: W_K!, W_V: W_V!, W_O: W_O! };
}

/** @throws LabError "not-found" for a head that the model lacks */
export function checkHead({ info }: Model, { layer, head }: { layer: number; head: number }): void {
  const { n_layer, n_head } = info.config;
  const within = (i: number, n: number) => Number.isInteger(i) && i >= 0 && i < n;
  if (within(layer, n_layer) && within(head, n_head)) return;
  throw new LabError(
    "not-found",
    `there is no head L${layer}H${head}: this model has ${n_layer} layers of ${n_head} heads`,
  );
}

/** Kept as long as someone uses them, and a little longer if memory allows: 110 MB for GPT-2 small. */
let known: { model: Model; basis: Basis; heads: WeakRef<ComposingHead[]> } | null = null;

/** All heads of a model, by layer. */
export async function composingHeads(
  model: Model,
  basis: Basis,
  { signal, progress }: { signal: AbortSignal; progress: (share: number) => void },
): Promise<ComposingHead[]> {
  const kept = known?.model === model && known.basis === basis ? known.heads.deref() : undefined;
  if (kept) return kept;
  const { n_layer, n_head, n_embd } = model.info.config;
  const heads: ComposingHead[] = [];
  for (let layer = 0; layer < n_layer; layer++) {
    const weights = await readAttention(model, layer, basis);
    for (let head = 0; head < n_head; head++) {
      heads.push(composingHead(weights, layer, head, n_embd, n_embd / n_head));
      await breathe();
      signal.throwIfAborted();
    }
    progress((layer + 1) / n_layer);
  }
  known = { model, basis, heads: new WeakRef(heads) };
  return heads;
}
