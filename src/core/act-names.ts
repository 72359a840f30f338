/**
 * TransformerLens's shorthand for hook points: "z5", ("z", 5), ("resid_post", -1), "scale4ln1", ("normalized", 2, "ln2"),
 * "embed". Derived from the table of sites, so that it knows each of them and nothing else.
 * Source: TransformerLens's `get_act_name`; new here is that a name without a layer means every layer.
 */
import { BLOCK_SITES, copyHint, OUTER_SITES } from "./hooks.ts";
import { LabError } from "./lab-error.ts";

/** One hook point, or one in every layer: a full name, shorthand, or shorthand with its layer (negative from the end). */
export type HookQuery =
  | string
  | readonly [name: string, layer: number]
  | readonly [name: string, layer: number | null, layerType: string];
/** What may be given as `names`: one query, several, or a test of full names. */
export type HookFilter = HookQuery | readonly HookQuery[] | ((name: string) => boolean);

/** Other words for the same sites, as TransformerLens has them. */
const ALIASES: Record<string, string> = {
  attn: "pattern",
  attn_logits: "attn_scores",
  query: "q",
  key: "k",
  value: "v",
  mlp_pre: "pre",
  mlp_post: "post",
};
const LAYER_TYPES: Record<string, string> = {
  a: "attn",
  attention: "attn",
  m: "mlp",
  b: "",
  block: "",
  blocks: "",
};
/** Sites that there are two of in a layer, one in each of its LayerNorms. */
const NORM_NAMES = ["scale", "normalized"];

/** "attn.hook_z" → the module it is in and its own name: ["attn", "z"]. */
function parts(site: string): [module: string, base: string] {
  const [, module = "", base = ""] = /^(?:(.*)\.)?hook_(.*)$/.exec(site) ?? [];
  return [module, base];
}
const BLOCK_PARTS = Object.keys(BLOCK_SITES).map((site) => ({ site, parts: parts(site) }));

/**
 * The full name that shorthand stands for: ("z", 5) or "z5" → "blocks.5.attn.hook_z"; ("scale", 4, "ln1") or "scale4ln1" →
 * "blocks.4.ln1.hook_scale"; "embed" → "hook_embed"; "scale" → "ln_final.hook_scale". Full names stay as they are.
 * Whether the model has that layer is not known here.
 * @throws LabError "bad-input" for a name that no site has, or that needs a layer
 */
export function actName(name: string, layer?: number | null, layerType?: string): string {
  const query = typeof layer === "number" ? ([name, layer, layerType ?? ""] as const) : name;
  const { site, layer: at, outer } = readQuery(query, layerType);
  if (outer !== null) return outer;
  if (at === null) {
    throw new LabError(
      "bad-input",
      `"${name}" is in every layer; say which: actName("${name}", 0)`,
    );
  }
  return `blocks.${at}.${site}`;
}

/**
 * The hook points that a filter means, in the model's order, each once.
 * @param hooks all of the model's, in forward order
 * @throws LabError "bad-input" naming the query that means none
 */
export function resolveHooks(filter: HookFilter, hooks: readonly string[]): string[] {
  if (typeof filter === "function") return hooks.filter((name) => passes(filter, name));
  const found = new Set(
    queries(filter).flatMap((query) => {
      const names = matches(query, hooks);
      if (names.length > 0) return names;
      throw new LabError(
        "bad-input",
        `"${shown(query)}" is no hook point of this model (${layersOf(hooks)} layers)${copyHint(String(query))}; ` +
          'name one like "blocks.0.hook_resid_post", "resid_post" (every layer) or ["z", 0]',
      );
    }),
  );
  return hooks.filter((hook) => found.has(hook));
}

/** A promise would count as true, so that every hook point passed. */
function passes(test: (name: string) => unknown, name: string): boolean {
  const answer = test(name);
  if (!(answer instanceof Promise)) return Boolean(answer);
  throw new LabError("bad-input", '"names" is a test that answers at once, not an async function');
}

