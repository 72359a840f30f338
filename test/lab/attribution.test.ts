/**
 * Direct logit attribution against the float64 reference, in both bases (TransformerLens's with weights really processed),
 * for models, targets and edits by chance; and that parts and bias are the logit.
 */
import { expect, it } from "vitest";
import type { Attribution, NeuronAttribution, TargetChoice } from "../../src/core/attribution.ts";
import type { Basis } from "../../src/core/basis.ts";
import { hookNames, parseHook } from "../../src/core/hooks.ts";
import type { DirectEdit, Edit } from "../../src/core/edits.ts";
import { editsStream } from "../../src/lab/added-parts.ts";
import { attributionHandlers } from "../../src/lab/attribution-figure.ts";
import { bench } from "../../src/lab/bench.ts";
import { keyedRandom } from "../../src/math/keyed-random.ts";
import { parseConfig } from "../../src/model/config.ts";
import { integer, randomCheckpoint, randomEdit } from "../model/random-models.ts";
import * as expected from "../reference/attribution.ts";
import { relative } from "../reference/compare.ts";
import { referenceEdit } from "../reference/edits.ts";
import { referenceRun } from "../reference/forward.ts";
import { madeUpModel, ODD } from "../reference/models.ts";
import { processed } from "../reference/tl-weights.ts";
import type { ReferenceModel } from "../reference/weights.ts";
import { referenceAsModel } from "./reference-model.ts";

const context = { signal: new AbortController().signal, progress: () => undefined };
/** "12" is token 12; two numbers are two tokens. */
const tokenizer = {
  encode: (text: string) => ({
    ids: text.trim() === "" ? [] : text.trim().split(" ").map(Number),
    warnings: [],
  }),
  strings: (ids: readonly number[]) => ids.map(String),
  decode: String,
};

async function onBench(reference: ReferenceModel) {
  const model = { ...referenceAsModel(reference), tokenizer, dispose: () => Promise.resolve() };
  await bench.set(model);
}

interface Question extends TargetChoice {
  ids: number[];
  edits?: Edit[];
  basis?: Basis;
  heads?: number[];
}
async function attribution({ ids, edits = [], basis = "raw", ...rest }: Question) {
  const input = { prompt: { ids }, edits, basis, ...rest };
  const { value } = await attributionHandlers["figure.attribution"](input, context);
  return value;
}
async function neurons({ ids, edits = [], basis = "raw", ...rest }: Question, at: number[]) {
  const input = { prompt: { ids }, edits, basis, at, ...rest };
  const { value } = await attributionHandlers["figure.attributionNeurons"](input, context);
  return value;
}

const pairsOf = ({ targets }: Pick<Attribution, "targets">) =>
  targets.map((target) => target && ([target.token.id, target.against?.id ?? null] as const));
const rowsOf = (data: Float32Array, T: number): number[][] =>
  Array.from({ length: data.length / T }, (_, r) => [...data.subarray(r * T, (r + 1) * T)]);
/** Relative, NaN where NaN is expected. */
function expectClose(found: readonly number[], wanted: readonly number[], told: string) {
  const real = (values: readonly number[]) =>
    values.map((v, i) => (Number.isNaN(wanted[i]) ? Number(!Number.isNaN(v)) : v));
  expect(
    relative(
      real(found),
      wanted.map((v) => (Number.isNaN(v) ? 0 : v)),
    ),
    told,
  ).toBeLessThan(3e-5);
}

