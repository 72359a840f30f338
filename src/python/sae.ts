/** What an SAE finds, in SAELens: features on a prompt, and one feature's own facts. */
import { parseHook } from "../core/hooks.ts";
import { DOCUMENT_LINES } from "./corpus-mean.ts";
import { pyString } from "./literal.ts";
import { hookOutOf, IMPORT_SAE, loadSaeLines } from "./load-sae.ts";
import { perRun, pythonRun, pythonText } from "./run.ts";
import type { RunFacts, SaeFacts } from "./run-facts.ts";

/** `sae` and `model`, in the checkpoint's own basis, which SAEs here are trained in. */
function runWithSae(facts: RunFacts, sae: SaeFacts): string[] {
  const others = facts.saes.filter(({ id }) => id !== sae.id);
  const saes = facts.saes.length === others.length ? [] : [sae, ...others];
  const run = pythonRun({ ...facts, basis: "raw", saes: saes.length > 0 ? saes : facts.saes });
  if (saes.length > 0) return run; // the edits have loaded it already, as `sae`
  const name = facts.saes.length > 0 ? "sae_a" : "sae";
  return [...run, IMPORT_SAE, ...loadSaeLines(sae, facts.app, name), ""];
}
const variableOf = ({ saes }: RunFacts, { id }: SaeFacts): string =>
  saes.length > 0 && !saes.some((other) => other.id === id) ? "sae_a" : "sae";

/** Activations of all features, and the strongest at a position. */
export function promptFeaturesPython(facts: RunFacts, sae: SaeFacts, position: number): string {
  const variable = variableOf(facts, sae);
  const own = perRun(facts, ({ name, side, suffix, cache }) => [
    `# ${name}`,
    `activations${suffix} = ${variable}.encode(${cache}[${pyString(sae.hook)}])[0]  # [pos, feature]`,
    `strongest${suffix} = activations${suffix}[${side === "b" && facts.other !== null ? -1 : position}].topk(20)`,
    `for feature, activation in zip(strongest${suffix}.indices.tolist(), strongest${suffix}.values.tolist()):`,
    "    if activation > 0:",
    '        print(f"{feature:6d}  {activation:.4f}")',
  ]);
  return pythonText([...runWithSae(facts, sae), ...own]);
}

/** Some features on every token of the prompt. */
export function activityPython(
  facts: RunFacts,
  sae: SaeFacts,
  features: readonly number[],
): string {
  const variable = variableOf(facts, sae);
  return pythonText([
    ...runWithSae(facts, sae),
    `features = [${features.join(", ")}]  # the figure's rows`,
    ...perRun(facts, ({ name, suffix, cache, tokens }) => [
      `# ${name}`,
      `activations${suffix} = ${variable}.encode(${cache}[${pyString(sae.hook)}])[0]  # [pos, feature]`,
      `for token, values in zip(model.to_str_tokens(${tokens}[0]), activations${suffix}[:, features].tolist()):`,
      "    print(repr(token), values)",
      `print((activations${suffix} > 0).sum(dim=-1))  # how many are active on each token`,
    ]),
  ]);
}

/** One feature: its direct effects on tokens, its nearest directions, and how often and how strongly it is active. */
export function featurePython(facts: RunFacts, sae: SaeFacts, feature: number): string {
  const plain: RunFacts = { ...facts, edits: [], saes: [], other: null };
  return pythonText([
    ...runWithSae(plain, sae),
    `feature = ${feature}`,
    "# Direct effect on each token: W_dec[f] · W_U, without the final LayerNorm",
    ...directionLines(sae, facts),
    "effects = direction @ model.W_U",
    "for sign, order in [(1, effects.topk(10)), (-1, (-effects).topk(10))]:",
    "    for effect, token in zip(order.values.tolist(), order.indices.tolist()):",
    '        print(f"{sign * effect:+.4f}  {model.tokenizer.decode([token])!r}")',
    "",
    "# Cosine of decoder directions; the first is the feature itself",
    "cosines = torch.cosine_similarity(sae.W_dec, sae.W_dec[feature][None], dim=-1).topk(11)",
    "print(list(zip(cosines.indices.tolist(), cosines.values.tolist())))",
    "",
    ...activityLines(sae, facts),
  ]);
}

/** What a feature writes, where it arrives in the residual stream. */
export function directionLines(sae: SaeFacts, { model }: RunFacts): string[] {
  const { site, layer } = parseHook(hookOutOf(sae), model.config);
  if (site === "attn.hook_z") {
    return [`direction = sae.W_dec[feature] @ model.W_O[${layer ?? 0}].flatten(0, 1)`];
  }
  if (site === "mlp.hook_post")
    return [`direction = sae.W_dec[feature] @ model.W_out[${layer ?? 0}]`];
  return ["direction = sae.W_dec[feature]"];
}

function activityLines({ hook }: SaeFacts, { app, model }: RunFacts): string[] {
  return [
    `# Activations over some of the app's corpus, ${app}corpus/lab-corpus.txt (save it beside this file); the app reads more of it.`,
    ...DOCUMENT_LINES,
    "found = []",
    "for document in documents:",
    `    context = model.to_tokens(document, prepend_bos=True)[:, :${Math.min(128, model.config.n_positions)}]`,
    `    _, read = model.run_with_cache(context, names_filter=${pyString(hook)})`,
    `    found.append(sae.encode(read[${pyString(hook)}])[0, :, feature])`,
    "found = torch.cat(found)",
    'print(f"active on {(found > 0).float().mean().item():.2%} of tokens, at most {found.max().item():.4f}")',
    "print(found[found > 0].histc(bins=20))",
  ];
}
