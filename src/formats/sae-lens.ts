/**
 * SAEs in SAELens's format: `cfg.json` + `sae_weights.safetensors` (W_enc [d_in, d_sae], W_dec [d_sae, d_in], b_enc,
 * b_dec; "jumprelu" also threshold; "gated" b_gate, r_mag, b_mag and no b_enc). A transcoder has d_out and
 * metadata.hook_name_out, W_dec [d_sae, d_out], b_dec [d_out], and with a skip connection W_skip [d_out, d_in]. Written as
 * version 6 writes them; read also in the flat form of earlier versions. What we cannot run is refused by name rather than run
 * wrongly.
 * Source: SAELens, sae_lens/saes/sae.py, saes/transcoder.py and loading/pretrained_sae_loaders.py (handle_pre_6_0_config).
 */
import { toLabError } from "../core/lab-error.ts";
import { quoted } from "../core/quoted.ts";
import type { ReadSae } from "../core/sae-import.ts";
import {
  type Densities,
  SAE_VARIANTS,
  type SaeConfig,
  type SaeOutput,
  type SaeVariant,
  type SaeWeights,
} from "../core/sae.ts";
import {
  bad,
  CONFIG_FILE,
  count,
  flag,
  isObject,
  parseConfig,
  text,
  topKOf,
  unsupported,
} from "./sae-lens-fields.ts";
import { normOf } from "./sae-lens-norm.ts";
import { foldDecoderNorms } from "../math/sae.ts";
import { readWeights, WEIGHTS_FILE, writeWeights } from "./sae-lens-weights.ts";
import { readSparsity } from "./sae-lens-sparsity.ts";

export { CONFIG_FILE, WEIGHTS_FILE };

/** SAELens's names of ways to train; it saves what comes out as "jumprelu". */
const TRAINING_ONLY = ["batchtopk", "matryoshka_batchtopk"];

/**
 * SAELens's names of transcoders. It has none that is TopK or gated: those have names of ours, by which the files are read
 * here, and refused there.
 */
export function architectureOf({ variant, out }: Pick<SaeConfig, "variant" | "out">): string {
  if (!out) return variant;
  const kind = out.skip ? "skip_transcoder" : "transcoder";
  return variant === "standard" ? kind : `${variant}_${kind}`;
}
/** Of every architecture: what it computes, and of a transcoder whether it has a skip connection. */
const ARCHITECTURES = new Map(
  SAE_VARIANTS.flatMap((variant): [string, { variant: SaeVariant; skip: boolean | null }][] => {
    const of = (skip: boolean) => architectureOf({ variant, out: { hook: "", width: 0, skip } });
    return [
      [variant, { variant, skip: null }],
      [of(false), { variant, skip: false }],
      [of(true), { variant, skip: true }],
    ];
  }),
);

/** TransformerLens's copy of the stream that goes into the MLP's LayerNorm, and the same by the name it has here. */
const MLP_IN = { from: /\.hook_mlp_in$/, to: ".hook_resid_mid" };

/** Names under which TransformerLens loads a model, where they differ from the Hub's. */
const HUB_OWNER = "openai-community/";

/** @param name kept under `metadata.glassroom`, which SAELens carries along and does not read */
export function exportSae(
  config: SaeConfig,
  weights: SaeWeights,
  name?: string,
): { name: string; bytes: Uint8Array }[] {
  const { dIn, dSae, normalize = "none" } = config;
  const cfg = {
    architecture: architectureOf(config),
    d_in: dIn,
    ...(config.out && { d_out: config.out.width }),
    d_sae: dSae,
    dtype: "float32",
    device: "cpu",
    apply_b_dec_to_input: config.applyBDecToInput,
    // The scale of training is folded into the weights; centring is a matter of the model's, below.
    normalize_activations: normalize === "centre" ? "none" : normalize,
    reshape_activations: config.hook.endsWith("hook_z") ? "hook_z" : "none",
    ...(config.variant === "topk" && { k: config.k, rescale_acts_by_decoder_norm: false }),
    metadata: {
      model_name: config.modelId.startsWith(HUB_OWNER)
        ? config.modelId.slice(HUB_OWNER.length)
        : config.modelId,
      hook_name: config.hook,
      ...(config.out && { hook_name_out: config.out.hook }),
      hook_head_index: null,
      model_class_name: "HookedTransformer",
      // Our activations are those of the checkpoint as it is.
      model_from_pretrained_kwargs: {
        fold_ln: false,
        center_writing_weights: normalize === "centre",
        center_unembed: false,
        fold_value_biases: false,
      },
      prepend_bos: config.prependBos,
      context_size: config.contextSize,
      exclude_special_tokens: false,
      ...(name !== undefined && { glassroom: { name } }),
    },
  };
  return [
    { name: CONFIG_FILE, bytes: new TextEncoder().encode(JSON.stringify(cfg, null, 2) + "\n") },
    { name: WEIGHTS_FILE, bytes: writeWeights(config, weights) },
  ];
}

/**
 * @param sparsity SAELens's `sparsity.safetensors`, where it is there
 * @throws LabError "bad-file" if the files are broken; "unsupported" if they hold an SAE of another kind
 */
