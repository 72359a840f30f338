/**
 * The same thing computed two ways by the engine, which must agree: with the KV cache and without, in a batch and alone,
 * stopped early and whole, an edit that changes nothing and none. Each names pairs of what one way and the other gave.
 * Tolerances are relative to the largest value: 2e-5 where the two ways add the same numbers in another order.
 */
import { blockHook } from "../core/hooks.ts";
import { LabError } from "../core/lab-error.ts";
import type { DirectEdit } from "../core/edits.ts";
import type { Pair } from "../math/deviation.ts";
import { logitGradient } from "../math/logit-metric.ts";
import type { LoadedModel, RunRequest, RunResult } from "../model/loaded-model.ts";
import { layerBasis, rawEdits } from "./basis-parameters.ts";
import type { RunEvidence } from "./self-check-run.ts";

export interface Repeat {
  id: string;
  what: string;
  /** Tokens that it takes. */
  atLeast: number;
  /** Relative to each pair's scale. */
  tolerance: number;
  pairs: (model: LoadedModel, evidence: RunEvidence, signal: AbortSignal) => Promise<Pair[]>;
}

const REORDERED = 2e-5;

export const REPEATS: readonly Repeat[] = [
  {
    id: "kv-cache",
    what: "the prompt in two parts through the KV cache = in one go",
    atLeast: 2,
    tolerance: REORDERED,
    pairs: async (model, e, signal) => {
      const half = Math.ceil(e.ids.length / 2);
      const run = runs(model, signal);
      const first = await run({ ids: [e.ids.slice(0, half)], keepPast: true });
      try {
        const rest = await run({ ids: [e.ids.slice(half)], past: first.past! });
        return [
          logitsPair(e, first, "first part", 0, half),
          logitsPair(e, rest, "second part", half, e.ids.length),
        ];
      } finally {
        first.past?.dispose();
      }
    },
  },
  {
    id: "batch",
    what: "prompts of unequal length in one batch = each alone",
    atLeast: 2,
    tolerance: REORDERED,
    pairs: async (model, e, signal) => {
      const half = Math.ceil(e.ids.length / 2);
      const other = [...e.ids].reverse();
      const run = runs(model, signal);
      const together = await run({ ids: [e.ids.slice(0, half), e.ids, other] });
      const alone = await run({ ids: [other] });
      const [short, whole, reversed] = [0, 1, 2].map((row) => rowOf(together, row));
      const V = e.config.vocab_size;
      return [
        pair("the shorter", e.raw.logits.subarray(0, half * V), short!.subarray(0, half * V)),
        pair("the longer", e.raw.logits, whole!),
        pair("the third", alone.logits!.data, reversed!),
      ];
    },
  },
  {
    id: "neutral-edits",
    what: "edits that change nothing (+ 0, · 1, replaced by itself) = no edit",
    atLeast: 1,
    tolerance: REORDERED,
    pairs: async (model, e, signal) => {
      const layers = Array.from({ length: e.config.n_layer }, (_, layer) => layer);
      const own = blockHook(Math.floor(e.config.n_layer / 2), "attn.hook_z");
      const edits: DirectEdit[] = [
        ...layers.flatMap((layer): DirectEdit[] => [
          { hook: blockHook(layer, "hook_resid_pre"), op: "add", value: 0 },
          { hook: blockHook(layer, "attn.hook_pattern"), op: "scale", value: 1 },
          { hook: blockHook(layer, "mlp.hook_post"), op: "scale", value: 1, pos: -1 },
        ]),
        { hook: own, op: "replace", value: e.raw.cache.get(own)!.data },
      ];
      const edited = await runs(model, signal)({ ids: [e.ids], edits });
      return [pair("logits", e.raw.logits, edited.logits!.data)];
    },
  },
  {
    id: "stops-early",
    what: "a run that ends at the layer asked for = the whole run",
    atLeast: 1,
    tolerance: REORDERED,
    pairs: async (model, e, signal) => {
      const run = runs(model, signal);
      const middle = Math.floor((e.config.n_layer - 1) / 2);
      const [early, late] = [0, middle].map((layer) => blockHook(layer, "hook_resid_post"));
      const expected = (hook: string) => e.raw.cache.get(hook)!.data;
      const stopped = await run({ ids: [e.ids], names: [early!], logits: "none" });
      const harvested = await model.harvest(Int32Array.from(e.ids), 1, [late!], null);
      return [
        pair(early!, expected(early!), stopped.cache.get(early!)!.data),
        ...(harvested ? [pair(`${late!}, harvested`, expected(late!), harvested[0]!)] : []),
      ];
    },
  },
  {
    id: "rows",
    what: "several experiments as rows of one batch = each run alone",
    atLeast: 1,
    tolerance: REORDERED,
    pairs: async (model, e, signal) => {
      const run = runs(model, signal);
      const { n_layer, n_head } = e.config;
      const experiments: DirectEdit[] = [
        { hook: blockHook(0, "attn.hook_z"), op: "zero", head: n_head - 1 },
        { hook: blockHook(n_layer - 1, "mlp.hook_post"), op: "scale", value: 0.5 },
        { hook: blockHook(n_layer - 1, "hook_resid_pre"), op: "add", value: 0.25, pos: -1 },
      ];
      const edits = experiments.map((edit, row): DirectEdit => ({ ...edit, row }));
      const ids = experiments.map(() => e.ids);
      const together = await run({ ids, edits, logits: "last" });
      const pairs: Pair[] = [];
      for (const [row, edit] of experiments.entries()) {
        const alone = await run({ ids: [e.ids], edits: [edit], logits: "last" });
        pairs.push(pair(`${edit.op} ${edit.hook}`, alone.logits!.data, rowOf(together, row)));
      }
      return pairs;
    },
  },
  {
    id: "basis-edit",
    what: "a head’s z set to 0 in TransformerLens’s basis = set to b_V + b_ln1 · W_V in the raw one",
    atLeast: 1,
    tolerance: REORDERED,
    pairs: async (model, e, signal) => {
      const run = runs(model, signal);
      const layer = e.config.n_layer - 1;
      const hook = blockHook(layer, "attn.hook_z");
      const zero: DirectEdit = { hook, op: "zero", head: 0, pos: -1 };
      const { valueBias } = await layerBasis(model, layer);
      const d_head = e.config.n_embd / e.config.n_head;
      const value = valueBias.slice(0, d_head);
      const { edits } = await rawEdits(model, [zero], "tl");
      const told = await run({ ids: [e.ids], edits, logits: "last" });
      const meant = await run({
        ids: [e.ids],
        edits: [{ hook, op: "replace", value, head: 0, pos: -1 }],
        logits: "last",
      });
      return [pair("logits", meant.logits!.data, told.logits!.data)];
    },
  },
  {
    id: "gradients",
    what: "gradient of a logit difference = its slope by a small step along it",
    atLeast: 1,
    tolerance: 0.01, // of what a step of a finite size leaves
    pairs: slopes,
  },
];

