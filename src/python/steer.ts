/** Steering by SAE features, in TransformerLens with SAELens: x + c·W_dec[f], or x + (c − f(x))·W_dec[f]. */
import type { SteerFeature } from "../core/edits.ts";
import type { SamplingOptions } from "../core/types.ts";
import { indented, pyNumber, pyString } from "./literal.ts";
import { hookOutOf, IMPORT_SAE, loadSaeLines, rememberLines } from "./load-sae.ts";
import { pythonRun, pythonText } from "./run.ts";
import type { RunFacts, SaeFacts } from "./run-facts.ts";

/** @param sampling also continue the prompt with and without steering; null: only the next token */
export function steerPython(
  facts: RunFacts,
  sae: SaeFacts,
  features: readonly SteerFeature[],
  sampling: SamplingOptions | null,
): string {
  const plain: RunFacts = { ...facts, edits: [], saes: [], other: null, basis: "raw" };
  return pythonText([
    ...pythonRun(plain),
    IMPORT_SAE,
    ...loadSaeLines(sae, facts.app),
    "",
    ...(remembers(sae, features) ? rememberLines("remember") : []),
    "def steer(value, hook):",
    ...indented(steerBody(sae, features)),
    "    return value",
    "",
    remembers(sae, features)
      ? `edits = [(${pyString(sae.hook)}, remember), (${pyString(hookOutOf(sae))}, steer)]`
      : `edits = [(${pyString(hookOutOf(sae))}, steer)]`,
    ...(sampling === null ? nextTokenLines : textLines(sampling)),
  ]);
}

const isClamped = ({ mode }: SteerFeature) => mode === "clamp";
const remembers = ({ hookOut }: SaeFacts, features: readonly SteerFeature[]): boolean =>
  hookOut !== undefined && features.some(isClamped);

/** All features are read from one x, as it was before any of them was changed. */
function steerBody(sae: SaeFacts, features: readonly SteerFeature[]): string[] {
  const heads = hookOutOf(sae).endsWith("hook_z");
  const spread = heads ? "[..., None, None]" : "[..., None]";
  return [
    ...(features.some(isClamped)
      ? [`activations = sae.encode(${sae.hookOut === undefined ? "value" : "remember.value"})`]
      : []),
    "steered = value.clone()",
    ...features.map(({ feature, mode, coefficient }) => {
      const direction = `sae.W_dec[${feature}]${heads ? ".reshape(value.shape[-2:])" : ""}`;
      const amount =
        mode === "add"
          ? pyNumber(coefficient)
          : `(${pyNumber(coefficient)} - activations[..., ${feature}])${spread}`;
      return `steered += ${amount} * ${direction}`;
    }),
    "value = steered",
  ];
}

const nextTokenLines = [
  "with model.hooks(fwd_hooks=edits):",
  "    logits_b = model(tokens)",
  'for name, of in [("plain", logits), ("steered", logits_b)]:',
  "    likeliest = of[0, -1].softmax(dim=-1).topk(10)",
  "    print(name)",
  "    for probability, token in zip(likeliest.values.tolist(), likeliest.indices.tolist()):",
  '        print(f"{probability:.4f}  {model.tokenizer.decode([token])!r}")',
];

function textLines(sampling: SamplingOptions): string[] {
  const { maxNewTokens, temperature, topK, topP, repetitionPenalty, seed } = sampling;
  const how =
    temperature === 0
      ? "do_sample=False"
      : [
          `do_sample=True, temperature=${pyNumber(temperature)}`,
          ...(topK > 0 ? [`top_k=${topK}`] : []),
          ...(topP < 1 ? [`top_p=${pyNumber(topP)}`] : []),
        ].join(", ");
  const generate = `text = model.to_string(model.generate(tokens, max_new_tokens=${maxNewTokens}, ${how}, verbose=False)[0])`;
  return [
    "# PyTorch's random numbers are others than the app's: the same distributions, other draws",
    ...(repetitionPenalty === 1
      ? []
      : [
          `# (without the app's repetition penalty of ${repetitionPenalty}, which generate does not have)`,
        ]),
    `torch.manual_seed(${seed})`,
    generate,
    'print("plain", text)',
    `torch.manual_seed(${seed})`,
    "with model.hooks(fwd_hooks=edits):",
    `    ${generate}`,
    'print("steered", text)',
  ];
}
