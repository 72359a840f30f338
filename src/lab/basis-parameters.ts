/** What the change of basis takes from a model's checkpoint, read once for each model. Formulas: `math/basis.ts`. */
import type { Basis } from "../core/basis.ts";
import { LabError } from "../core/lab-error.ts";
import type { DirectEdit } from "../core/edits.ts";
import type { TensorData } from "../core/types.ts";
import {
  type BasisParameters,
  editsNeed,
  editsToRaw,
  type LayerBasis,
  type NormParameters,
  type RawEdits,
} from "../math/basis-edits.ts";
import { foldedValueBias, resultBias } from "../math/basis.ts";
import { OUTPUT_HEAD, parameterRecipe } from "../math/parameters.ts";
import { meanUnembedding, type Unembedding, unembedding } from "../math/unembedding.ts";
import type { LoadedModel } from "../model/loaded-model.ts";
import { readUnembedding } from "./direct-effects.ts";

type Model = Pick<LoadedModel, "weight" | "info">;

interface Kept {
  layers: Map<number, Promise<LayerBasis>>;
  norms: Map<string, Promise<NormParameters>>;
  meanHead: Promise<Float64Array> | null;
}
const kept = new WeakMap<Model, Kept>();

function keptFor(model: Model): Kept {
  const known = kept.get(model);
  if (known) return known;
  const made: Kept = { layers: new Map(), norms: new Map(), meanHead: null };
  kept.set(model, made);
  return made;
}

/** The value under a key, made once; one that failed is forgotten, so that the next call tries again. */
function once<K, V>(map: Map<K, Promise<V>>, key: K, make: () => Promise<V>): Promise<V> {
  const known = map.get(key);
  if (known) return known;
  const made = make();
  map.set(key, made);
  made.catch(() => map.delete(key));
  return made;
}

const floats = async (model: Model, name: string): Promise<Float32Array> =>
  (await model.weight(name)).data;

export function layerBasis(model: Model, layer: number): Promise<LayerBasis> {
  return once(keptFor(model).layers, layer, async () => {
    const [weight, bias, lnBias, W_O] = await Promise.all(
      ["attn.c_attn.weight", "attn.c_attn.bias", "ln_1.bias", "attn.c_proj.weight"].map((name) =>
        floats(model, `h.${layer}.${name}`),
      ),
    );
    const valueBias = foldedValueBias(weight!, bias!, lnBias!);
    return { valueBias, resultBias: resultBias(valueBias, W_O!, model.info.config.n_head) };
  });
}

/** Weight and bias of the LayerNorm that "blocks.{l}.ln1.hook_normalized" or "ln_final.hook_normalized" belongs to. */
export function normParameters(model: Model, hook: string): Promise<NormParameters> {
  return once(keptFor(model).norms, hook, async () => {
    const [, layer, which] = /^blocks\.(\d+)\.ln([12])\./.exec(hook) ?? [];
    const name = which === undefined ? "ln_f" : `h.${layer}.ln_${which}`;
    const [w, b] = await Promise.all([
      floats(model, `${name}.weight`),
      floats(model, `${name}.bias`),
    ]);
    return { w, b };
  });
}

/** Edits in a basis → the same in the raw one. @throws LabError "bad-input" for an unknown hook */
export async function rawEdits(
  model: Model,
  edits: readonly DirectEdit[],
  basis: Basis,
  patterns: readonly number[] = [],
): Promise<RawEdits> {
  const { config } = model.info;
  if (basis === "raw") return { edits: [...edits], biasFree: new Set() };
  const layers = new Map<number, LayerBasis>();
  const norms = new Map<string, NormParameters>();
  for (const { name, layer } of editsNeed(edits, config)) {
    if (name.endsWith(".hook_normalized")) norms.set(name, await normParameters(model, name));
    else layers.set(layer!, await layerBasis(model, layer!));
  }
  for (const layer of patterns) layers.set(layer, await layerBasis(model, layer));
  const parameters: BasisParameters = {
    layer: (layer) => layers.get(layer)!,
    norm: (hook) => norms.get(hook)!,
  };
  return editsToRaw(edits, config, parameters, patterns);
}

const outputHead = async (model: LoadedModel): Promise<Float32Array> =>
  (await readUnembedding(model)).data;

/**
 * One parameter: by TransformerLens's name in either basis, or by GPT-2's own as it lies in the checkpoint.
 * @throws LabError "bad-input" for a name that there is not
 */
export async function readParameter(
  model: LoadedModel,
  name: string,
  basis: Basis,
): Promise<TensorData> {
  if (!/^(embed|pos_embed|unembed|ln_final|blocks)\./.test(name)) {
    if (basis === "raw") return model.weight(name);
    throw new LabError(
      "bad-input",
      `"${name}" is the checkpoint's own name, which is in the raw basis only; ` +
        'TransformerLens calls its parameters "blocks.0.attn.W_O", "unembed.W_U" …',
    );
  }
  const { sources, make } = parameterRecipe(name, basis, model.info.config);
  const tensors = new Map<string, Float32Array>();
  for (const source of sources) {
    const read = source === OUTPUT_HEAD ? outputHead(model) : floats(model, source);
    tensors.set(source, await read);
  }
  return make((source) => tensors.get(source)!); // never the kept output head itself, so that it may be given away
}

/** Residual directions of some tokens' logits. @throws LabError "bad-input" for an id that is none of the model's */
export async function readUnembeddingOf(
  model: LoadedModel,
  tokens: readonly number[],
  basis: Basis,
): Promise<Unembedding> {
  const { vocab_size, n_embd } = model.info.config;
  const wrong = tokens.find((id) => !Number.isInteger(id) || id < 0 || id >= vocab_size);
  if (wrong !== undefined) {
    throw new LabError(
      "bad-input",
      `${wrong} is no token id; this model has 0 … ${vocab_size - 1}`,
    );
  }
  const head = await outputHead(model);
  const { w, b } = await normParameters(model, "ln_final.hook_normalized");
  const memory = keptFor(model);
  if (basis === "tl") memory.meanHead ??= Promise.resolve(meanUnembedding(head, n_embd));
  return unembedding(head, w, b, tokens, basis === "tl" ? await memory.meanHead : null);
}
