/**
 * Hook points as graph outputs, edits as graph inputs.
 * At an editable site x' = x · mul[layer] + add[layer]. `mul` and `add` are one pair of inputs per site with a leading
 * layer axis, so that a run feeds two small tensors a site, not two per layer; the other axes are 1 where nothing varies
 * along them, and broadcast. What the hook point returns is x'.
 */
import { BLOCK_SITES, blockHook, type BlockSite } from "../core/hooks.ts";
import type { Gpt2Config } from "../core/types.ts";
import type { Dim, GraphBuilder, Value } from "./graph-builder.ts";

export const mulName = (site: BlockSite) => `${site}.mul`;
export const addName = (site: BlockSite) => `${site}.add`;
export const EDITABLE_SITES = (Object.keys(BLOCK_SITES) as BlockSite[]).filter(
  (site) => BLOCK_SITES[site].editable,
);

/** Sizes along the axis letters of `core/hooks.ts`, with the batch axis first. */
function dims(site: BlockSite, config: Gpt2Config): Dim[] {
  const size: Record<string, Dim> = {
    T: "T",
    S: "S",
    H: config.n_head,
    d: config.n_embd,
    h: config.n_embd / config.n_head,
    m: config.n_inner,
  };
  return ["B", ...BLOCK_SITES[site].axes.map((axis) => size[axis]!)];
}

/** Declares the inputs of every editable site. */
export function declareEdits(g: GraphBuilder, { n_layer }: Gpt2Config): void {
  for (const site of EDITABLE_SITES) {
    for (const name of [mulName(site), addName(site)]) {
      const free = ["B", ...BLOCK_SITES[site].axes].map((_, i) => `${name}.${i}`);
      g.input(name, "float", [n_layer, ...free]);
    }
  }
}

/** Passes x through an editable site of a layer: edited, and readable under the hook's name. */
export function editable(
  g: GraphBuilder,
  config: Gpt2Config,
  layer: number,
  site: BlockSite,
  x: Value,
): Value {
  const of = (input: string) => g.op("Gather", [input, g.int(layer)], { ints: { axis: 0 } });
  const as = blockHook(layer, site);
  const edited = g.op("Add", [g.op("Mul", [x, of(mulName(site))]), of(addName(site))], { as });
  return g.output(edited, dims(site, config));
}

/** Declares a value that already bears its hook's name as readable; it cannot be edited. */
export const readable = (g: GraphBuilder, config: Gpt2Config, site: BlockSite, named: Value) =>
  g.output(named, dims(site, config));
