/**
 * Hook points as graph outputs, edits as graph inputs, and which rows of the batch go on.
 *
 * At every site x' = x · mul + add. `mul` and `add` are one pair of inputs per site, [N, …axes]: N sets of edits
 * ("slots"), and the other axes 1 long where nothing varies along them. The input `slots.{stage}` says which of them each
 * row of the stage takes ([R], or [1] for all). What the hook point returns is x'.
 *
 * The input `rows.{stage}` says which rows of the stage before make up the rows of this one: all of them as a rule; none
 * when nothing further on is wanted, and the rest of the graph then costs nothing; the same one several times where
 * experiments on one prompt part (`row-plan.ts`). A block has two stages: what heads write is often changed, and what they look at
 * is then still the same in all rows.
 *
 * The input `last_positions` says with how many of the last positions the last block goes on once its keys and values are
 * there: where only the logits of the last tokens are wanted, no others are needed. Hook points from there on have those
 * positions alone.
 *
 * Every part of the graph says beside its value how a gradient goes back through it (`Traced`). Gradients are computed
 * for the rows in `grad_rows.{place}`: none as a rule, and then that half of the graph costs nothing. A backward pass
 * begins at the place where the run ends, with what is fed there: of a metric of the logits, or at a site (`{site}.seed`).
 */
import {
  axesOf,
  BLOCK_SITES,
  type BlockSite,
  fromZ,
  OUTER_SITES,
  type Site,
  type Stage,
  stageOf,
} from "../core/hooks.ts";
import type { Gpt2Config } from "../core/types.ts";
import type { Dim, GraphBuilder, Value } from "./graph-builder.ts";

export const mulName = (site: Site) => `${site}.mul`;
export const addName = (site: Site) => `${site}.add`;
export const rowsName = (stage: Stage) => `rows.${stage}`;
export const slotsName = (stage: Stage) => `slots.${stage}`;
/** Rows of a layer whose per-head results are computed, and the slots of those. */
export const resultRowsName = (layer: number) => `result_rows.${layer}`;
export const resultSlotsName = (layer: number) => `result_slots.${layer}`;

/** Rows of the batch whose gradients are computed at a place, and by stage the slots of those. */
export const gradRowsName = (place: Place) => `grad_rows.${place}`;
export const gradSlotsName = (stage: Stage) => `grad_slots.${stage}`;
/** For each of them its row in the gradient that comes from the place after; the row after the last is 0. */
export const gradFromName = (place: Place) => `grad_from.${place}`;
/** That 0, [1, 1, 1]; [0, 1, 1] where no gradient is asked for. */
export const GRAD_NONE = "grad_none";
/** What is added to the gradient at a site itself, [1 + N, …axes]: nothing, and the seeds. */
export const seedName = (site: Site) => `${site}.seed`;
/** Which of them each row takes, or all of them. */
export const seedSlotsName = (stage: Stage) => `seed_slots.${stage}`;
export const gradName = (hook: string) => `grad.${hook}`;

/** −K, where the last block goes on with the last K positions: where a slice begins, [1]. */
export const LAST_POSITIONS = "last_positions";

export const SITES = [...Object.keys(BLOCK_SITES), ...Object.keys(OUTER_SITES)] as Site[];

/** Where a site is: the embeddings, a block by its number, the last LayerNorm. */
export type Place = "embed" | number | "final";

/** In forward order. */
export const placesOf = ({ n_layer }: Pick<Gpt2Config, "n_layer">): Place[] => [
  "embed",
  ...Array.from({ length: n_layer }, (_, layer) => layer),
  "final",
];

/** Where a backward pass can begin beside the logits: all that tokens have one each of, but what all heads' sum stands for. */
export const SEED_SITES: readonly Site[] = SITES.filter(
  (site) => axesOf(site)[0] === "T" && site !== "attn.hook_result",
);

/** In forward order. */
export const stagesOf = ({ n_layer }: Pick<Gpt2Config, "n_layer">): Stage[] => [
  "embed",
  ...Array.from({ length: n_layer }, (_, layer) => [layer, fromZ(layer)]).flat(),
  "final",
];

/** A value, and how the gradient with respect to it becomes the gradient with respect to what it was made from. */
export interface Traced {
  out: Value;
  back: (grad: Value) => Value;
}

/** What the parts of the graph share. */
export interface GraphContext {
  g: GraphBuilder;
  config: Gpt2Config;
  /** A tensor of the checkpoint by GPT-2's name. */
  weight: (name: string) => Value;
  /** Tensors that are inputs of the graph; their gradients are outputs. */
  fed: ReadonlySet<string>;
  /** int64 [T]: the positions of the tokens. */
  positions: Value;
  /** bool [T, S]: whether a query may see a key. */
  visible: Value;
  /** int64, 0, but known only when the graph runs. */
  zero: Value;
  /** `LAST_POSITIONS` where only those are computed; null where all are. */
  last: Value | null;
}

/** As the end of a slice: where the axis ends. */
export const END = 2 ** 31 - 1;

/** x, with the positions that are computed from here on. An axis that is 1 long, as of an edit that holds at all positions, stays so. */
export const onlyLast = (
  { g, last }: Pick<GraphContext, "g" | "last">,
  x: Value,
  axis: number,
): Value => (last === null ? x : g.op("Slice", [x, last, g.ints([END]), g.ints([axis])]));

