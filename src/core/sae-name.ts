/** What an imported autoencoder is called: by where it lay and what it is, so that several can be told apart. */
import type { SaeConfig } from "./sae.ts";
import { unusedName } from "./unused-name.ts";

/** Names that every autoencoder's files and folders may have. */
const ANYONES =
  /^(sae_weights|weights|model|ae|autoencoder|sae|saes|checkpoint|final|download(s)?|output)?(\.[a-z]+)?$/i;

/** What it computes: "ReLU", "TopK, k 32", … */
export function kindOfSae(config: Pick<SaeConfig, "variant" | "k">): string {
  switch (config.variant) {
    case "standard":
      return "ReLU";
    case "topk":
      return `TopK, k ${config.k}`;
    case "jumprelu":
      return "JumpReLU";
    case "gated":
      return "Gated";
  }
}

/**
 * "8.pt · gpt2 · blocks.8.resid_post · 32768": the first of `places` that says something, model, hook point, width. Parts that
 * the place says already are left out, and a model that is not known.
 *
 * @param places names of folder and file, with their folders or without, the most telling first
 */
export function importedName(
  places: readonly (string | undefined)[],
  { modelId, hook, dSae }: Pick<SaeConfig, "modelId" | "hook" | "dSae">,
): string {
  const place = places
    .map((path) => path?.split("/").filter(Boolean).at(-1)?.trim() ?? "")
    .find((name) => !ANYONES.test(name));
  const model = modelId === "unknown" ? "" : modelId.split("/").at(-1)!;
  const short = hook.replace("hook_", "");
  const said = (part: string) => place?.includes(part) === true;
  const known = [
    ...(said(model) ? [] : [model]),
    ...(said(short) || said(hook) ? [] : [short]),
    String(dSae),
  ];
  return [...(place === undefined ? [] : [place]), ...known]
    .filter(Boolean)
    .join(" · ")
    .slice(0, 200);
}

export interface Named {
  name: string;
  config: Pick<SaeConfig, "variant" | "k" | "dSae">;
}

/**
 * That name, or with what tells it from those that have it: its kind or width if theirs is another, else the time of its import;
 * a number only where that is taken, too.
 *
 * @param now as it is shown
 */
export function tellingName(
  wanted: string,
  config: Named["config"],
  others: readonly Named[],
  now: string,
): string {
  const taken = new Set(others.map(({ name }) => name));
  if (!taken.has(wanted)) return wanted;
  const same = others.filter(({ name }) => name === wanted || name.startsWith(`${wanted} · `));
  const kind = kindOfSae(config);
  const marks = [
    ...(same.every((other) => other.config.dSae !== config.dSae) ? [String(config.dSae)] : []),
    ...(same.every((other) => kindOfSae(other.config) !== kind) ? [kind] : []),
    now,
  ];
  const free = marks.map((mark) => `${wanted} · ${mark}`).find((name) => !taken.has(name));
  return free ?? unusedName(`${wanted} · ${marks.at(-1)}`, taken);
}
