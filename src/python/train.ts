/** The same training in SAELens, as far as its settings are the same. */
import { type Recipe, type TrainVariant } from "../core/sae-recipe.ts";
import { DEAD_AFTER_TOKENS } from "../core/sae.ts";
import { pyList, pyNumber, pyString } from "./literal.ts";
import { loadModelLines } from "./load-model.ts";
import { pythonText } from "./run.ts";
import type { RunFacts } from "./run-facts.ts";

/** A run, with nothing left to defaults. Shares are of its steps. */
export interface TrainFacts {
  recipe: Recipe;
  hook: string;
  dIn: number;
  dSae: number;
  tokens: number;
  seed: number;
  contextSize: number;
  /** Names of the user's text files that are read; none: the app's corpus. */
  texts: readonly string[];
  /** The other autoencoders of a sweep. @default none */
  others?: readonly Pick<TrainFacts, "recipe" | "dSae">[];
  /** How many GPUs there are. @default 1 */
  gpus?: number;
  pace: {
    lr: number;
    batchSize: number;
    lrWarmUp: number;
    lrDecay: number;
    sparsityWarmUp: number;
  };
}

const CONFIG: Record<TrainVariant, string> = {
  standard: "StandardTrainingSAEConfig",
  topk: "TopKTrainingSAEConfig",
  batchtopk: "BatchTopKTrainingSAEConfig",
  matryoshka: "MatryoshkaBatchTopKTrainingSAEConfig",
  jumprelu: "JumpReLUTrainingSAEConfig",
  gated: "GatedTrainingSAEConfig",
};

export function trainPython({ app, model }: RunFacts, train: TrainFacts): string {
  const { recipe, hook, dIn, tokens, pace } = train;
  const { gpus = 1, others = [] } = train;
  const files = filesOf(train);
  const steps = Math.ceil(tokens / pace.batchSize);
  const over = (share: number) => Math.round(share * steps);
  const kind = CONFIG[recipe.variant];
  const heads = hook.endsWith("hook_z") ? ', reshape_activations="hook_z"' : "";
  const sweep = others.length > 0;
  const saeLines = (one: Pick<TrainFacts, "recipe" | "dSae">, to: string): string[] => [
    `${to}${kind}(${sweep && one.recipe.variant === "jumprelu" ? `  # to L0 = ${one.recipe.targetL0}` : ""}`,
    `    d_in=${dIn}, d_sae=${one.dSae}, ${recipeArguments(one.recipe, over(pace.sparsityWarmUp))},`,
    `    apply_b_dec_to_input=False, normalize_activations="expected_average_only_in"${heads},`,
    "),",
  ];
  return pythonText([
    ...loadModelLines(model, "raw", app),
    "torch.set_grad_enabled(True)",
    "",
    "from datasets import load_dataset",
    `from sae_lens import ${kind}, LanguageModelSAERunnerConfig, LanguageModelSAETrainingRunner, LoggingConfig  # pip install "sae-lens>=6"`,
    "",
    ...textLines(train, app),
    ...recipeNotes(recipe, sweep),
    ...gpuNotes(gpus),
    ...(sweep
      ? [
          "# SAELens trains the autoencoders of a sweep one after another, each on the stream from its beginning.",
          "saes = [",
          ...[train, ...others].flatMap((one) => saeLines(one, "")).map(indented),
          "]",
        ]
      : []),
    ...(gpus === 1 ? [] : ['model.to("cuda:0")']),
    ...(sweep ? ["for i, sae in enumerate(saes):"] : []),
    ...[
      "config = LanguageModelSAERunnerConfig(",
      ...(sweep
        ? ['    sae=sae, output_path=f"output/{i}",']
        : saeLines(train, "sae=").map(indented)),
      `    model_name=${pyString(model.id)}, model_class_name="HookedTransformer", hook_name=${pyString(hook)},`,
      `    dataset_path=${pyString(files[0]!)}, is_dataset_tokenized=False, streaming=False,`,
      `    context_size=${train.contextSize}, prepend_bos=True, training_tokens=${tokens}, train_batch_size_tokens=${pace.batchSize},`,
      `    lr=${pyNumber(pace.lr)}, lr_warm_up_steps=${over(pace.lrWarmUp)}, lr_decay_steps=${over(pace.lrDecay)}, adam_beta1=0.9, adam_beta2=0.999,`,
      `    seed=${train.seed}, logger=LoggingConfig(log_to_wandb=False), dead_feature_window=${Math.ceil(DEAD_AFTER_TOKENS / pace.batchSize)},`,
      "    exclude_special_tokens=True,  # as the app does, which leaves the first token of each context out",
      gpus === 1
        ? "    device=str(model.cfg.device),"
        : '    device="cuda:1", llm_device="cuda:0", prefetch_llm_batches=True,',
      ")",
      "runner = LanguageModelSAETrainingRunner(config, override_dataset=corpus, override_model=model)",
      `${sweep ? "trained" : "sae"} = runner.run()`,
    ].map(sweep ? indented : (line) => line),
  ]);
}
const indented = (line: string): string => `    ${line}`;

