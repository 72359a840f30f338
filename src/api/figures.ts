/** `lab.model.figure` and `lab.model.study`: the numbers under the page's figures. */
import type { Basis } from "../core/basis.ts";
import type { Edit } from "../core/edits.ts";
import type { LabClient } from "../rpc/client.ts";
import type { LabApi } from "../rpc/contract.ts";
import type { PromptInput } from "../rpc/procedure.ts";
import type {
  FigureName,
  FigureOptions,
  FigureProgress,
  FigureValue,
  StudyName,
  StudyOptions,
  StudyProgress,
  StudyValue,
} from "../rpc/figure-contract.ts";
import { checkChoice, editList } from "./options.ts";
import { asPrompt, checkBasis, type Prompt } from "./run.ts";

export interface FigureRunOptions<P> {
  edits?: readonly Edit[];
  /** @default "raw" */
  basis?: Basis;
  /** For text only. @default true */
  prependBos?: boolean;
  signal?: AbortSignal;
  onProgress?: (progress: P) => void;
}
export interface StudyRunOptions<P> {
  signal?: AbortSignal;
  onProgress?: (progress: P) => void;
}
export interface FigureMethods {
  /** A figure of one prompt: the numbers that the Explore lab draws. */
  figure<F extends FigureName>(
    name: F,
    what: Prompt | PromptInput,
    options: FigureOptions<F> & FigureRunOptions<FigureProgress<F>>,
  ): Promise<FigureValue<F>>;
  /** A figure of the model alone: of its weights, or over a corpus. */
  study<S extends StudyName>(
    name: S,
    options: StudyOptions<S> & StudyRunOptions<StudyProgress<S>>,
  ): Promise<StudyValue<S>>;
}

/** By name, so that another one is refused with those there are. */
const FIGURES: Record<FigureName, true> = {
  attention: true,
  gallery: true,
  headScores: true,
  attribution: true,
  attributionNeurons: true,
  residual: true,
  prediction: true,
  tracked: true,
  lens: true,
  lensTokens: true,
  neurons: true,
  neuronValues: true,
};
const STUDIES: Record<StudyName, true> = {
  headScores: true,
  headCircuits: true,
  vocabularySpectra: true,
  headComposition: true,
  composition: true,
  examples: true,
  neuron: true,
  neuronFeatures: true,
  neuronCorrelations: true,
  featureNeurons: true,
  featureAcross: true,
  featureMap: true,
  featureText: true,
  featuresByToken: true,
  featureAblation: true,
};

const isInput = (what: Prompt | PromptInput): what is PromptInput =>
  typeof what === "object" && ("text" in what || "ids" in what);

export const figureMethods = (client: LabClient): FigureMethods => ({
  figure: async (name, what, options) => {
    checkChoice("a figure's name", name, Object.keys(FIGURES));
    const { edits = [], basis = "raw", prependBos = true, signal, onProgress, ...own } = options;
    checkBasis(basis);
    const prompt = isInput(what) ? what : asPrompt(what, prependBos);
    type F = `figure.${typeof name}`;
    const input = {
      ...own,
      prompt,
      edits: editList(edits),
      basis,
    } as unknown as LabApi[F]["input"];
    return client.call<F>(`figure.${name}`, input, { signal, onProgress });
  },
  study: async (name, options) => {
    checkChoice("a study's name", name, Object.keys(STUDIES));
    type S = `study.${typeof name}`;
    const { signal, onProgress, ...own } = options as StudyRunOptions<StudyProgress<typeof name>>;
    return client.call<S>(`study.${name}`, own as unknown as LabApi[S]["input"], {
      signal,
      onProgress,
    });
  },
});