/** Runs with what most checks ask for: logits everywhere, nothing else, no edits. */
const runs =
  (model: LoadedModel, signal: AbortSignal) =>
  (request: Partial<RunRequest> & Pick<RunRequest, "ids">): Promise<RunResult> =>
    model.run({ names: [], edits: [], logits: "all", signal, ...request });

const pair = (where: string, expected: Float32Array, found: Float32Array): Pair => ({
  where,
  expected,
  found,
});

/** So much the logit difference is moved either way: much more than rounding, little enough to be straight. */
const STEP = 0.025;

/** |g| beside (m(x + εg/|g|) − m(x − εg/|g|)) / 2ε, m the difference of the two largest logits after the last token. */
async function slopes(model: LoadedModel, e: RunEvidence, signal: AbortSignal): Promise<Pair[]> {
  const { n_layer, vocab_size } = e.config;
  const [token, against] = e.tokens as [number, number];
  const hooks = [
    "hook_embed",
    blockHook(0, "mlp.hook_post"),
    blockHook(Math.floor(n_layer / 2), "hook_resid_mid"),
    blockHook(n_layer - 1, "attn.hook_z"),
  ];
  const { gradients } = await model.differentiate({
    ids: [e.ids],
    ...{ gradients: hooks, values: [], edits: [], signal },
    seed: {
      kind: "logits",
      at: [{ row: 0, pos: e.ids.length - 1 }],
      ...logitGradient({ kind: "logitDiff", token, against }, 1, vocab_size),
    },
  });
  const pairs: Pair[] = [];
  for (const hook of hooks) {
    const gradient = gradients.get(hook)!.data;
    const norm = Math.sqrt(gradient.reduce((sum, g) => sum + g * g, 0));
    if (norm === 0) throw new LabError("degenerate", `the gradient at ${hook} is 0 everywhere`);
    const epsilon = STEP / norm;
    const edits = [1, -1].map((sign, row): DirectEdit => {
      const value = gradient.map((g) => (sign * epsilon * g) / norm);
      return { hook, op: "add", value, row };
    });
    const run = await runs(model, signal)({ ids: [e.ids, e.ids], edits, logits: "last" });
    const [up, down] = [rowOf(run, 0), rowOf(run, 1)].map((row) => row[token]! - row[against]!);
    pairs.push({ where: hook, expected: [norm], found: [(up! - down!) / (2 * epsilon)] });
  }
  return pairs;
}

/** One row of a batch's logits. */
function rowOf({ logits }: RunResult, row: number): Float32Array {
  const size = logits!.data.length / logits!.dims[0]!;
  return logits!.data.subarray(row * size, (row + 1) * size);
}

/** Logits of positions `from` to `to` against those of the whole run. */
function logitsPair(
  { raw, config: { vocab_size: V } }: RunEvidence,
  { logits }: RunResult,
  where: string,
  from: number,
  to: number,
): Pair {
  return pair(where, raw.logits.subarray(from * V, to * V), logits!.data);
}
