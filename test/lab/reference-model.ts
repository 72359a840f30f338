/** The float64 reference in the engine's place: what stands above the engine is tested exactly, and without it. */
import { hookNames } from "../../src/core/hooks.ts";
import type { ModelInfo } from "../../src/core/model-info.ts";
import type { TensorData } from "../../src/core/types.ts";
import type { LoadedModel, RunRequest, RunResult } from "../../src/model/loaded-model.ts";
import { referenceEdit } from "../reference/edits.ts";
import { referenceRun } from "../reference/forward.ts";
import { transposed, type ReferenceModel } from "../reference/weights.ts";

/** A tensor by the checkpoint's name, as float32. @throws for one that there is not */
export function tensorOf(model: ReferenceModel, name: string): Float32Array {
  const [, layer, part, kind] = /^(?:h\.(\d+)\.)?(.+)\.(weight|bias)$/.exec(name) ?? [];
  const block = layer === undefined ? undefined : model.blocks[Number(layer)];
  const affine = {
    "attn.c_attn": block?.qkv,
    "attn.c_proj": block?.out,
    "mlp.c_fc": block?.mlpIn,
    "mlp.c_proj": block?.mlpOut,
  }[part!];
  const norm = { ln_1: block?.ln1, ln_2: block?.ln2, ln_f: model.lnFinal }[part!];
  const plain = {
    wte: model.W_E,
    wpe: model.W_pos,
    lm_head: transposed(model.unembed.W, model.config.n_embd),
  }[part!];
  const found = plain ?? (kind === "weight" ? (affine?.W ?? norm?.w) : (affine?.b ?? norm?.b));
  if (!found) throw new Error(`no tensor ${name}`);
  return Float32Array.from(found);
}

type Model = Pick<LoadedModel, "run" | "weight" | "info" | "tokenizer">;

/** Rows of unequal length are padded with token 0 on the right, as the engine does. */
export function referenceAsModel(reference: ReferenceModel): Model & LoadedModel {
  const { config } = reference;
  const run = ({ ids, names, edits }: RunRequest): Promise<RunResult> => {
    const T = Math.max(...ids.map((row) => row.length));
    const rows = ids.map((row) => [...row, ...new Array<number>(T - row.length).fill(0)]);
    const lengths = ids.map((row) => row.length);
    const result = referenceRun(
      reference,
      rows,
      edits.map((edit) => referenceEdit(edit, lengths)),
    );
    const tensor = (name: string): TensorData => {
      const { value, dims } = result.get(name);
      return { data: Float32Array.from(value), dims: [...dims] };
    };
    return Promise.resolve({
      logits: tensor("logits"),
      cache: new Map(names.map((name) => [name, tensor(name)])),
      past: null,
    });
  };
  const model: Model = {
    info: { config, hooks: hookNames(config) } as ModelInfo,
    tokenizer: {
      encode: () => ({ ids: [], warnings: [] }),
      strings: (ids) => ids.map(String),
      decode: String,
    },
    run,
    weight: (name) => Promise.resolve().then(() => ({ data: tensorOf(reference, name), dims: [] })),
  };
  return model as Model & LoadedModel;
}
