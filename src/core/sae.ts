/**
 * Sparse autoencoders (SAEs) as data. f = act(x W_enc + b_enc), x̂ = f W_dec + b_dec. A transcoder reads x at one hook point
 * and rebuilds y of another, mostly what goes into an MLP and what comes out: ŷ = f W_dec + b_dec, with a skip connection
 * + x W_skipᵀ. Where nothing else is said, an "SAE" may be either.
 * Axis letters: B tokens, D d_in, E d_out (= D but for a transcoder), F latents (d_sae). Names and orientation are SAELens's.
 */
import type { TrainPoint } from "./train-point.ts";
import type { DensityHistogram } from "./density.ts";
import type { SweepMember } from "./sweep.ts";
import type { MeasuredOn, TextRef } from "./kept-text.ts";
import type { AskedRecipe, Pace, TrainVariant } from "./sae-recipe.ts";

/** What an SAE computes when it is used: SAELens's "architecture". Formulas: `src/math/sae.ts`. */
export type SaeVariant = SaeConfig["variant"];
export const SAE_VARIANTS: readonly SaeVariant[] = ["standard", "topk", "jumprelu", "gated"];

/**
 * What is done to each activation before it is encoded, and undone on its reconstruction: SAELens's names, and `centre`, which
 * takes the mean over d_in away, as TransformerLens's centred weights do to the stream. Formulas: `src/math/input-norm.ts`.
 */
export type InputNorm = "centre" | "layer_norm" | "constant_norm_rescale";
export const INPUT_NORMS: readonly InputNorm[] = ["centre", "layer_norm", "constant_norm_rescale"];

/** What defines an SAE once trained: enough to run it. */
export type SaeConfig = SaeFacts &
  (
    | { variant: "topk"; /** Active latents per token. */ k: number }
    // Records of earlier versions say `k: null`.
    | { variant: "standard" | "jumprelu" | "gated"; k?: null }
  );

export interface SaeFacts {
  dIn: number;
  dSae: number;
  /** TransformerLens hook point whose activations it reads. */
  hook: string;
  modelId: string;
  /** A transcoder's; not there for an autoencoder, which rebuilds what it reads. See `outputOf`. */
  out?: SaeOutput;
  /** Of an import that reads normalised activations; never of a transcoder. @default none */
  normalize?: InputNorm;
  /** Whether b_dec is subtracted from x before encoding (SAELens's flag; ours train with false). Never of a transcoder. */
  applyBDecToInput: boolean;
  prependBos: boolean;
  contextSize: number;
}

/** What is rebuilt. */
export interface SaeOutput {
  /** TransformerLens hook point where it writes. */
  hook: string;
  /** E */
  width: number;
  /** Whether x W_skipᵀ is part of it. */
  skip: boolean;
}

/** Where an SAE writes, and how wide: an autoencoder where it reads. */
export const outputOf = ({ hook, dIn, out }: Pick<SaeConfig, "hook" | "dIn" | "out">): SaeOutput =>
  out ?? { hook, width: dIn, skip: false };

/** Row-major float32. Scaling of the inputs is folded in: they take the model's own activations. */
export interface SaeWeights {
  W_enc: Float32Array; // [D, F]
  W_dec: Float32Array; // [F, E]
  b_enc: Float32Array; // [F]; of a gated SAE the bias of its gate (SAELens: b_gate)
  b_dec: Float32Array; // [E]
  /** A transcoder's skip connection. */
  W_skip?: Float32Array; // [E, D]
  /** jumprelu */
  threshold?: Float32Array; // [F]
  /** gated: the magnitudes are x W_enc · e^r_mag + b_mag. */
  r_mag?: Float32Array; // [F]
  b_mag?: Float32Array; // [F]
}
export type WeightName = keyof SaeWeights;

/** All that the shapes of its tensors follow from. */
export type SaeShape = Pick<SaeConfig, "variant" | "dIn" | "dSae" | "out">;

/** The tensors that an SAE has, with their shapes. */
export function weightShapes({
  variant,
  dIn,
  dSae,
  out,
}: SaeShape): [name: WeightName, shape: number[]][] {
  const dOut = out?.width ?? dIn;
  const own: Record<SaeVariant, WeightName[]> = {
    standard: [],
    topk: [],
    jumprelu: ["threshold"],
    gated: ["r_mag", "b_mag"],
  };
  return [
    ["W_enc", [dIn, dSae]],
    ["W_dec", [dSae, dOut]],
    ["b_enc", [dSae]],
    ["b_dec", [dOut]],
    ...(out?.skip ? ([["W_skip", [dOut, dIn]]] satisfies [WeightName, number[]][]) : []),
    ...own[variant].map((name): [WeightName, number[]] => [name, [dSae]]),
  ];
}

/** How many numbers an SAE has. */
export const weightCount = (shape: SaeShape): number =>
  weightShapes(shape).reduce((sum, [, axes]) => sum + axes.reduce((a, b) => a * b, 1), 0);

