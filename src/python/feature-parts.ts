/** Parts of a feature's page in SAELens: each a program of its own, of the checkpoint's weights or of a text; no prompt is run. */
import { STREAM_SITES } from "../core/direction.ts";
import { parseHook } from "../core/hooks.ts";
import { DOCUMENT_LINES } from "./corpus-mean.ts";
import { pyString } from "./literal.ts";
import { IMPORT_SAE, loadSaeLines } from "./load-sae.ts";
import { loadModelLines } from "./load-model.ts";
import { pythonText } from "./run.ts";
import type { RunFacts, SaeFacts } from "./run-facts.ts";
import { directionLines } from "./sae.ts";

const opened = ({ app, model }: RunFacts, sae: SaeFacts): string[] => [
  ...loadModelLines(model, "raw", app),
  "",
  IMPORT_SAE,
  ...loadSaeLines(sae, app),
  "",
];

/** A map of all features, of one SAE or of several together. */
export const mapPython = (
  facts: RunFacts,
  sae: SaeFacts,
  seed: number,
  others: readonly SaeFacts[] = [],
): string =>
  pythonText([
    ...opened(facts, sae),
    ...others.flatMap((other, i) => loadSaeLines(other, facts.app, `sae_${i + 2}`)),
    "import umap  # pip install umap-learn",
    ...(others.length > 0 ? ["import torch"] : []),
    "",
    ...(others.length > 0
      ? [`W_dec = torch.cat([sae.W_dec, ${others.map((_, i) => `sae_${i + 2}.W_dec`).join(", ")}])`]
      : ["W_dec = sae.W_dec"]),
    "# Its random numbers differ from the app's: what is near stays near, where it lies does not.",
    `layout = umap.UMAP(metric="cosine", n_neighbors=15, min_dist=0.1, random_state=${seed})`,
    "points = layout.fit_transform(W_dec.detach().cpu().numpy())  # [feature, 2]",
    "print(points)",
  ]);

/** Neurons of a layer that write, and read, what a feature does. */
export function alignedNeuronsPython(
  facts: RunFacts,
  sae: SaeFacts,
  { feature, layer }: { feature: number; layer: number },
): string {
  const { site } = parseHook(sae.hook, facts.model.config);
  const reads = STREAM_SITES.some((name) => name === site);
  return pythonText([
    ...opened(facts, sae),
    `feature, layer = ${feature}, ${layer}`,
    ...directionLines(sae, facts),
    "writes = torch.cosine_similarity(model.W_out[layer], direction[None], dim=-1)  # [neuron]",
    "for neuron in writes.abs().topk(5).indices.tolist():",
    '    print("writes", neuron, writes[neuron].item())',
    ...(reads
      ? [
          "reads = torch.cosine_similarity(model.W_in[layer].T, sae.W_enc[:, feature][None], dim=-1)",
          "for neuron in reads.abs().topk(5).indices.tolist():",
          '    print("reads", neuron, reads[neuron].item())',
        ]
      : []),
  ]);
}

/** Of an SAE of attention's z: how much of the feature's direction lies in each head. */
export const headsPython = (facts: RunFacts, sae: SaeFacts, feature: number): string =>
  pythonText([
    ...opened(facts, sae),
    `norms = sae.W_dec[${feature}].view(model.cfg.n_heads, model.cfg.d_head).norm(dim=-1)`,
    "print(norms / norms.sum())",
  ]);

/** A text of its own against one feature. */
export const tryTextPython = (
  facts: RunFacts,
  sae: SaeFacts,
  { feature, text }: { feature: number; text: string },
): string =>
  pythonText([
    ...opened(facts, sae),
    `text = ${pyString(text)}`,
    "tokens = model.to_tokens(text, prepend_bos=True)",
    `_, cache = model.run_with_cache(tokens, names_filter=${pyString(sae.hook)})`,
    `activations = sae.encode(cache[${pyString(sae.hook)}])[0, 1:, ${feature}]  # without BOS`,
    "for token, value in zip(model.to_str_tokens(tokens[0])[1:], activations.tolist()):",
    "    print(repr(token), value)",
  ]);

/** Features that are active on the same tokens. */
export const correlatedPython = (facts: RunFacts, sae: SaeFacts, feature: number): string =>
  pythonText([
    ...opened(facts, sae),
    `# Pearson's r over some of the app's corpus, ${facts.app}corpus/lab-corpus.txt (save it beside this file); the app reads more of it.`,
    ...DOCUMENT_LINES,
    "n, sums, squares, products = 0, 0, 0, 0",
    "for document in documents:",
    `    context = model.to_tokens(document, prepend_bos=True)[:, :${Math.min(128, facts.model.config.n_positions)}]`,
    `    _, read = model.run_with_cache(context, names_filter=${pyString(sae.hook)})`,
    `    f = sae.encode(read[${pyString(sae.hook)}])[0, 1:].double()  # [pos, feature], without BOS`,
    "    n += len(f)",
    "    sums = sums + f.sum(dim=0)",
    "    squares = squares + (f * f).sum(dim=0)",
    `    products = products + (f * f[:, [${feature}]]).sum(dim=0)`,
    "variance = squares / n - (sums / n) ** 2",
    `covariance = products / n - sums / n * sums[${feature}] / n`,
    `r = covariance / (variance * variance[${feature}]).sqrt()`,
    `r[${feature}] = torch.nan  # itself`,
    "found = r.nan_to_num(-1).topk(10)",
    "print(list(zip(found.indices.tolist(), found.values.tolist())))",
  ]);
