/** Circuits run alone by their definition, in float64; and a model with two heads that do the same, and one that does nothing. */
import type { PatchPair } from "../../src/core/patching.ts";
import type { CircuitUnit, VerifyQuestion } from "../../src/core/verify.ts";
import { parseSafetensors, readFloats } from "../../src/formats/safetensors.ts";
import { writeSafetensors } from "../../src/formats/safetensors-write.ts";
import { nodeEngine } from "../model/node-engine.ts";
import { tinyCheckpoint } from "../model/tiny-checkpoint.ts";
import { referenceRun, type ReferenceEdit } from "../reference/forward.ts";
import type { ReferenceModel } from "../reference/weights.ts";
import { engineAsModel } from "./engine-model.ts";
import { referenceMetric } from "./patch-models.ts";

/** Whether a node stays at a position. */
type Stays = (layer: number, head: number | null, pos: number, pair: PatchPair) => boolean;

const isAt = ({ places }: CircuitUnit, pos: number, pair: PatchPair) =>
  places === null || places.some((place) => pair.places[place]!.includes(pos));
const named = (units: readonly CircuitUnit[]): Stays => {
  return (layer, head, pos, pair) =>
    units.some((unit) => unit.layer === layer && unit.head === head && isAt(unit, pos, pair));
};

export const circuitOf = (units: readonly CircuitUnit[]): Stays => named(units);
export const modelWithout = (units: readonly CircuitUnit[]): Stays => {
  const gone = named(units);
  return (...at) => !gone(...at);
};

/** The metric of each pair where only what `stays` is left. */
export function referenceCircuit(
  model: ReferenceModel,
  { pairs, references, metric, ablation, withMlps }: VerifyQuestion,
  stays: Stays,
): number[] {
  const { config } = model;
  return pairs.map((pair) => {
    const alike = [...pairs.map((p) => ({ ids: p.corrupted, places: p.places })), ...references]
      .filter(({ ids, places }) => {
        const same = JSON.stringify(places) === JSON.stringify(pair.places);
        return ids.length === pair.clean.length && same;
      })
      .map(({ ids }) => ids.join());
    const prompts =
      ablation === "mean"
        ? [...new Set(alike)].map((ids) => ids.split(",").map(Number))
        : [pair.corrupted];
    const runs = prompts.map((ids) => referenceRun(model, [ids]));
    const source = (hook: string) => {
      const values = runs.map((run) => run.get(hook).value);
      return values[0]!.map((_, i) => values.reduce((sum, v) => sum + v[i]! / values.length, 0));
    };
    const edit: ReferenceEdit = {
      apply: (name, x, dims) => {
        const [, layer, site] = /^blocks\.(\d+)\.(attn\.hook_z|hook_mlp_out)$/.exec(name) ?? [];
        if (layer === undefined) return x;
        const isMlp = site === "hook_mlp_out";
        if (isMlp && !withMlps) return x;
        const other = ablation === "zero" ? null : source(name);
        const width = dims.at(-1)!;
        return x.map((v, i) => {
          const token = Math.floor(i / width);
          const [pos, head] = isMlp
            ? [token, null]
            : [Math.floor(token / config.n_head), token % config.n_head];
          return stays(Number(layer), head, pos, pair) ? v : (other?.[i] ?? 0);
        });
      },
    };
    const V = config.vocab_size;
    const logits = referenceRun(model, [pair.clean], [edit]).get("logits").value;
    const clean = referenceRun(model, [pair.clean]).get("logits").value;
    return referenceMetric(metric, logits, V, pair, clean);
  });
}

/**
 * One block, three heads: 0 and 1 each read the first coordinate of what they see and write it, many times larger than all
 * else, toward token 7 and away from 8; so that one of them does almost what both do. Head 2 writes nothing, nor does the MLP.
 */
export async function backupModel() {
  const { config, weights } = tinyCheckpoint({
    ...{ n_layer: 1, n_head: 3, n_embd: 6, n_inner: 5, n_positions: 4, vocab_size: 11 },
    ...{ bos_token_id: 10, layer_norm_epsilon: 1e-5, activation_function: "relu" },
    tie_word_embeddings: false,
  });
  const GAIN = 15;
  const set = (name: string, at: (row: number, column: number) => number) =>
    [new RegExp(`${name}$`), at] as const;
  const token = (t: number) => (t === 1 ? [1, 3] : t === 2 ? [3, 1] : [1, 2]); // + at one, − at the other
  const rules = [
    set("wte.weight", (t, d) => {
      const [plus, minus] = t === 1 || t === 2 ? token(t).map((i) => (i === 1 ? 0 : i)) : [1, 2];
      return Number(d === plus) - Number(d === minus);
    }),
    set("wpe.weight", () => 0),
    set("c_attn.weight", (from, to) => Number(from === 0 && to >= 12 && (to - 12) % 2 === 0)),
    set("attn.c_proj.weight", (from, to) =>
      from === 0 || from === 2 ? GAIN * (Number(to === 4) - Number(to === 5)) : 0,
    ),
    set("mlp.c_proj.weight", () => 0),
    set("lm_head.weight", (t, d) => Number((t === 7 && d === 4) || (t === 8 && d === 5))),
    set("ln_[12f].weight", () => 1),
    set("bias", () => 0),
  ];
  const planted = writeSafetensors(
    [...parseSafetensors(weights).tensors].map(([name, entry]) => {
      const data = readFloats(weights, entry);
      const columns = entry.shape.at(-1)!;
      const rule = rules.find(([pattern]) => pattern.test(name));
      if (rule) data.forEach((_, i) => (data[i] = rule[1](Math.floor(i / columns), i % columns)));
      return { name, shape: [...entry.shape], dtype: "F32" as const, data };
    }),
  );
  const engine = await nodeEngine(config, planted);
  return { engine, model: engineAsModel(engine) };
}
