/** Evidence for heads' roles against a float64 model: every number by its definition. */
import { expect, it } from "vitest";
import type { PatchPair } from "../../src/core/patching.ts";
import { headRoles } from "../../src/lab/head-roles.ts";
import type { LoadedModel } from "../../src/model/loaded-model.ts";
import { nodeEngine } from "../model/node-engine.ts";
import { tinyCheckpoint } from "../model/tiny-checkpoint.ts";
import { type ReferenceRun, referenceRun } from "../reference/forward.ts";
import { referenceModel, type ReferenceModel } from "../reference/weights.ts";
import { engineAsModel } from "./engine-model.ts";

const [L, H, h, V] = [3, 2, 5, 61];
const D = H * h;
const { signal } = new AbortController();
const PAIRS: PatchPair[] = [
  { clean: [4, 7, 11, 2, 11, 5], corrupted: [4, 7, 11, 2, 7, 5] },
  { clean: [4, 11, 9, 3, 9], corrupted: [4, 11, 9, 3, 11] },
  { clean: [1, 30, 20, 20], corrupted: [1, 30, 20, 30] },
].map((pair, i) => ({
  ...pair,
  answers: [[7], [11], [30]][i]!,
  wrong: [[11], [9], [20]][i]!,
  places: [],
}));

async function withModel(body: (model: LoadedModel, reference: ReferenceModel) => Promise<void>) {
  const { config, weights } = tinyCheckpoint(
    {
      ...{ n_layer: L, n_head: H, n_embd: D, n_inner: 13, n_positions: 12, vocab_size: V },
      ...{ bos_token_id: 60, activation_function: "gelu_new", tie_word_embeddings: false },
    },
    { seed: 9 },
  );
  const engine = await nodeEngine(config, weights);
  try {
    const words = Object.fromEntries(Array.from({ length: V - 1 }, (_, id) => [`w${id}`, id]));
    const json = JSON.stringify({ model: { vocab: words }, added_tokens: [] });
    const model = { ...engineAsModel(engine), tokenizerFiles: { json, config: "{}" } };
    await body(model, referenceModel(engine.config, engine.weight, false));
  } finally {
    await engine.release();
  }
}
const mean = (x: readonly number[]) => x.reduce((a, b) => a + b, 0) / x.length;
const norm = (x: Float64Array, { w, b }: { w: Float64Array; b: Float64Array }, eps: number) => {
  const middle = mean([...x]);
  const s = Math.sqrt(mean([...x].map((v) => (v - middle) ** 2)) + eps);
  return x.map((v, d) => ((v - middle) / s) * w[d]! + b[d]!);
};

