/**
 * Why a head looks from one token to another: its score as pairs of what wrote at the query and what wrote at the key, and the
 * value that it moves as what wrote at the key, along the logits of some tokens. One run; LayerNorms and the attention weight are
 * held at what they are in it (`math/pair-trace.ts`). MLPs' biases are theirs, as in TransformerLens's decomposition; attention's,
 * b_O, are in the row of biases.
 */
import { blockHook } from "../core/hooks.ts";
import { LabError } from "../core/lab-error.ts";
import type { PairQuestion, PairTrace, TracePart } from "../core/pair-trace.ts";
import { headResults } from "../math/component-results.ts";
import { pairScores, partsRead } from "../math/pair-trace.ts";
import { topIndices } from "../math/softmax.ts";
import type { LoadedModel } from "../model/loaded-model.ts";
import { oneToken } from "./attribution-target.ts";
import { normParameters, readUnembeddingOf } from "./basis-parameters.ts";

/** @throws LabError "bad-input" for a head, a pair of tokens or a token that there is not */
export async function tracePair(
  model: LoadedModel,
  question: PairQuestion,
  signal: AbortSignal,
): Promise<PairTrace> {
  const { ids, layer, head, query, key } = question;
  const { config } = model.info;
  const { n_embd: D, n_head: H } = config;
  const h = D / H;
  check(question, config);
  const layers = Array.from({ length: layer }, (_, l) => l);
  const own = (site: "attn.hook_v" | "attn.hook_attn_scores" | "attn.hook_pattern") =>
    blockHook(layer, site);
  const names = [
    ...["hook_embed", "hook_pos_embed", blockHook(layer, "ln1.hook_scale"), "ln_final.hook_scale"],
    ...layers.flatMap((l) => [blockHook(l, "attn.hook_z"), blockHook(l, "hook_mlp_out")]),
    ...[own("attn.hook_v"), own("attn.hook_attn_scores"), own("attn.hook_pattern")],
  ];
  const { cache, logits } = await model.run({
    ...{ ids: [ids], names, edits: [], signal },
    logits: question.along === null ? "all" : "none",
  });
  const T = ids.length;
  const read = (name: string) => cache.get(name)!.data;
  const rowAt = (name: string, at: number) => read(name).subarray(at * D, (at + 1) * D);
  const toward = direction(model, question, (V) =>
    logits!.data.subarray(query * V, (query + 1) * V),
  );

  const parts: TracePart[] = [
    { name: "embed", layer: null, head: null },
    { name: "pos_embed", layer: null, head: null },
  ];
  const streams = [query, key].map((at) => [rowAt("hook_embed", at), rowAt("hook_pos_embed", at)]);
  const b_O = new Float64Array(D);
  for (const l of layers) {
    const [W_O, bias] = [
      (await model.weight(`h.${l}.attn.c_proj.weight`)).data,
      (await model.weight(`h.${l}.attn.c_proj.bias`)).data,
    ];
    signal.throwIfAborted();
    for (let d = 0; d < D; d++) b_O[d]! += bias[d]!;
    [query, key].forEach((at, side) => {
      const results = headResults(rowAt(blockHook(l, "attn.hook_z"), at), W_O, H);
      for (let n = 0; n < H; n++) streams[side]!.push(results.subarray(n * D, (n + 1) * D));
      streams[side]!.push(rowAt(blockHook(l, "hook_mlp_out"), at));
    });
    for (let n = 0; n < H; n++) parts.push({ name: `${l}.${n}`, layer: l, head: n });
    parts.push({ name: `MLP ${l}`, layer: l, head: null });
  }
  parts.push({ name: "bias", layer: null, head: null });

  const { w, b } = await normParameters(model, blockHook(layer, "ln1.hook_normalized"));
  const W = (await model.weight(`h.${layer}.attn.c_attn.weight`)).data;
  const bias = (await model.weight(`h.${layer}.attn.c_attn.bias`)).data;
  const reads = (side: 0 | 1, third: 0 | 1 | 2): Float64Array =>
    partsRead(stacked([...streams[side]!, b_O], D), {
      ...{ w_D: w, b_D: b, W, bias, first: third * D + head * h, count: h },
      scale: read(blockHook(layer, "ln1.hook_scale"))[side === 0 ? query : key]!,
    });
  const divisor =
    (config.scale_attn_weights ? Math.sqrt(h) : 1) *
    (config.scale_attn_by_inverse_layer_idx ? layer + 1 : 1);

  const u = await readUnembeddingOf(model, [...toward.plus, ...toward.minus], "raw");
  const W_O = (await model.weight(`h.${layer}.attn.c_proj.weight`)).data;
  const scale = read("ln_final.hook_scale")[query]!;
  const along_h = Float64Array.from({ length: h }, (_, i) => {
    let sum = 0;
    for (let d = 0; d < D; d++) {
      let u_d = 0;
      toward.plus.forEach((__, n) => (u_d += u.directions[n * D + d]! / toward.plus.length));
      toward.minus.forEach((__, n) => {
        u_d -= u.directions[(toward.plus.length + n) * D + d]! / toward.minus.length;
      });
      sum += W_O[(head * h + i) * D + d]! * u_d;
    }
    return sum / scale;
  });
  const dot = (values: Float32Array | Float64Array, from: number) => {
    let sum = 0;
    for (let i = 0; i < h; i++) sum += values[from + i]! * along_h[i]!;
    return sum;
  };
  const cell = (k: number) => (head * T + query) * T + k;
  const keys = Array.from({ length: query + 1 }, (_, k) => {
    const weight = read(own("attn.hook_pattern"))[cell(k)]!;
    return {
      weight,
      score: read(own("attn.hook_attn_scores"))[cell(k)]!,
      written: weight * dot(read(own("attn.hook_v")), (k * H + head) * h),
    };
  });
  const v_Nh = reads(1, 2);
  const { weight, score, written } = keys[key]!;
  const strings = (tokens: readonly number[]) => model.tokenizer.strings(tokens);
  return {
    ...{ parts, score, weight, written, keys },
    scores: pairScores(reads(0, 0), reads(1, 1), h, divisor),
    values: Float64Array.from(parts, (_, n) => weight * dot(v_Nh, n * h)),
    ...{ plus: strings(toward.plus), minus: strings(toward.minus) },
  };
}

