/**
 * What figures ask of the worker. `FigureApi`: figures of one run, asked for each side of a comparison. `StudyApi`: figures of
 * the model alone, of its weights or over a corpus. Every method reads or computes and changes nothing.
 */
import type { Attribution, NeuronAttribution, TargetChoice } from "../core/attribution.ts";
import type { AttentionFacts, AttentionOptions } from "../core/attention.ts";
import type { Basis } from "../core/basis.ts";
import type { GalleryFinding, GalleryQuestion } from "../core/gallery.ts";
import type {
  DetectOptions,
  PromptHeadScores,
  RepeatHeadScores,
  RepeatOptions,
} from "../core/head-scores.ts";
import type {
  LensFacts,
  LensProgress,
  LensTokens,
  PredictionFacts,
  TrackedFacts,
  TrackedToken,
} from "../core/prediction.ts";
import type { Found, SearchProgress, SearchRequest } from "../core/direction.ts";
import type {
  ActiveNeurons,
  NeuronCorrelations,
  NeuronFeatures,
  NeuronId,
  NeuronRanking,
  NeuronValues,
  NeuronWeights,
} from "../core/neurons.ts";
import type { StreamFacts } from "../core/residual.ts";
import type { Edit } from "../core/edits.ts";
import type {
  CompositionScores,
  HeadCircuits,
  HeadComposition,
  StudyShare,
  VocabularySpectra,
} from "../core/weights.ts";
import type { Procedure, PromptInput } from "./procedure.ts";
import type { FeatureStudyApi } from "./feature-contract.ts";

/** The run that a figure is about. */
export interface RunInput {
  prompt: PromptInput;
  edits: Edit[];
  basis: Basis;
}
/** A figure's own options beside its run. */
type OfRun<Options, Value, Progress = never> = Procedure<RunInput & Options, Value, Progress>;

interface HeadOfBasis {
  basis: Basis;
  layer: number;
  head: number;
}

export interface FigureApi {
  "figure.attention": OfRun<AttentionOptions, AttentionFacts>;
  /** Whether what a prompt of the gallery is known to show is there. */
  "figure.gallery": OfRun<{ question: GalleryQuestion }, GalleryFinding>;
  "figure.headScores": OfRun<DetectOptions, PromptHeadScores>;
  /** `heads`: positions whose heads are told. @default all of them, which takes longest */
  "figure.attribution": OfRun<TargetChoice & { heads?: number[] }, Attribution>;
  /** `at`: positions; those past the end, and those without a target, are left out. */
  "figure.attributionNeurons": OfRun<TargetChoice & { at: number[] }, NeuronAttribution>;
  "figure.residual": OfRun<object, StreamFacts>;
  /** What the model expected: losses, the k likeliest tokens. @default k 10, temperature 1 */
  "figure.prediction": OfRun<{ k?: number; temperature?: number }, PredictionFacts>;
  /** The chances of given tokens at every position. @default temperature 1 */
  "figure.tracked": OfRun<{ track: readonly TrackedToken[]; temperature?: number }, TrackedFacts>;
  /** The logit lens. @default the k = 10 likeliest of each cell, states after attention too, no tracked tokens */
  "figure.lens": OfRun<
    { k?: number; mid?: boolean; track?: readonly TrackedToken[] },
    LensFacts,
    LensProgress
  >;
  /** Some tokens at one state of the lens, by its label, at some positions. */
  "figure.lensTokens": OfRun<
    { state: string; at: number[]; track: readonly TrackedToken[] },
    LensTokens
  >;
  "figure.neurons": OfRun<NeuronRanking, ActiveNeurons>;
  "figure.neuronValues": OfRun<{ neurons: NeuronId[] }, NeuronValues>;
}

export interface StudyApi extends FeatureStudyApi {
  /** Every head on seeded random tokens that repeat. */
  "study.headScores": Procedure<RepeatOptions, RepeatHeadScores, { done: number; total: number }>;
  /** A head's circuits: singular values, and the first `pairs` pairs of directions as `tokens` tokens at each end. */
  "study.headCircuits": Procedure<
    HeadOfBasis & { pairs: number; tokens: number },
    HeadCircuits,
    StudyShare
  >;
  /** Copying and matching scores of all heads, with their eigenvalues. */
  "study.vocabularySpectra": Procedure<{ basis: Basis }, VocabularySpectra, StudyShare>;
  /** One head with every other, which is soon known; and all with all. */
  "study.headComposition": Procedure<HeadOfBasis, HeadComposition, StudyShare>;
  "study.composition": Procedure<{ basis: Basis }, CompositionScores, StudyShare>;
  "study.examples": Procedure<SearchRequest & { basis: Basis }, Found, SearchProgress>;
  "study.neuron": Procedure<NeuronId & { basis: Basis }, NeuronWeights>;
  "study.neuronFeatures": Procedure<NeuronId & { sae: string }, NeuronFeatures>;
  /** Of a neuron with some features, over the start of the corpus in its mixed order. */
  "study.neuronCorrelations": Procedure<
    NeuronId & { sae: string; features: number[] },
    NeuronCorrelations
  >;
}

type Name<Prefix extends string, K> = K extends `${Prefix}.${infer N}` ? N : never;
/** "residual", … */
export type FigureName = Name<"figure", keyof FigureApi>;
export type FigureOptions<F extends FigureName> = Omit<
  FigureApi[`figure.${F}`]["input"],
  keyof RunInput
>;
export type FigureValue<F extends FigureName> = FigureApi[`figure.${F}`]["output"];
export type FigureProgress<F extends FigureName> = FigureApi[`figure.${F}`]["progress"];

/** "headScores", … */
export type StudyName = Name<"study", keyof StudyApi>;
export type StudyOptions<S extends StudyName> = StudyApi[`study.${S}`]["input"];
export type StudyValue<S extends StudyName> = StudyApi[`study.${S}`]["output"];
export type StudyProgress<S extends StudyName> = StudyApi[`study.${S}`]["progress"];