/** All of an answer against the reference, and its sums. */
function check(
  answer: Attribution,
  model: ReferenceModel,
  ids: number[],
  edits: DirectEdit[],
  told: string,
) {
  const run = referenceRun(
    model,
    [ids],
    edits.map((edit) => referenceEdit(edit, [ids.length])),
  );
  const T = ids.length;
  const { n_layer: L, n_head: H } = model.config;
  const pairs = pairsOf(answer);
  const written = rowsOf(answer.written.data, T);
  const parts = expected.components(model, run);
  expect(answer.components.slice(0, parts.length)).toEqual(parts.map(({ label }) => label));
  parts.forEach(({ label, y }, c) =>
    expectClose(written[c]!, expected.written(model, run, y, pairs), `${label} ${told}`),
  );
  expected.states(model, run).forEach(({ label, y }, s) => {
    expect(answer.states[s]).toBe(label);
    const found = rowsOf(answer.accumulated.data, T)[s]!;
    expectClose(found, expected.written(model, run, y, pairs), `${label} ${told}`);
  });
  const heads = rowsOf(answer.heads.data, T);
  for (let l = 0; l < L; l++) {
    for (let h = 0; h < H; h++) {
      const y = expected.head(model, run, l, h);
      expectClose(heads[l * H + h]!, expected.written(model, run, y, pairs), `L${l}H${h} ${told}`);
    }
  }
  const logits = expected.logits(model, run, pairs);
  expectClose([...answer.logits], logits, `logits ${told}`);
  expectClose(
    [...answer.bias],
    pairs.map((pair) => expected.bias(model, pair)),
    `bias ${told}`,
  );
  const total = (rows: number[][]) =>
    logits.map((_, t) => rows.reduce((sum, row) => sum + row[t]!, 0));
  expectClose(total([...written, [...answer.bias]]), logits, `the sum ${told}`);
  const rest = rowsOf(answer.attnRest.data, T);
  for (let l = 0; l < L; l++) {
    const ofLayer = [...heads.slice(l * H, (l + 1) * H), rest[l]!];
    expectClose(total(ofLayer), written[2 + 2 * l]!, `heads of layer ${l} ${told}`);
  }
}

const CASES = 150;
it(`agrees with the reference, and adds up, in ${CASES} runs by chance`, async () => {
  let streamEdits = 0;
  for (let seed = 1; seed <= CASES; seed++) {
    const random = keyedRandom(seed, 21);
    const files = randomCheckpoint(seed);
    const { config } = parseConfig(files.config);
    const reference = madeUpModel(config, seed, files.tied);
    await onBench(reference);
    const token = () => integer(random, 0, config.vocab_size - 1);
    const ids = Array.from({ length: integer(random, 2, config.n_positions) }, token);
    const basis: Basis = random() < 0.5 ? "raw" : "tl";
    const edits = Array.from({ length: integer(random, 0, 3) }, () =>
      randomEdit(random, hookNames(config), config, [ids.length]),
    ).filter(
      ({ hook, op, neuron }) =>
        hook !== "ln_final.hook_normalized" &&
        // Refused in that basis: one coordinate of what has mean 0.
        (neuron === undefined || op === "add" || parseHook(hook, config).axes.at(-1) !== "d"),
    );
    if (editsStream(edits)) streamEdits++;
    const target = ([`likeliest`, `next`, { text: String(token()) }] as const)[seed % 3]!;
    const against = ([`nothing`, { text: String(token()) }, `runnerUp`] as const)[
      integer(random, 0, 2)
    ]!;
    const question = { ids, edits, basis, target, against };
    const told = `seed ${seed}, ${basis}, ${JSON.stringify({ target, against, edits })}`;
    const answer = await attribution(question);
    expect(answer.components.includes("stream edits")).toBe(editsStream(edits));
    const model = basis === "tl" ? processed(reference) : reference;
    check(answer, model, ids, edits, told);
  }
  expect(streamEdits).toBeGreaterThan(5);
});

const ids = [3, 14, 159, 26, 5];
const reference = madeUpModel(ODD, 4, false);

it("asks about the likeliest tokens of the run without edits", async () => {
  await onBench(reference);
  const { value: logits } = referenceRun(reference, [ids]).get("logits");
  const V = ODD.vocab_size;
  const ranked = ids.map((_, t) =>
    Array.from({ length: V }, (_, v) => v).sort((a, b) => logits[t * V + b]! - logits[t * V + a]!),
  );
  const edits: Edit[] = [{ hook: "blocks.1.hook_attn_out", op: "zero" }];
  const plain = await attribution({ ids, edits, target: "likeliest", against: "runnerUp" });
  expect(pairsOf(plain)).toEqual(ranked.map(([first, second]) => [first, second]));
  const second = ranked[2]![1]!;
  const fixed = { target: { text: String(second) }, against: "runnerUp" } as const;
  expect(pairsOf(await attribution({ ids, edits, ...fixed }))[2]).toEqual([second, ranked[2]![0]]);
});

it("tells the heads of the positions that are asked for, and runs the model once for all questions", async () => {
  let runs = 0;
  const model = referenceAsModel(reference);
  await bench.set({
    ...{ ...model, tokenizer, dispose: () => Promise.resolve() },
    run: (request) => {
      runs += 1;
      return model.run(request);
    },
  });
  const question = { ids, target: "next", against: { text: "7" } } as const;
  const whole = await attribution(question);
  const some = await attribution({ ...question, heads: [2, 99] });
  const none = await attribution({ ...question, heads: [] });
  const T = ids.length;
  for (const key of ["heads", "attnRest"] as const) {
    whole[key].data.forEach((value, i) => {
      expect(some[key].data[i]).toBe(i % T === 2 ? value : NaN);
      expect(none[key].data[i]).toBeNaN();
    });
  }
  expect(some.written).toEqual(whole.written);
  await attribution({ ...question, target: { text: "5" } });
  expect(runs).toBe(1);
  await attribution({ ...question, edits: [{ hook: "blocks.1.hook_attn_out", op: "zero" }] });
  await attribution({ ...question, basis: "tl" });
  expect(runs).toBe(3);
});

