/** Every method that the worker serves, with its types: the page knows nothing else of it. */
import type { Procedure, PromptInput } from "./procedure.ts";
import type { Basis } from "../core/basis.ts";
import type { CircuitApi } from "./circuit-contract.ts";
import type { DiscoverApi } from "./discover-contract.ts";
import type { EapApi } from "./eap-contract.ts";
import type { EditedApi } from "./edited-contract.ts";
import type { FeatureCircuitApi } from "./feature-circuit-contract.ts";
import type { FigureApi, StudyApi } from "./figure-contract.ts";
import type { HubApi } from "./hub-contract.ts";
import type { TextRef } from "../core/kept-text.ts";
import type { LabelsApi } from "./labels-contract.ts";
import type { PathApi } from "./path-contract.ts";
import type { ProbeApi } from "./probe-contract.ts";
import type { TextApi } from "./text-contract.ts";
import type { VerifyApi } from "./verify-contract.ts";
import type { WriterApi } from "./writer-contract.ts";
import type { NotesApi } from "./notes-contract.ts";
import type { ExperimentRows } from "../core/experiments.ts";
import type { ErrorCode } from "../core/lab-error.ts";
import type { EditedSpec } from "../core/model-edit.ts";
import type { Gradients, IntegratedGradients, IntegrationPath, Metric } from "../core/metric.ts";
import type { FeatureDashboard } from "../core/feature-dashboard.ts";
import type {
  FeatureExample,
  FeatureTable,
  HubSae,
  SaeConfig,
  SaeSummary,
  SaeWeights,
  TrainProgress,
  TrainRequest,
} from "../core/sae.ts";
import type { ImportOutcome, SaidOfSae } from "../core/sae-import.ts";
import type { ForkChange } from "../core/sae-fork.ts";
import type { TrainingRoom, TrialProgress, TrialResult } from "../core/sae-trial.ts";
import type { SaeReport } from "../core/sae-report.ts";
import type { SteerAttention, SteerEffect, SteerFacts, SteerRow } from "../core/steer.ts";
import type { SelfCheckProgress, SelfCheckReport } from "../core/self-check.ts";
import type { Edit } from "../core/edits.ts";
import type { GeneratedToken, Generation, SamplingOptions } from "../core/generation.ts";
import type { ModelInfo } from "../core/model-info.ts";
import type { LoadProgress, ModelSource } from "../core/model-source.ts";
import type { PromptView } from "../core/prompt-view.ts";
import type { SteerSpec } from "../core/steer.ts";
import type {
  DevicePreference,
  Prediction,
  TensorData,
  TokenizerFiles,
  Tokens,
} from "../core/types.ts";

