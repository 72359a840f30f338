/** Worker methods of direct logit attribution. Formulas: `math/unembedding.ts`, `math/logit-attribution.ts`. */
import type { Attribution, NeuronsAt, Target } from "../core/attribution.ts";
import { blockHook, type BlockSite } from "../core/hooks.ts";
import { LabError } from "../core/lab-error.ts";
import type { Edit } from "../core/edits.ts";
import type { TensorData } from "../core/types.ts";
import { groupsAlong } from "../math/component-results.ts";
import { divideByScale } from "../math/layer-norm.ts";
import { attributeLogits } from "../math/logit-attribution.ts";
import { accumulatedParts, joined, remainderOf, streamAt } from "../math/residual-stack.ts";
import type { Handlers } from "../rpc/serve.ts";
import {
  directionRows,
  type Reading,
  readTargets,
  resolveTargets,
  targetLogits,
} from "./attribution-target.ts";
import { bench } from "./bench.ts";
import type { FigureRun } from "./figure-run.ts";
import { keptRun } from "./kept-runs.ts";
import { addedParts } from "./added-parts.ts";
import { writtenAlong } from "./written-along.ts";

type AttributionHandlers = Pick<Handlers, "figure.attribution" | "figure.attributionNeurons">;
const SCALE = "ln_final.hook_scale";

export const attributionHandlers: AttributionHandlers = {
  "figure.attribution": async (input, { signal }) => {
    const model = bench.require();
    const { n_layer: L, n_head: H, n_embd: D } = model.info.config;
    refuseNormEdits(input.edits);
    const states = accumulatedParts(L, L, { inclMid: true });
    const added = addedParts(L, input.edits);
    const zs = ofLayers(L, "attn.hook_z");
    const hooks = [...states.map(({ hook }) => hook), ...added.hooks];
    const run = await keptRun(input, [...hooks, ...zs, SCALE], signal);
    const targets = await resolveTargets(model, input, run, signal);
    const reading = await readTargets(model, targets, input.basis);
    const along = attributer(run, reading, D);
    // W_O·u is dear, a matrix product for each layer and token: only of the positions whose heads are asked for.
    const ofHeads = await readTargets(model, only(targets, input.heads), input.basis);
    const W_O = await writtenAlong(model, "attn.c_proj", ofHeads, signal);
    const heads = zs.map((hook, l) =>
      scaled(groupsAlong(run.at(hook).data, W_O(l), ofHeads.which, D / H), run),
    );
    const attn = ofLayers(L, "hook_attn_out").map((hook) => along(run.at(hook).data));
    const T = targets.length;
    const value: Attribution = {
      tokens: run.tokens,
      targets,
      logits: targetLogits(run, targets),
      bias: reading.bias,
      components: added.labels,
      written: stacked(added.values(run).map(along), [T]),
      states: states.map(({ label }) => label),
      accumulated: stacked(
        states.map(({ hook }) => along(run.at(hook).data)),
        [T],
      ),
      heads: stacked(heads, [H, T]),
      attnRest: stacked(
        attn.map((whole, l) => remainderOf(whole, heads[l]!)),
        [T],
      ),
    };
    return { value };
  },

  "figure.attributionNeurons": async (input, { signal }) => {
    const model = bench.require();
    const { n_layer: L, n_embd: D, n_inner: m } = model.info.config;
    refuseNormEdits(input.edits);
    const posts = ofLayers(L, "mlp.hook_post");
    const mlps = ofLayers(L, "hook_mlp_out");
    const stream = streamAt(L, L);
    const run = await keptRun(input, [...posts, ...mlps, stream, SCALE], signal);
    const targets = only(await resolveTargets(model, input, run, signal), input.at);
    const reading = await readTargets(model, targets, input.basis);
    const along = attributer(run, reading, D);
    const mlpOut = mlps.map((hook) => along(run.at(hook).data));
    const final = along(run.at(stream).data);
    const logits = targetLogits(run, targets);
    const W_out = await writtenAlong(model, "mlp.c_proj", reading, signal);
    const at = targets.flatMap((target, position): NeuronsAt[] => {
      if (!target) return [];
      const here = { data: new Float32Array(L * m), dims: [L, m] };
      const activations = { data: new Float32Array(L * m), dims: [L, m] };
      posts.forEach((hook, l) => {
        const row = run.at(hook).data.subarray(position * m, (position + 1) * m);
        const which = [reading.which[position]!];
        const scale = run.at(SCALE).data[position]!;
        activations.data.set(row, l * m);
        here.data.set(
          groupsAlong(row, W_out(l), which, 1).map((x) => x / scale),
          l * m,
        );
      });
      const mlp = sum(mlpOut.map((layer) => layer[position]!));
      return [
        {
          ...{ position, target, written: here, activations },
          mlpRest: mlp - sum(here.data),
          others: final[position]! - mlp,
          bias: reading.bias[position]!,
          logit: logits[position]!,
        },
      ];
    });
    const transfer = at.flatMap(({ written, activations }) => [written, activations]);
    return {
      value: { tokens: run.tokens, at },
      transfer: transfer.map(({ data }) => data.buffer),
    };
  },
};

/** The targets of some positions; of all without them. */
const only = (
  targets: readonly (Target | null)[],
  at: readonly number[] | undefined,
): (Target | null)[] =>
  targets.map((target, t) => (at === undefined || at.includes(t) ? target : null));

const ofLayers = (n: number, site: BlockSite): string[] =>
  Array.from({ length: n }, (_, layer) => blockHook(layer, site));

const sum = (values: Float32Array | readonly number[]): number => {
  let total = 0;
  for (const value of values) total += value;
  return total;
};

/** What a component [T, D] writes to each position's target, [T]. */
function attributer(run: FigureRun, reading: Reading, D: number) {
  const scale = run.at(SCALE).data;
  const u_TD = directionRows(reading, D);
  return (y_TD: Float32Array) =>
    attributeLogits(divideByScale(y_TD, scale, D), u_TD, scale.length, D);
}

/** What is read along u, before the final LayerNorm → after it; u has no mean, so that centring changes nothing. */
function scaled(along: Float32Array, run: FigureRun): Float32Array {
  const scale = run.at(SCALE).data;
  return along.map((x, i) => x / scale[i % scale.length]!);
}

function stacked(parts: readonly Float32Array[], rest: readonly number[]): TensorData {
  return { data: joined(parts), dims: [parts.length, ...rest] };
}

/** @throws LabError "unsupported": logits read from an edited value are no sum of what was written */
function refuseNormEdits(edits: readonly Edit[]): void {
  if (!edits.some(({ hook }) => hook === "ln_final.hook_normalized")) return;
  throw new LabError(
    "unsupported",
    "an edit of ln_final.hook_normalized stands between the residual stream and the logits: they are no longer a sum of " +
      "what components write; edit the stream before it, or switch the edit off",
  );
}