function direction(
  model: LoadedModel,
  { along }: PairQuestion,
  logitsThere: (V: number) => Float32Array,
) {
  if (along === null) {
    return { plus: topIndices(logitsThere(model.info.config.vocab_size), 1), minus: [] };
  }
  if ("token" in along) return { plus: [oneToken(model, { text: along.token })], minus: [] };
  if (along.answers.length === 0) throw new LabError("bad-input", "there is no answer to trace");
  return { plus: [...along.answers], minus: [...along.wrong] };
}

function check(
  { ids, layer, head, query, key }: PairQuestion,
  config: LoadedModel["info"]["config"],
) {
  const refuse = (why: string): never => {
    throw new LabError("bad-input", why);
  };
  const below = (n: number, most: number) => Number.isInteger(n) && n >= 0 && n < most;
  if (!below(layer, config.n_layer) || !below(head, config.n_head)) {
    refuse(
      `there is no head ${layer}.${head}; this model has ${config.n_layer} layers of ${config.n_head}`,
    );
  }
  if (!below(query, ids.length)) refuse(`position ${query} of ${ids.length} tokens`);
  if (!below(key, query + 1)) refuse(`position ${query} does not see position ${key}`);
}

function stacked(rows: readonly ArrayLike<number>[], D: number): Float64Array {
  const out = new Float64Array(rows.length * D);
  rows.forEach((row, n) => out.set(row, n * D));
  return out;
}