/** What it is once trained: where a batch had its say, a threshold has it then. */
export function trainedVariant(variant: TrainVariant): SaeVariant {
  switch (variant) {
    case "batchtopk":
    case "matryoshka":
      return "jumprelu";
    case "standard":
    case "topk":
    case "jumprelu":
    case "gated":
      return variant;
  }
}

/** What the user asks to train. */
export type TrainRequest = AskedRecipe &
  Partial<Pace> & {
    name?: string;
    /** What is read. */
    hook: string;
    /** Makes it a transcoder: what is rebuilt, and whether x itself may pass by the features. @default what is read */
    out?: { hook: string; skip: boolean };
    dSae: number;
    /** Activations to train on; the corpus is read again when it runs out. */
    tokens: number;
    seed: number;
    /** Keep all that it takes to go on from its end: four times the room. @default false */
    keepState?: boolean;
    /** The user's texts to read. @default the lab's corpus */
    texts?: readonly TextRef[];
  };

/** A latent that has been silent for so many training tokens counts as dead, and is revived. */
export const DEAD_AFTER_TOKENS = 100_000;

/**
 * What a run does before its first step: the corpus is loaded, then activations are harvested, in tokens, to tell their
 * scale by, or, when a run goes on whose scale is known, only to have some to train on.
 */
export interface TrainPreparation {
  what: "corpus" | "scale" | "activations";
  done: number;
  total: number;
}

export interface TrainProgress {
  runId: string;
  status: "preparing" | "running" | "paused" | "dashboards" | "saving";
  step: number;
  tokens: number;
  totalTokens: number;
  /** null until it can be told */
  secondsLeft: number | null;
  /** Points since the last message, oldest first. */
  points: TrainPoint[];
  /** In the first message of a run that goes on: the points up to where it does, of each of its SAEs. */
  past?: readonly SweepMember[];
  /** Now and then: a few features as they are by now. */
  samples?: FeatureSample[];
  /** With points: densities of the latents by the last of them. */
  density?: DensityHistogram;
  /** 0–1 within `dashboards`. */
  dashboardShare: number;
  /** Within `preparing`. */
  preparation?: TrainPreparation;
  /** What went wrong without ending the run: a checkpoint that could not be stored. */
  warning?: string;
  /** Of a sweep all its SAEs, the first that of `runId` and `points`. */
  members?: readonly SweepMember[];
}

/** Measured on held-out corpus tokens after training (or import). */
export interface SaeMetrics {
  explainedVariance: number;
  l0: number;
  /** share of latents that fired at least once on the dashboard tokens */
  aliveShare: number;
  tokens: number;
}

export interface SaeSummary extends MeasuredOn {
  id: string;
  name: string;
  config: SaeConfig;
  request: TrainRequest | null;
  /** null for an unfinished run and for an import that has not been measured */
  metrics: SaeMetrics | null;
  /** Tokens trained on so far; null when imported. */
  trainedTokens: number | null;
  status: "finished" | "unfinished";
  origin: "shipped" | "trained" | "imported";
  /** ISO date */
  createdAt: string;
  bytes: number;
  hasDashboards: boolean;
  /** How an import was read, where more than one way was possible. */
  notes?: readonly string[];
  /** Of an import: how often its features fired where it was trained. */
  trainedDensities?: Densities;
  /** Where on the Hub it came from. */
  from?: HubSae;
  /** The run that it goes on from with other settings. */
  forkedFrom?: { id: string; name: string; step: number };
}

/** How often features fire, as a histogram of log₁₀ densities. */
export interface Densities {
  /** log₁₀ of the lower edge of the first bin, and each bin's width. */
  first: number;
  width: number;
  counts: readonly number[];
  /** Features that never fired: they have no place on a logarithmic axis. */
  silent: number;
}

/** An autoencoder's place on the Hub, or a mirror. */
export interface HubSae {
  hub: string;
  repo: string;
  revision: string;
  /** A folder of the repository, or a `.pt` file; "" for its root. */
  path: string;
  /** null where the server does not tell. */
  commit: string | null;
}

/** One row of the feature list. Statistics over the dashboard tokens. */
export interface FeatureRow {
  feature: number;
  /** share of tokens on which it is active */
  density: number;
  /** largest activation; 0 only if it never fired */
  max: number;
  /** index of the last dashboard token on which it fired; null if it never did */
  lastFired: number | null;
}

export interface FeatureTable {
  saeId: string;
  tokens: number;
  rows: FeatureRow[];
}

export interface FeatureExample {
  tokens: string[];
  /** same length as `tokens` */
  activations: Float32Array;
  /** index into `tokens` of the peak */
  peak: number;
}

/** One of the few features that are looked at while they learn. */
export interface FeatureSample {
  feature: number;
  /** share of a small held-out text's tokens on which it is active */
  density: number;
  /** largest activation there, in the scaled units of training */
  max: number;
  /** strongest first, one a context */
  examples: FeatureExample[];
}

export interface TokenEffect {
  id: number;
  string: string;
  /** W_dec[f] · W_U[:, id] */
  effect: number;
}
