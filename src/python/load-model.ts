/**
 * Lines that load the bench's model into TransformerLens's HookedTransformer, with its weights processed or not, by the basis.
 * GPT-2 as it is on the Hub goes by TransformerLens's own name for it; any other checkpoint is converted.
 * Source: TransformerLens 2.16 and 3.x (HookedTransformer.from_pretrained, load_and_process_state_dict,
 * pretrained/weight_conversions). TransformerLens 4 has TransformerBridge in its place; a comment says how to load there.
 */
import type { Basis } from "../core/basis.ts";
import { onOneLine, pyBool, pyNumber, pyString } from "./literal.ts";
import type { ModelFacts } from "./run-facts.ts";

/** Hub names → TransformerLens's. */
const OFFICIAL: Record<string, string> = {
  gpt2: "gpt2",
  "openai-community/gpt2": "gpt2",
  "gpt2-medium": "gpt2-medium",
  "openai-community/gpt2-medium": "gpt2-medium",
  "gpt2-large": "gpt2-large",
  "openai-community/gpt2-large": "gpt2-large",
  "gpt2-xl": "gpt2-xl",
  "openai-community/gpt2-xl": "gpt2-xl",
  distilgpt2: "distilgpt2",
  "distilbert/distilgpt2": "distilgpt2",
};

export const isOfficial = ({ source, id }: ModelFacts): boolean =>
  source === "hub" && Object.hasOwn(OFFICIAL, id);

/** Defines `torch` and `model`. */
export function loadModelLines(model: ModelFacts, basis: Basis, app: string): string[] {
  return [
    ...(isOfficial(model) ? officialLines(model, basis) : otherLines(model, basis, app)),
    ...(model.rounded
      ? [
          "# The app keeps this model's weights rounded to float16: its numbers differ by that much.",
        ]
      : []),
  ];
}

/** A mirror of the Hub is named to Python by an environment variable. */
const hubLines = ({ hub }: ModelFacts): string[] =>
  hub === null || /^https:\/\/huggingface\.co\/?$/.test(hub)
    ? []
    : [`# The app had it from ${onOneLine(hub)}: set HF_ENDPOINT to load it from there.`];

const revisionOf = ({ commit, revision }: ModelFacts): string | null =>
  commit ?? (revision === "main" ? null : revision);

const bridgeLines = (what: string, basis: Basis): string[] => [
  '# pip install "transformer-lens>=2.16,<4"    (TransformerLens 4: from transformer_lens.model_bridge import TransformerBridge;',
  `#   model = TransformerBridge.boot_transformers(${what}); model.enable_compatibility_mode(${basis === "raw" ? "no_processing=True" : ""}))`,
];

function officialLines(model: ModelFacts, basis: Basis): string[] {
  const name = OFFICIAL[model.id]!;
  const load = basis === "raw" ? "from_pretrained_no_processing" : "from_pretrained";
  const revision = revisionOf(model);
  const fixed = revision !== null;
  return [
    ...bridgeLines(pyString(name), basis),
    "import torch",
    "from transformer_lens import HookedTransformer",
    ...(fixed ? ["from transformers import AutoModelForCausalLM"] : []),
    "",
    "torch.set_grad_enabled(False)",
    ...hubLines(model),
    ...(fixed
      ? [
          `hf_model = AutoModelForCausalLM.from_pretrained(${pyString(model.id)}, revision=${pyString(revision)}).float()`,
          `model = HookedTransformer.${load}(${pyString(name)}, hf_model=hf_model)`,
        ]
      : [`model = HookedTransformer.${load}(${pyString(name)})`]),
  ];
}

function otherLines(model: ModelFacts, basis: Basis, app: string): string[] {
  const { config } = model;
  const revision = model.source === "hub" ? revisionOf(model) : null;
  const source = pyString(model.source === "hub" ? model.id : folderOf(model));
  const at = revision === null ? "source" : `source, revision=${pyString(revision)}`;
  const processed = pyBool(basis === "tl");
  return [
    ...bridgeLines("source", basis),
    "import torch",
    "from transformer_lens import HookedTransformer, HookedTransformerConfig",
    "from transformer_lens.pretrained.weight_conversions import convert_gpt2_weights",
    "from transformers import AutoModelForCausalLM, AutoTokenizer",
    "",
    "torch.set_grad_enabled(False)",
    ...hubLines(model),
    ...whereFiles(model, app),
    `source = ${source}`,
    `hf_model = AutoModelForCausalLM.from_pretrained(${at}).float()`,
    "config = HookedTransformerConfig(",
    `    n_layers=${config.n_layer}, d_model=${config.n_embd}, n_heads=${config.n_head}, d_head=${pyNumber(config.n_embd / config.n_head)}, d_mlp=${config.n_inner},`,
    `    n_ctx=${config.n_positions}, d_vocab=${config.vocab_size}, act_fn=${pyString(config.activation_function)}, eps=${pyNumber(config.layer_norm_epsilon)},`,
    `    normalization_type=${pyString(basis === "tl" ? "LNPre" : "LN")}, use_attn_scale=${pyBool(config.scale_attn_weights)},`,
    `    scale_attn_by_inverse_layer_idx=${pyBool(config.scale_attn_by_inverse_layer_idx)}, original_architecture="GPT2LMHeadModel",`,
    ")",
    `model = HookedTransformer(config, tokenizer=AutoTokenizer.from_pretrained(${at}))`,
    "model.load_and_process_state_dict(",
    "    convert_gpt2_weights(hf_model, config),",
    `    fold_ln=${processed}, center_writing_weights=${processed}, center_unembed=${processed}, fold_value_biases=${processed},`,
    ")",
  ];
}

const folderOf = ({ id }: ModelFacts): string => id.split("/").at(-1)!;

function whereFiles(model: ModelFacts, app: string): string[] {
  if (model.source === "hub") return [];
  if (model.edited) {
    return [
      "# The folder that the app exported (Circuits, Edit, Export), with the edits in its weights:",
    ];
  }
  const files = "config.json, model.safetensors, tokenizer.json, tokenizer_config.json";
  return model.source === "embedded"
    ? [`# A folder with ${files} of`, `# ${app}models/${model.id}/`]
    : ["# The folder with the files that were given to the app:"];
}