const filesOf = ({ texts }: TrainFacts): readonly string[] =>
  texts.length > 0 ? texts : ["lab-corpus.txt"];

/**
 * SAELens trains one SAE on one GPU; the model may be on another (`llm_device`, since its pull request 672), and runs ahead
 * there. Read in its config.py and llm_sae_training_runner.py.
 */
function gpuNotes(gpus: number): string[] {
  if (gpus === 1) return [];
  return [
    "# The model runs on the first GPU, and ahead of the SAE, which is trained on the second (a recent SAELens: llm_device,",
    "# prefetch_llm_batches). SAELens does not share one SAE, or its batches, among several GPUs or machines.",
    ...(gpus === 2
      ? []
      : [
          `# The other ${gpus - 2} can train other SAEs meanwhile, as programs of their own (CUDA_VISIBLE_DEVICES=2,3 python ...);`,
          '# or hold a model too large for one: without override_model, model_from_pretrained_kwargs={"n_devices": ...}.',
        ]),
  ];
}

function textLines(train: TrainFacts, app: string): string[] {
  const files = filesOf(train);
  const own = train.texts.length > 0;
  return [
    own
      ? "# The texts that the app reads, beside this file; of each it holds the last twentieth out. Order and random numbers"
      : `# The app's corpus, ${app}corpus/lab-corpus.txt (save it beside this file). Order and random numbers`,
    "# differ from the app's, and so do initialisation and the revival of dead features: compare curves, not weights.",
    `corpus = load_dataset("text", data_files=${files.length === 1 ? pyString(files[0]!) : pyList(files)}, sample_by="document", split="train")`,
  ];
}

function recipeArguments(recipe: Recipe, warmUp: number): string {
  switch (recipe.variant) {
    case "standard":
    case "gated":
      return `l1_coefficient=${pyNumber(recipe.l1)}, l1_warm_up_steps=${warmUp}`;
    case "topk":
    case "batchtopk":
      return `k=${pyNumber(recipe.k)}`;
    case "matryoshka":
      return `k=${pyNumber(recipe.k)}, matryoshka_widths=${pyList(recipe.widths)}`;
    case "jumprelu":
      return `jumprelu_bandwidth=${pyNumber(recipe.bandwidth)}, l0_warm_up_steps=${warmUp}`;
  }
}

/** Where SAELens's loss is another one. */
function recipeNotes(recipe: Recipe, sweep: boolean): string[] {
  if (recipe.variant === "jumprelu") {
    const target = sweep ? "the L0 beside each" : `L0 = ${recipe.targetL0}`;
    return [
      `# The app aims at ${target} by its own penalty; SAELens's is weighed by l0_coefficient: turn it until L0 is there.`,
    ];
  }
  return recipe.variant === "standard" && recipe.decoderNorm === "unit"
    ? ["# The app keeps decoder rows at norm 1; SAELens weighs the penalty by their norms."]
    : [];
}