it("each number is what its definition says", { timeout: 60_000 }, async () => {
  await withModel(async (model, reference) => {
    const stages = new Set<string>();
    const found = await headRoles(
      model,
      { pairs: PAIRS, seed: 3, movers: ["2.1", "1.0"] },
      { signal, progress: ({ stage, done, total }) => done === total && stages.add(stage) },
    );
    expect(found).toMatchObject({ pairs: 3, movers: ["1.0", "2.1"], lacks: null, names: 5 });
    expect([...stages]).toEqual(expect.arrayContaining(["task", "copying", "ablation"]));
    const eps = reference.config.layer_norm_epsilon;
    const runs = PAIRS.map(({ clean }) => referenceRun(reference, [clean]));
    const corrupted = PAIRS.map(({ corrupted: ids }) => referenceRun(reference, [ids]));
    const u = (token: number) =>
      Float64Array.from(
        { length: D },
        (_, d) => reference.lnFinal.w[d]! * reference.unembed.W[d * V + token]!,
      );
    /** A head's direct effect, LayerNorm's centring on what is written. */
    const along = (run: ReferenceRun, T: number, l: number, head: number, token: number) => {
      const result = run.get(`blocks.${l}.attn.hook_result`).value;
      const own = result.slice(((T - 1) * H + head) * D, ((T - 1) * H + head + 1) * D);
      const middle = mean([...own]);
      const s = run.get("ln_final.hook_scale").value[T - 1]!;
      return own.reduce((sum, v, d) => sum + ((v - middle) / s) * u(token)[d]!, 0);
    };
    const direct = (run: ReferenceRun, pair: PatchPair, l: number, head: number) =>
      along(run, pair.clean.length, l, head, pair.answers[0]!) -
      along(run, pair.clean.length, l, head, pair.wrong[0]!);
    const logits = runs.map((run, i) => {
      const z = run.get("logits").value.slice(-V);
      return z[PAIRS[i]!.answers[0]!]! - z[PAIRS[i]!.wrong[0]!]!;
    });
    expect(found.logitDiff).toBeCloseTo(mean(logits), 4);
    const endOf = (run: ReferenceRun, l: number) =>
      run.get(`blocks.${l}.attn.hook_z`).value.slice(-D);
    const ablated = PAIRS.map(({ clean }) =>
      referenceRun(
        reference,
        [clean],
        [
          {
            apply: (name, x) => {
              const mover = { "blocks.1.attn.hook_z": [1, 0], "blocks.2.attn.hook_z": [2, 1] }[
                name
              ];
              if (!mover) return x;
              const [l, head] = mover as [number, number];
              return x.map((v, i) => {
                const end = i - (clean.length - 1) * D;
                if (end < 0 || Math.floor(end / h) !== head) return v;
                return mean([...runs, ...corrupted].map((run) => endOf(run, l)[end]!));
              });
            },
          },
        ],
      ),
    );
    for (const [index, head] of found.heads.entries()) {
      const [l, n] = [Math.floor(index / H), index % H];
      expect([head.layer, head.head]).toEqual([l, n]);
      const own = PAIRS.map((pair, i) => direct(runs[i]!, pair, l, n));
      expect(head.direct).toBeCloseTo(mean(own), 4);
      const looks = (token: (pair: PatchPair) => number, all: boolean) =>
        PAIRS.map((pair, i) => {
          const T = pair.clean.length;
          const pattern = runs[i]!.get(`blocks.${l}.attn.hook_pattern`).value;
          const at = pair.clean.flatMap((id, t) => (id === token(pair) ? [t] : []));
          return (all ? at : at.slice(-1)).reduce(
            (sum, k) => sum + pattern[(n * T + T - 1) * T + k]!,
            0,
          );
        });
      const [a, w] = [(pair: PatchPair) => pair.answers[0]!, (pair: PatchPair) => pair.wrong[0]!];
      expect(head.toAnswer).toBeCloseTo(mean(looks(a, true)), 4);
      expect(head.toWrong).toBeCloseTo(mean(looks(w, false)), 4);
      const x = [...looks(a, true), ...looks(w, true)];
      const y = [a, w].flatMap((token) =>
        PAIRS.map((pair, i) => along(runs[i]!, pair.clean.length, l, n, token(pair))),
      );
      const [mx, my] = [mean(x), mean(y)];
      const cross = mean(x.map((v, i) => (v - mx) * (y[i]! - my)));
      const spread = (v: readonly number[], m: number) =>
        Math.sqrt(mean(v.map((one) => (one - m) ** 2)));
      expect(head.correlation).toBeCloseTo(cross / spread(x, mx) / spread(y, my), 3);

      let [hits, misses] = [0, 0];
      const names = [
        [7, 0, 1],
        [11, 0, 2],
        [9, 1, 2],
        [30, 2, 1],
        [20, 2, 2],
      ] as const;
      for (const [token, pair, at] of names) {
        const state = runs[pair]!.get("blocks.0.hook_resid_post").value.slice(at * D, (at + 1) * D);
        const block = reference.blocks[l]!;
        const read = norm(state, block.ln1, eps);
        const v = Array.from({ length: h }, (_, i) => {
          const column = 2 * D + n * h + i;
          return (
            block.qkv.b[column]! +
            read.reduce((s, y_d, d) => s + y_d * block.qkv.W[d * 3 * D + column]!, 0)
          );
        });
        const out = Float64Array.from({ length: D }, (_, d) =>
          v.reduce((s, v_i, i) => s + v_i * block.out.W[(n * h + i) * D + d]!, 0),
        );
        for (const sign of [1, -1]) {
          const end = norm(
            out.map((o) => sign * o),
            reference.lnFinal,
            eps,
          );
          const z = Array.from({ length: V }, (_, t) =>
            end.reduce((s, e, d) => s + e * reference.unembed.W[d * V + t]!, 0),
          );
          const likelier = z.filter((value) => value > z[token]!).length;
          if (likelier < 5 && sign === 1) hits++;
          if (likelier < 5 && sign === -1) misses++;
        }
      }
      expect(head.copying).toBeCloseTo(hits / 5, 6);
      expect(head.negativeCopying).toBeCloseTo(misses / 5, 6);

      if (["1.0", "2.1"].includes(`${l}.${n}`)) expect(head.rise).toBeNull();
      else {
        const rises = PAIRS.map((pair, i) => direct(ablated[i]!, pair, l, n) - own[i]!);
        expect(head.rise).toBeCloseTo(mean(rises), 4);
      }
      // Only those before a mover that look at S2 enough are asked for their path.
      expect(head.path === null).toBe(l === 2 || (head.toWrong ?? 0) < 0.2);
    }
    expect(found.heads.some(({ path }) => path !== null)).toBe(true);
  });
});

it("says why roles cannot be told", { timeout: 60_000 }, async () => {
  await withModel(async (model) => {
    const ask = (pairs: readonly PatchPair[], movers: string[] | null = null) =>
      headRoles(model, { pairs, seed: 1, movers }, { signal, progress: () => undefined });
    const ungraded = await ask(PAIRS.map((pair) => ({ ...pair, wrong: [] })));
    expect(ungraded.lacks).toMatch(/wrong answers/);
    expect(
      ungraded.heads.every(({ direct, previous }) => direct === null && previous !== null),
    ).toBe(true);
    const absent = await ask(PAIRS.map((pair) => ({ ...pair, answers: [50], wrong: [51] })));
    expect(absent.lacks).toMatch(/nothing is there to copy/);
    expect(absent.heads[0]!.copying).toBeNull();
    expect((await ask(PAIRS)).lacks).toMatch(/No head is a mover/);
    await expect(ask(PAIRS, ["9.9"])).rejects.toThrow(/"9\.9" is no head/);
  });
});
