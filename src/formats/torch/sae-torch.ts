/**
 * SAEs as PyTorch state dicts: OpenAI's and dictionary_learning's, told apart by the names of their tensors. Neither file says
 * all that is needed: what is missing is asked for.
 */
import {
  DICTIONARY_KINDS,
  type ReadSae,
  type SaeQuestion,
  type SaidOfSae,
} from "../../core/sae-import.ts";
import {
  dictionaryShape,
  hookOfDictionaryPath,
  isDictionary,
  needsKind,
  readDictionary,
  readDictionaryConfig,
} from "./dictionary-learning.ts";
import { hookOfOpenAiPath, isOpenAiSae, openAiShape, readOpenAiSae } from "./openai-sae.ts";
import { StateDict } from "./state-dict.ts";

export interface TorchSaeFiles {
  bytes: Uint8Array;
  /** Name of the file, with its folders where they are known. */
  file: string;
  /** dictionary_learning's `config.json` */
  cfg: Uint8Array | null;
}

/**
 * @param said what the user has said of it, beyond what the files say
 * @throws LabError "bad-file" for broken files; "unsupported" for a dictionary of another kind
 */
export function importTorchSae(
  { bytes, file, cfg }: TorchSaeFiles,
  said: SaidOfSae | null,
): ReadSae | { question: SaeQuestion } {
  const state = StateDict.read(bytes, file);
  if (isOpenAiSae(state)) {
    const { dIn, dSae } = openAiShape(state);
    const hook = hookOfOpenAiPath(file);
    if (!said) return { question: { format: "OpenAI", file, dIn, dSae, hook, kinds: [] } };
    return { ...readOpenAiSae(state, said), name: null, densities: null };
  }
  if (!isDictionary(state)) state.refuse();
  const config = cfg && readDictionaryConfig(cfg);
  const hook = said?.hook ?? config?.hook ?? null;
  const kind = said?.kind ?? config?.kind;
  const asksKind = needsKind(state) && !DICTIONARY_KINDS.some((known) => known === kind);
  // A kind that config.json names and nobody here knows is refused below, not guessed at.
  if (hook === null || (asksKind && kind === undefined)) {
    return {
      question: {
        ...{ format: "dictionary_learning", file, ...dictionaryShape(state) },
        hook: hook ?? hookOfDictionaryPath(file),
        kinds: asksKind ? DICTIONARY_KINDS : [],
      },
    };
  }
  const facts = {
    hook,
    modelId: said?.modelId ?? config?.modelId ?? "unknown",
    kind,
    contextSize: config?.contextSize ?? 128,
  };
  return { ...readDictionary(state, facts), name: null, notes: [], densities: null };
}