export interface LabApi
  extends
    HubApi,
    TextApi,
    FigureApi,
    StudyApi,
    NotesApi,
    LabelsApi,
    WriterApi,
    CircuitApi,
    FeatureCircuitApi,
    DiscoverApi,
    EapApi,
    PathApi,
    EditedApi,
    VerifyApi,
    ProbeApi {
  "model.load": Procedure<
    /** `because`: why this device, where it was not the user's choice; for the chip. */
    {
      source: ModelSource;
      device: DevicePreference;
      because?: string | undefined;
      /** Changes of its weights; none without. */
      edited?: EditedSpec | undefined;
    },
    { info: ModelInfo; tokenizer: TokenizerFiles },
    LoadProgress
  >;
  "model.tokenize": Procedure<PromptInput, Tokens>;
  /**
   * One forward pass over all prompts, [B, T, …]; NaN beyond a prompt's own length. Edits and values in one basis. Logits of
   * all positions unless told otherwise: [B, T, V], of the last [B, 1, V], of none [B, 0, V]; without, the run ends at the
   * last hook point.
   */
  "model.runWithCache": Procedure<
    {
      prompts: PromptInput[];
      names: string[];
      edits: Edit[];
      basis: Basis;
      logits?: "all" | "last" | "none";
    },
    { tokens: Tokens[]; logits: TensorData; cache: [string, TensorData][] }
  >;
  /** Values at hook points, [B, …], NaN beyond a row's own length: a run as far as the last of them, without logits. */
  "model.readHooks": Procedure<
    { ids: number[][]; names: string[]; edits: Edit[]; basis: Basis },
    [string, TensorData][]
  >;
  /** One prompt with many lists of edits, `edits` before each of them. The results come as progress. */
  "model.runExperiments": Procedure<
    {
      prompt: PromptInput;
      experiments: Edit[][];
      edits: Edit[];
      names: string[];
      logits: "all" | "last" | "none";
      basis: Basis;
    },
    { tokens: Tokens },
    ExperimentRows
  >;
  /** A parameter by TransformerLens's name in either basis, or by the checkpoint's own, raw. */
  "model.weight": Procedure<{ name: string; basis: Basis }, TensorData>;
  /**
   * Directions [N, d_model] and biases [N] of tokens' logits, after the final LayerNorm's scale; `bare`, in the raw basis:
   * after its weight and bias too.
   */
  "model.unembedding": Procedure<
    { tokens: number[]; basis: Basis; bare: boolean },
    { directions: Float32Array; bias: Float32Array }
  >;
  /** A run whose activations stay in the worker, on the GPU where there is one, until they are read or released. */
  "kept.run": Procedure<
    { prompts: PromptInput[]; names: string[]; edits: Edit[] },
    { id: number; tokens: Tokens[]; dims: [hook: string, dims: readonly number[]][] }
  >;
  "kept.read": Procedure<{ id: number; name: string }, TensorData>;
  "kept.release": Procedure<{ id: number }, null>;
  "model.gradients": Procedure<
    { prompt: PromptInput; metric: Metric; names: string[]; edits: Edit[]; basis: Basis },
    Gradients
  >;
  "model.integratedGradients": Procedure<
    {
      prompt: PromptInput;
      metric: Metric;
      names: string[];
      edits: Edit[];
      basis: Basis;
      path: IntegrationPath;
    },
    IntegratedGradients,
    { done: number; total: number }
  >;
  "model.generate": Procedure<
    {
      prompt: PromptInput;
      sampling: SamplingOptions;
      edits: Edit[];
      /** Of the edits. */
      basis: Basis;
      steer: SteerSpec | null;
      /** Token ids and texts that end it. */
      stop: (string | number)[];
      /** Tokens of the text that are there already. */
      begun: number[];
      /** How many of the likeliest tokens to tell at each step. */
      alternatives: number;
    },
    Generation,
    GeneratedToken
  >;
  "prompt.view": Procedure<
    { prompt: PromptInput; edits: Edit[]; basis: Basis; saeId: string | null; topK: number },
    PromptView
  >;
  /** Next-token distribution after the last token, plain and steered, with the union of both top k in each; facts of the rows that are on. */
  "prompt.steer": Procedure<
    { prompt: PromptInput; steer: SteerSpec; topK: number },
    { plain: Prediction; steered: Prediction; rows: (SteerFacts | null)[] }
  >;
  /** ln p of a continuation's tokens, plain and steered. */
  "steer.score": Procedure<
    { prompt: PromptInput; tokens: number[]; steer: SteerSpec },
    { plain: number[]; steered: number[] }
  >;
  /** What each of many settings of the rows does; `text`: whose perplexity, null for the prompt's. */
  "steer.effects": Procedure<
    {
      prompt: PromptInput;
      settings: SteerRow[][];
      attention: SteerAttention;
      tokens: number[];
      text: PromptInput | null;
    },
    SteerEffect[],
    {
      effects: [index: number, effect: SteerEffect][];
      done: number;
      total: number;
      secondsLeft: number | null;
    }
  >;
  "sae.list": Procedure<null, SaeSummary[]>;
  "sae.train": Procedure<TrainRequest, SaeSummary, TrainProgress>;
  /** A second of training, timed and thrown away. */
  "sae.trial": Procedure<TrainRequest, TrialResult, TrialProgress>;
  /** What there is room for here, as far as the browser tells. */
  "sae.room": Procedure<null, TrainingRoom>;
  /** Several on one stream; what they are trained on must agree. Gives the first, the others lie on the shelf. */
  "sae.sweep": Procedure<{ requests: TrainRequest[] }, SaeSummary, TrainProgress>;
  /** Goes on with the last checkpoint of an unfinished run, of a sweep with all its members. */
  "sae.continue": Procedure<{ id: string }, SaeSummary, TrainProgress>;
  /** A new run from where another stands, with some settings changed. */
  "sae.fork": Procedure<{ id: string; change: ForkChange }, SaeSummary, TrainProgress>;
  "sae.pause": Procedure<{ paused: boolean }, null>;
  /** Whether a few features are looked at while a run is under way. */
  "sae.watch": Procedure<{ on: boolean }, null>;
  "sae.rename": Procedure<{ id: string; name: string }, SaeSummary>;
  "sae.delete": Procedure<{ id: string }, null>;
  "sae.export": Procedure<{ id: string }, { name: string; bytes: Uint8Array }[]>;
  /** Files that do not say what they read are answered with a question, and given again with what the user says. */
  /** `folder`: where the files lie, if that is known: its name tells what the files may not. */
  "sae.import": Procedure<
    { files: File[]; said: SaidOfSae | null; folder?: string },
    ImportOutcome
  >;
  /** The same from the Hub. One that is here already is taken from the shelf. */
  "sae.fetch": Procedure<
    { place: Omit<HubSae, "commit">; said: SaidOfSae | null },
    ImportOutcome,
    LoadProgress
  >;
  /** Computes statistics and examples of an SAE that has none (an import); `again`: also of one that has. */
  "sae.measure": Procedure<
    { id: string; again: boolean; texts?: readonly TextRef[] },
    SaeSummary,
    TrainProgress
  >;
  "sae.weights": Procedure<{ id: string }, { config: SaeConfig; weights: SaeWeights }>;
  "sae.features": Procedure<{ id: string }, FeatureTable>;
  "sae.dashboard": Procedure<{ id: string; feature: number; basis: Basis }, FeatureDashboard>;
  "sae.examples": Procedure<{ id: string; feature: number; n: number }, FeatureExample[]>;
  /** The report card of an SAE on the model on the bench, kept in the browser in place of the one before. */
  "report.make": Procedure<
    { saeId: string; contexts: number },
    SaeReport,
    { done: number; total: number }
  >;
  /** Every report that is kept here. */
  "report.list": Procedure<null, SaeReport[]>;
  /** Known values of the model on the bench, and what must hold in any. */
  "lab.selfCheck": Procedure<null, SelfCheckReport, SelfCheckProgress>;
  /** Whether the model on the bench still computes: runs one token. Fails with what keeps it from doing so. */
  "lab.health": Procedure<null, null>;
}

export type Method = keyof LabApi;
export type Call<M extends Method = Method> = {
  [K in M]: { kind: "call"; id: number; method: K; input: LabApi[K]["input"] };
}[M];
export type ToWorker = Call | { kind: "cancel"; id: number };
export type ToPage =
  /** Once, when the worker has started: a Web Lock that it holds for as long as it lives. */
  | { kind: "alive"; lock: string }
  | ({ id: number } & (
      | { kind: "progress"; value: unknown }
      | { kind: "done"; value: unknown }
      | { kind: "failed"; error: { code: ErrorCode; message: string } }
    ));
/** What a Worker, its `self` and a MessagePort share; tests join both halves with a MessageChannel. */
export type Port = Pick<MessagePort, "postMessage" | "addEventListener">;
