/**
 * Ways to train a sparse autoencoder, as data: what each needs, and what it is when nothing else is said. All of them work
 * on inputs scaled to a mean norm of √D. Formulas and sources: `src/train/variants/`.
 */

/** What every way of training needs of its own, by its name. */
export type Recipe =
  | {
      variant: "standard";
      /** λ of the L1 penalty. @default 2 */
      l1: number;
      /**
       * `unit`: decoder directions are kept at norm 1, and the penalty is λ Σ f. `weighted`: they are free, and it is
       * λ Σ f·‖W_dec row‖, which no rescaling of f can cheat. @default "unit"
       */
      decoderNorm: "unit" | "weighted";
    }
  | { variant: "topk"; /** Active latents per token. @default 32 */ k: number }
  | { variant: "batchtopk"; /** Active latents per token on average. @default 32 */ k: number }
  | {
      variant: "matryoshka";
      /** Active latents per token on average. @default 32 */
      k: number;
      /** Nested widths, rising, the last d_sae. @default halved four times: F/16, F/8, F/4, F/2, F */
      widths: readonly number[];
    }
  | {
      variant: "jumprelu";
      /** Active latents per token to aim at. @default 32 */
      targetL0: number;
      /** c of the loss c·D·(L0/target − 1)², which is in units of the inputs' mean square. @default 1 */
      l0Weight: number;
      /** ε, width of the window about a threshold in which its gradient is felt, in the scaled units. @default 0.5 */
      bandwidth: number;
    }
  | { variant: "gated"; /** λ of the penalty on the gate's activations. @default 2 */ l1: number };

export type TrainVariant = Recipe["variant"];
export type RecipeOf<V extends TrainVariant> = Extract<Recipe, { variant: V }>;

type Asked<R> = R extends { variant: infer V }
  ? { variant: V } & Partial<Omit<R, "variant">>
  : never;
/** A recipe as asked for: what is not said is the default. */
export type AskedRecipe = Asked<Recipe>;

/** Every number that was not asked for. */
export const defaultRecipe = (variant: TrainVariant, dSae: number): Recipe => {
  switch (variant) {
    case "standard":
      return { variant, l1: 2, decoderNorm: "unit" };
    case "topk":
    case "batchtopk":
      return { variant, k: 32 };
    case "matryoshka":
      return { variant, k: 32, widths: halvedWidths(dSae, 5) };
    case "jumprelu":
      return { variant, targetL0: 32, l0Weight: 1, bandwidth: 0.5 };
    case "gated":
      return { variant, l1: 2 };
  }
};
export const DECODER_NORMS: readonly RecipeOf<"standard">["decoderNorm"][] = ["unit", "weighted"];
/** In the order in which they are offered. */
export const TRAIN_VARIANTS: readonly TrainVariant[] = [
  "topk",
  "batchtopk",
  "jumprelu",
  "standard",
  "gated",
  "matryoshka",
];

/** "TopK, k 32", "JumpReLU, L0 32": for names of SAEs and lists of them. */
export function recipeWords(recipe: AskedRecipe): string {
  const of = (symbol: string, value: number | undefined) =>
    value === undefined ? "" : `, ${symbol} ${value.toLocaleString("en-US")}`;
  switch (recipe.variant) {
    case "standard":
      return `L1${of("λ", recipe.l1)}${recipe.decoderNorm === "weighted" ? ", norm-weighted" : ""}`;
    case "topk":
      return `TopK${of("k", recipe.k)}`;
    case "batchtopk":
      return `BatchTopK${of("k", recipe.k)}`;
    case "matryoshka":
      return `Matryoshka${of("k", recipe.k)}`;
    case "jumprelu":
      return `JumpReLU${of("L0", recipe.targetL0)}`;
    case "gated":
      return `Gated${of("λ", recipe.l1)}`;
  }
}

/** `count` widths, each half of the next, the last `dSae`; fewer if they would fall below 1 or meet. */
export const halvedWidths = (dSae: number, count: number): number[] =>
  Array.from({ length: count }, (_, i) => Math.floor(dSae / 2 ** (count - 1 - i))).filter(
    (width, i, all) => width > (all[i - 1] ?? 0),
  );

/** How the run goes, whatever is trained. Shares are of the run's steps. */
export interface Pace {
  /** @default 1e-3 */
  lr: number;
  /** Activations per step. @default 1024 */
  batchSize: number;
  /** The learning rate rises linearly over this first share… @default 0.05 */
  lrWarmUp: number;
  /** …and falls linearly to 0 over this last one. @default 0.2 */
  lrDecay: number;
  /** The penalty (L1, gated, JumpReLU) rises linearly from 0 over this first share. @default 0.05 */
  sparsityWarmUp: number;
}
export const DEFAULT_PACE: Pace = {
  lr: 1e-3,
  batchSize: 1024,
  lrWarmUp: 0.05,
  lrDecay: 0.2,
  sparsityWarmUp: 0.05,
};

/**
 * What the loss of each way to train has beside ‖x̂ − x‖², part by part; each is a mean over the tokens of a batch.
 * penalty λ Σ f (gated: λ Σ max(π, 0)) · l0 c·D·(L0/target − 1)² · gate ‖x̂ of the gate − x‖² · auxiliary and revival: what
 * brings dead latents back · nested: the mean of ‖x̂ − x‖² over the nested widths, which takes the place of the last one's
 */
export const LOSS_PARTS = {
  standard: ["penalty"],
  topk: ["auxiliary"],
  batchtopk: ["auxiliary"],
  matryoshka: ["nested", "auxiliary"],
  jumprelu: ["l0", "revival"],
  gated: ["penalty", "gate"],
} as const satisfies Record<TrainVariant, readonly string[]>;
export type LossPart = (typeof LOSS_PARTS)[TrainVariant][number];

/** Parameters that training has beside W_enc, W_dec, b_enc and b_dec; all of shape [F]. */
export const OWN_PARAMETERS = {
  standard: [],
  topk: [],
  batchtopk: [],
  matryoshka: [],
  jumprelu: ["log_threshold"],
  gated: ["r_mag", "b_mag"],
} as const satisfies Record<TrainVariant, readonly string[]>;