export function importSae(
  cfgBytes: Uint8Array,
  weightBytes: Uint8Array,
  sparsity: Uint8Array | null = null,
): ReadSae {
  const { config, rescaled, name, notes } = readConfig(cfgBytes);
  const weights = readWeights(config, weightBytes);
  const found = sparsity && sparsityOr(sparsity, config.dSae);
  // What SAELens compares it multiplies by ‖W_dec row‖ first, and divides that out when it decodes.
  return {
    config,
    weights: rescaled ? foldDecoderNorms(weights, config.dSae) : weights,
    name,
    notes: typeof found === "string" ? [...notes, found] : notes,
    densities: typeof found === "string" ? null : found,
  };
}

/** An autoencoder can do without: of a file that is broken it is said why it is left out. */
function sparsityOr(bytes: Uint8Array, dSae: number): Densities | string {
  try {
    return readSparsity(bytes, dSae);
  } catch (e) {
    return `Imported without the densities of its training: ${toLabError(e).message}`;
  }
}

interface ReadConfig extends Pick<ReadSae, "config" | "name" | "notes"> {
  /** Whether activations are multiplied by decoder norms ("rescale_acts_by_decoder_norm"). */
  rescaled: boolean;
}

export function readConfig(bytes: Uint8Array): ReadConfig {
  const flat = parseConfig(bytes);
  const metadata = isObject(flat["metadata"]) ? flat["metadata"] : {};
  /** v6 keeps what belongs to the model in `metadata`, earlier versions beside the rest. */
  const get = (...names: string[]): unknown => {
    for (const name of names) {
      const value = metadata[name] ?? flat[name];
      if (value !== undefined && value !== null) return value;
    }
    return undefined;
  };
  const kwargs = isObject(flat["activation_fn_kwargs"]) ? flat["activation_fn_kwargs"] : {};
  const activation = flat["activation_fn_str"] ?? flat["activation_fn"] ?? "relu";
  const wantsTopK = activation === "topk";
  const architecture = text(
    flat["architecture"] ?? (wantsTopK ? "topk" : "standard"),
    "architecture",
  );
  const named = architecture === "standard" && wantsTopK ? "topk" : architecture;
  const known = ARCHITECTURES.get(named);
  if (known === undefined) {
    const why = TRAINING_ONLY.includes(named)
      ? "; SAELens saves a trained one as jumprelu, with its threshold"
      : "";
    throw unsupported(
      `its architecture is ${quoted(named)}${why}. Glassroom reads ${[...ARCHITECTURES.keys()].map((name) => quoted(name)).join(", ")}`,
    );
  }
  const { variant, skip } = known;
  if (!wantsTopK && activation !== "relu") {
    throw unsupported(`its activation function is ${quoted(activation)}, not "relu" or "topk"`);
  }
  const head = get("hook_head_index", "hook_point_head_index");
  if (head !== undefined) throw unsupported(`it reads one head (hook_head_index ${quoted(head)})`);
  const dIn = count(flat["d_in"], "d_in");
  // The first versions said only how many times as wide it is.
  const expansion = flat["expansion_factor"];
  const dSae =
    flat["d_sae"] === undefined && typeof expansion === "number"
      ? count(dIn * expansion, "d_in × expansion_factor")
      : count(flat["d_sae"], "d_sae");
  const modelName = text(get("model_name") ?? "unknown", "model_name");
  const out: SaeOutput | null =
    skip === null
      ? null
      : {
          hook: text(get("hook_name_out", "hook_point_out"), "metadata.hook_name_out"),
          width: count(flat["d_out"] ?? dIn, "d_out"),
          skip,
        };
  const applyBDecToInput = flag(flat["apply_b_dec_to_input"], "apply_b_dec_to_input", !out);
  if (out && applyBDecToInput) {
    throw bad(CONFIG_FILE, "apply_b_dec_to_input is true, but b_dec is what a transcoder writes");
  }
  if (get("hook_head_index_out") !== undefined) {
    throw unsupported(
      `it writes to one head (hook_head_index_out ${quoted(get("hook_head_index_out"))})`,
    );
  }
  const hook = text(get("hook_name", "hook_point"), "metadata.hook_name").replace(
    MLP_IN.from,
    MLP_IN.to,
  );
  const { normalize, notes } = normOf(flat, get("model_from_pretrained_kwargs"), hook);
  if (out && normalize) {
    throw unsupported(`it is a transcoder of normalised activations (${normalize})`);
  }
  const own = get("glassroom");
  const name = isObject(own) ? own["name"] : undefined;
  return {
    config: {
      ...(variant === "topk"
        ? { variant, k: topKOf(flat["k"] ?? kwargs["k"], dSae) }
        : { variant }),
      dIn,
      dSae,
      hook,
      ...(out && { out }),
      modelId: /^gpt2(-medium|-large|-xl)?$/.test(modelName.replace(/-small$/, ""))
        ? HUB_OWNER + modelName.replace(/-small$/, "")
        : modelName,
      ...(normalize && { normalize }),
      applyBDecToInput,
      prependBos: flag(get("prepend_bos"), "prepend_bos", true),
      contextSize: count(get("context_size") ?? 128, "context_size"),
    },
    rescaled:
      variant === "topk" &&
      flag(flat["rescale_acts_by_decoder_norm"], "rescale_acts_by_decoder_norm", false),
    name: typeof name === "string" && name.trim() !== "" ? name.trim().slice(0, 200) : null,
    notes,
  };
}
