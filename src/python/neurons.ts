/** Python of the figures of MLP neurons. */
import { type NeuronId, type NeuronMeasure, neuronName } from "../core/neurons.ts";
import { IMPORT_SAE, loadSaeLines } from "./load-sae.ts";
import { perRun, pythonRun, pythonText } from "./run.ts";
import type { RunFacts, SaeFacts } from "./run-facts.ts";

const post = (cache: string, layer: number | string) =>
  `${cache}[f"blocks.{${layer}}.mlp.hook_post"]`;

/** The strongest neurons of each token. */
export function topNeuronsPython(
  facts: RunFacts,
  { measure, layer, n }: { measure: NeuronMeasure; layer: number | null; n: number },
): string {
  const layers = layer === null ? "range(model.cfg.n_layers)" : `[${layer}]`;
  const score = {
    activation: "acts",
    size: "acts.abs()",
    write: "acts.abs() * torch.stack([model.W_out[l].norm(dim=-1) for l in layers])",
  }[measure];
  return pythonText([
    ...pythonRun(facts),
    `layers = list(${layers})`,
    ...perRun(facts, ({ cache, suffix, name, tokens }) => [
      `# ${name}`,
      `acts = torch.stack([${post(cache, "l")}[0] for l in layers], dim=1)  # [pos, layer, d_mlp]`,
      `score = ${score}`,
      `top${suffix} = score.flatten(1).topk(${n}, dim=-1)`,
      `for pos, token in enumerate(model.to_str_tokens(${tokens}[0])):`,
      `    for value, index in zip(top${suffix}.values[pos].tolist(), top${suffix}.indices[pos].tolist()):`,
      "        l, neuron = layers[index // model.cfg.d_mlp], index % model.cfg.d_mlp",
      '        print(pos, token, f"L{l}N{neuron}", value)',
    ]),
  ]);
}

/** Some neurons on every token. */
export function neuronValuesPython(facts: RunFacts, neurons: readonly NeuronId[]): string {
  return pythonText([
    ...pythonRun(facts),
    `neurons = [${neurons.map(({ layer, neuron }) => `(${layer}, ${neuron})`).join(", ")}]`,
    ...perRun(
      facts,
      ({ cache, suffix }) => [
        `acts${suffix} = torch.stack([${post(cache, "l")}[0, :, neuron] for l, neuron in neurons])  # [neuron, pos]`,
        `print(acts${suffix})`,
      ],
      (a, b) => (facts.other === null ? [`print(acts${b.suffix} - acts${a.suffix})`] : []),
    ),
  ]);
}

/** What a neuron's weights write and read. */
export function neuronWeightsPython(facts: RunFacts, { layer, neuron }: NeuronId): string {
  return pythonText([
    ...pythonRun(facts),
    `# ${neuronName({ layer, neuron })}`,
    `writes = model.W_out[${layer}, ${neuron}] @ model.W_U  # [d_vocab]`,
    `reads = model.W_E @ model.W_in[${layer}, :, ${neuron}]  # ignores everything between embedding and neuron`,
    "for effects in (writes, -writes, reads, -reads):",
    "    top = effects.topk(10)",
    "    for value, token in zip(top.values.tolist(), top.indices.tolist()):",
    "        print(model.to_string([token]), value)",
  ]);
}

/** The features nearest to what a neuron writes: of the checkpoint's own weights, whatever the figures' basis. */
export function neuronFeaturesPython(
  facts: RunFacts,
  { layer, neuron }: NeuronId,
  sae: SaeFacts,
  n: number,
): string {
  const raw: RunFacts = { ...facts, basis: "raw", edits: [], saes: [] };
  return pythonText([
    ...pythonRun(raw),
    IMPORT_SAE,
    ...loadSaeLines(sae, facts.app),
    "",
    `written = model.W_out[${layer}, ${neuron}]`,
    "cosines = (sae.W_dec @ written) / (sae.W_dec.norm(dim=-1) * written.norm())",
    `for feature in cosines.abs().topk(${n}).indices.tolist():`,
    "    print(feature, cosines[feature].item())",
  ]);
}
