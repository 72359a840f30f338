/** How many tokens the model on the bench knows; of none 2, so that a logarithm of it can be taken. */
import { useLab } from "./context.ts";

export const useVocabulary = (): number =>
  useLab((s) => (s.model.status === "ready" ? s.model.value.config.vocab_size : 2));