/** Another shape for the same bytes. A fixed shape would be applied when the session is made, to a copy of the weight. */
export const weightAs = (
  { g, zero }: GraphContext,
  weight: Value,
  shape: readonly number[],
): Value => g.op("Reshape", [weight, g.op("Add", [g.ints(shape), zero])]);

/** The gradient by x from that by `onlyLast` of it: the other positions have none. */
export function backFromLast(
  c: GraphContext,
  place: Place,
  x: Value,
  grad: Value,
  axis: number,
): Value {
  const { g, last } = c;
  if (last === null) return grad;
  const others = g.op("Slice", [kept(g, place, x), g.ints([0]), last, g.ints([axis])]);
  const none = g.op("Mul", [others, g.float(0)]);
  return g.op("Concat", [none, grad], { ints: { axis } });
}

/** Sizes of a hook: the batch axis has its stage's own number of rows. */
export function hookDims(
  site: Site,
  place: Place,
  { config, last }: Pick<GraphContext, "config" | "last">,
): Dim[] {
  const size: Record<string, Dim> = {
    T: last === null ? "T" : "last T",
    S: "S",
    H: config.n_head,
    d: config.n_embd,
    h: config.n_embd / config.n_head,
    m: config.n_inner,
    "1": 1,
  };
  return [`R.${stageAt(place, site)}`, ...axesOf(site).map((axis) => size[axis]!)];
}

/** Declares the inputs of every site and stage. */
export function declareInputs(g: GraphBuilder, config: Gpt2Config): void {
  for (const site of SITES) {
    for (const name of [mulName(site), addName(site)]) {
      g.input(name, "float", ["N", ...axesOf(site).map((_, i) => `${name}.${i}`)]);
    }
  }
  for (const stage of stagesOf(config)) {
    if (stage !== "embed") g.input(rowsName(stage), "int64", [`R.${stage}`]);
    g.input(slotsName(stage), "int64", [`slots of ${stage}`]);
    g.input(gradSlotsName(stage), "int64", [`slots of ${stage} for gradients`]);
    g.input(seedSlotsName(stage), "int64", [`seeds of ${stage}`]);
  }
  g.input(LAST_POSITIONS, "int64", [1]);
  for (const place of placesOf(config)) {
    g.input(gradRowsName(place), "int64", [`G.${place}`]);
    if (place !== "final") g.input(gradFromName(place), "int64", [`G.${place}`]);
  }
  g.input(GRAD_NONE, "float", ["Z", 1, 1]);
  for (const site of SEED_SITES) {
    const name = seedName(site);
    g.input(name, "float", [`${name}s`, ...axesOf(site).map((_, i) => `${name}.${i}`)]);
  }
}

/** The rows of a place's value in the forward pass that the gradient needs. */
export const kept = (g: GraphBuilder, place: Place, x: Value): Value =>
  g.op("Gather", [x, gradRowsName(place)], { ints: { axis: 0 } });

/** The gradient from the place after, for this one's rows. @param none [1, T, d], for rows that begin here */
export const continued = (g: GraphBuilder, place: Place, grad: Value, none: Value): Value =>
  g.op("Gather", [g.op("Concat", [grad, none], { ints: { axis: 0 } }), gradFromName(place)], {
    ints: { axis: 0 },
  });

/** x, with the rows that this stage has. */
export const pickRows = (g: GraphBuilder, stage: Stage, x: Value): Value =>
  g.op("Gather", [x, rowsName(stage)], { ints: { axis: 0 } });

/** One of a site's edit inputs, its values for its stage's rows (or for the rows that `slots` names). */
export const slotOf = (
  c: Pick<GraphContext, "g" | "last">,
  place: Place,
  name: Site,
  input: string,
  slots = slotsName(stageAt(place, name)),
): Value =>
  onlyLast(
    c,
    c.g.op("Gather", [input, slots], { ints: { axis: 0 } }),
    1 + axesOf(name).findIndex((axis) => axis === "T"),
  );

/** Passes x through a site: edited, and readable under the hook's name. */
export function site(c: GraphContext, place: Place, name: Site, x: Value): Traced {
  const { g } = c;
  const scaled = g.op("Mul", [x, slotOf(c, place, name, mulName(name))]);
  const as = hookAt(place, name);
  g.op("Add", [scaled, slotOf(c, place, name, addName(name))], { as });
  const out = g.output(as, hookDims(name, place, c));
  return { out, back: (grad) => siteBack(c, place, name, grad) };
}

/** d metric / d x' at a site, readable under the hook's name → d metric / d x. */
export function siteBack(c: GraphContext, place: Place, name: Site, grad: Value): Value {
  const { g } = c;
  const stage = stageAt(place, name);
  const as = gradName(hookAt(place, name));
  const seed = () => slotOf(c, place, name, seedName(name), seedSlotsName(stage));
  if (SEED_SITES.includes(name)) g.op("Add", [grad, seed()], { as });
  else g.op("Identity", [grad], { as });
  g.output(as, [`G.${place}`, ...hookDims(name, place, c).slice(1)]);
  return g.op("Mul", [as, slotOf(c, place, name, mulName(name), gradSlotsName(stage))]);
}

export const hookAt = (place: Place, name: Site): string =>
  typeof place === "number" ? `blocks.${place}.${name}` : name;

const stageAt = (place: Place, name: Site): Stage =>
  typeof place === "number" ? stageOf(place, name as BlockSite) : place;