/** The one hook point that a query means. @throws LabError "bad-input" if it is none, or one in every layer */
export function resolveHook(query: HookQuery, hooks: readonly string[]): string {
  const names = resolveHooks([query], hooks);
  if (names.length === 1) return names[0]!;
  const own = typeof query === "string" ? query : query[0];
  throw new LabError(
    "bad-input",
    `"${shown(query)}" means ${names.length} hook points, one in each layer; say which: ["${own}", 0]`,
  );
}

/** ["z", 5] alone is one query: a list of queries holds no number. */
function queries(filter: Exclude<HookFilter, (name: string) => boolean>): readonly HookQuery[] {
  if (typeof filter === "string") return [filter];
  const isList: boolean = Array.isArray(filter);
  if (!isList) {
    const given: unknown = filter;
    const shown =
      given instanceof RegExp
        ? `${String(given)}; write (name) => ${String(given)}.test(name)`
        : JSON.stringify(given);
    throw new LabError(
      "bad-input",
      `"names" is a hook point, a list of them or a test of full names, not ${shown}`,
    );
  }
  const isPair = filter.length > 1 && (filter[1] === null || typeof filter[1] === "number");
  return isPair ? [filter as HookQuery] : (filter as readonly HookQuery[]);
}

function matches(query: HookQuery, hooks: readonly string[]): string[] {
  if (typeof query === "string" && hooks.includes(query)) return [query];
  const { site, layer, outer } = readQuery(query);
  if (outer !== null) return hooks.filter((hook) => hook === outer);
  if (layer === null) return hooks.filter((hook) => /^blocks\.\d+\.(.*)$/.exec(hook)?.[1] === site);
  const at = layer < 0 ? layer + layersOf(hooks) : layer;
  return hooks.filter((hook) => hook === `blocks.${at}.${site}`);
}

const layersOf = (hooks: readonly string[]): number =>
  1 + Math.max(-1, ...hooks.map((hook) => Number(/^blocks\.(\d+)\./.exec(hook)?.[1] ?? -1)));

interface Read {
  site: string;
  /** null: in every layer */
  layer: number | null;
  /** The full name of a site outside the blocks; else null. */
  outer: string | null;
}

function readQuery(query: HookQuery, typeOfName = ""): Read {
  const [given, pairLayer = null, pairType = typeOfName] =
    typeof query === "string" ? [query] : query;
  if (typeof given !== "string" || (pairLayer !== null && !Number.isInteger(pairLayer))) {
    throw new LabError(
      "bad-input",
      `a hook point is a name, or a name and a layer like ["z", 5], not ${JSON.stringify(query)}`,
    );
  }
  if (Object.hasOwn(OUTER_SITES, given)) return { site: given, layer: null, outer: given };
  const full = /^blocks\.(\d+)\.(.+)$/.exec(given);
  if (full) return { site: full[2]!, layer: Number(full[1]), outer: null };
  const short = /^([a-z_]+?)(\d+)([a-z]*\d*)$/.exec(given);
  const name = short ? short[1]! : given.replace(/^hook_/, "");
  const layer = short ? Number(short[2]) : pairLayer;
  const type = short ? short[3]! : pairType;
  const [module, base] = [LAYER_TYPES[type] ?? type, ALIASES[name] ?? name];
  if (layer === null && module === "") {
    const outer = [`hook_${base}`, `ln_final.hook_${base}`].find((n) => n in OUTER_SITES);
    if (outer !== undefined) return { site: outer, layer: null, outer };
  }
  const fits = BLOCK_PARTS.filter(
    ({ parts: [m, b] }) => b === base && (!NORM_NAMES.includes(base) || m === module),
  );
  if (fits.length === 1) return { site: fits[0]!.site, layer, outer: null };
  const why = NORM_NAMES.includes(base)
    ? `say in which LayerNorm: ["${base}", ${layer ?? 0}, "ln1"] or "ln2"`
    : `known are ${[...new Set(BLOCK_PARTS.map(({ parts: [, b] }) => b))].join(", ")}, embed, pos_embed`;
  throw new LabError(
    "bad-input",
    `"${shown(query)}" names no hook point${copyHint(given)}; ${why}`,
  );
}

const shown = (query: HookQuery): string =>
  typeof query === "string" ? query : query.filter((part) => part !== "").join(", ");
