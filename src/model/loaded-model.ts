/** The model on the bench, as experiments see it: run, harvest, read a weight. Made by `load.ts`. */
import type { LabError } from "../core/lab-error.ts";
import type { DirectEdit } from "../core/edits.ts";
import type { ModelInfo } from "../core/model-info.ts";
import type { TensorData, TokenizerFiles } from "../core/types.ts";
import type { Tokenizer } from "../text/tokenizer.ts";
import type { EdgeScores } from "./edge-scores.ts";
import type { MetricSeed } from "./gradient-feeds.ts";
import type { KvCache, SharedPast } from "./kv-cache.ts";

export interface RunRequest {
  /** B rows; shorter ones are filled up on the right, where their own tokens cannot look. */
  ids: readonly (readonly number[])[];
  /** Hook points to return. */
  names: readonly string[];
  edits: readonly DirectEdit[];
  /** Of which positions: `all` gives [B, T, V], `last` [B, 1, V]. */
  logits: "all" | "last" | "none";
  /** Of these tokens alone, in this order: V is then their number. @default all */
  only?: readonly number[];
  /** Keys and values of the tokens before `ids`; their number is the position of the first id. */
  past?: KvCache;
  /** In its place the same for all rows; equal rows are then still computed as one. */
  sharedPast?: SharedPast;
  /** Return the keys and values for the next step; the caller disposes them. */
  keepPast?: boolean;
  /**
   * Positions that edits refer to: `pos` counts within them, and a value with a position axis covers them.
   * Tokens beyond (generated ones) are changed only by edits without a position axis. @default past + T
   */
  editLength?: number;
  signal?: AbortSignal;
}

export interface RunResult {
  /** [B, T or 1, V] */
  logits: TensorData | null;
  /** By hook name, batch axis first, after the edits; masked attention scores are -Infinity. */
  cache: Map<string, TensorData>;
  past: KvCache | null;
}

export interface GradientRequest {
  /** B rows; shorter ones are filled up on the right. */
  ids: readonly (readonly number[])[];
  /** Hook points whose gradients, and whose values, are returned. */
  gradients: readonly string[];
  values: readonly string[];
  edits: readonly DirectEdit[];
  /** From where: what the metric says of the logits or of an activation. */
  seed: MetricSeed;
  signal?: AbortSignal;
}

export interface GradientResult {
  /** d metric / d value (as it is after the edits), in the hook's own shape, batch axis first. */
  gradients: Map<string, TensorData>;
  values: Map<string, TensorData>;
  /** Where the metric reads them, [K, V]; null for a metric of an activation. */
  logits: TensorData | null;
}

/** Values at hook points, there where they were computed. */
export interface KeptRun {
  /** Shapes by hook name, batch axis first. */
  dims: ReadonlyMap<string, readonly number[]>;
  /** @throws LabError "bad-input" for a hook point that was not kept */
  read(name: string): Promise<TensorData>;
  dispose(): void;
}

export interface LoadedModel {
  readonly info: ModelInfo;
  readonly tokenizer: Tokenizer;
  readonly tokenizerFiles: TokenizerFiles;
  run(request: RunRequest): Promise<RunResult>;
  /** A run as far as the last of `names`, whose values stay on the device. */
  keep(request: Pick<RunRequest, "ids" | "names" | "edits" | "signal">): Promise<KeptRun>;
  /** One forward and one backward pass. */
  differentiate(request: GradientRequest): Promise<GradientResult>;
  /**
   * Activations of hooks for `batch` contexts of equal length, of each hook [batch · T, width] in the order of `ids`; all in
   * one run. On a GPU they are written into `targets`, STORAGE buffers of at least that size (then the answer is null).
   */
  harvest(
    ids: Int32Array,
    batch: number,
    hooks: readonly string[],
    targets: readonly GPUBuffer[] | null,
  ): Promise<Float32Array[] | null>;
  /** What edges into heads score by gradients; to be let go of after use. */
  edgeScores(): Promise<EdgeScores>;
  /** One tensor of the checkpoint as float32, by GPT-2's own name without "transformer." ("wte.weight"). */
  weight(name: string): Promise<TensorData>;
  /** The one GPU device, when the model runs on it; training uses the same. */
  readonly gpu: GPUDevice | null;
  /** Resolves if the GPU device is lost; null without one. */
  readonly lost: Promise<LabError> | null;
  dispose(): Promise<void>;
}