it("has no answer where no token follows", async () => {
  await onBench(reference);
  const next = await attribution({ ids, target: "next", against: { text: "7" } });
  expect(pairsOf(next)).toEqual([[14, 7], [159, 7], [26, 7], [5, 7], null]);
  expect(Array.from(next.logits, Number.isNaN)).toEqual([false, false, false, false, true]);
  expect(await neurons({ ids, target: "next", against: "nothing" }, [4, 9])).toMatchObject({
    at: [],
  });
});

it.each([
  ["two words", "1 2", /"1 2" is 2 tokens \("1", "2"\), not one$/],
  ["nothing", "  ", /type a token/],
])("refuses %s", async (_, text, said) => {
  await onBench(reference);
  const question = { ids, target: "likeliest", against: { text } } as const;
  await expect(attribution(question)).rejects.toThrow(said);
});

it("says that a space is missing", async () => {
  const model = referenceAsModel(reference);
  const encode = (text: string) => ({ ids: text === " Mary" ? [9] : [1, 2], warnings: [] });
  await bench.set({
    ...model,
    tokenizer: { ...tokenizer, encode },
    dispose: () => Promise.resolve(),
  });
  const question = { ids, target: { text: "Mary" }, against: "nothing" } as const;
  await expect(attribution(question)).rejects.toThrow(/with a space before it, " Mary", it is one/);
});

it("refuses an edit between the stream and the logits", async () => {
  await onBench(reference);
  const edits: Edit[] = [{ hook: "ln_final.hook_normalized", op: "zero" }];
  const question = { ids, edits, target: "likeliest", against: "nothing" } as const;
  await expect(attribution(question)).rejects.toThrow(/between the residual stream and the logits/);
});

it.each(["raw", "tl"] as const)("gives every neuron its part, with edits, in %s", async (basis) => {
  await onBench(reference);
  const { n_layer: L, n_inner: m } = ODD;
  const edits: DirectEdit[] = [
    { hook: "blocks.0.mlp.hook_post", op: "scale", value: -2, neuron: 5 },
    { hook: "blocks.1.hook_mlp_out", op: "zero", pos: 1 },
    { hook: "blocks.2.hook_resid_pre", op: "scale", value: 0.5 },
  ];
  const question = { ids, edits, basis, target: { text: "17" }, against: "runnerUp" } as const;
  const answer: NeuronAttribution = await neurons(question, [1, 3, 40]);
  expect(answer.at.map(({ position }) => position)).toEqual([1, 3]);
  const model = basis === "tl" ? processed(reference) : reference;
  const run = referenceRun(
    model,
    [ids],
    edits.map((edit) => referenceEdit(edit, [ids.length])),
  );
  for (const { position, target, written, activations, ...rest } of answer.at) {
    const pairs = ids.map(() => [target.token.id, target.against!.id] as const);
    for (let l = 0; l < L; l++) {
      const post = run.get(`blocks.${l}.mlp.hook_post`).value;
      for (let n = 0; n < m; n++) {
        const y = expected.neuron(model, run, l, n);
        const wanted = expected.written(model, run, y, pairs)[position]!;
        expect(Math.abs(written.data[l * m + n]! - wanted)).toBeLessThan(2e-6);
        expect(activations.data[l * m + n]).toBeCloseTo(post[position * m + n]!, 5);
      }
    }
    const all = written.data.reduce((a, b) => a + b, 0);
    const logit = expected.logits(model, run, pairs)[position]!;
    expect(rest.logit).toBeCloseTo(logit, 4);
    expect(all + rest.mlpRest + rest.others + rest.bias).toBeCloseTo(logit, 4);
    const mlps = expected.components(model, run).filter(({ label }) => label.endsWith("mlp_out"));
    const mlp = mlps.reduce(
      (sum, { y }) => sum + expected.written(model, run, y, pairs)[position]!,
      0,
    );
    expect(all + rest.mlpRest).toBeCloseTo(mlp, 4);
  }
});
