/** What was computed and this browser keeps: written behind the page's back; what could not be written is said. */
import type { AnswerKind, AnswerOf } from "../core/kept-answer.ts";
import { type LabError, toLabError } from "../core/lab-error.ts";
import type { Slice } from "./store.ts";

export interface AnswersSlice {
  /** Why something could not be kept, or read. */
  answerError: LabError | null;
  dismissAnswerError: () => void;
  keepAnswer: <K extends AnswerKind>(kind: K, key: string, value: AnswerOf[K]) => Promise<void>;
  /** All of a kind, by key; read once. */
  readAnswers: <K extends AnswerKind>(kind: K) => Promise<Readonly<Record<string, AnswerOf[K]>>>;
}

export const createAnswersSlice: Slice<AnswersSlice> = (lab) => (set) => {
  const reading = new Map<AnswerKind, Promise<Readonly<Record<string, AnswerOf[AnswerKind]>>>>();
  return {
    answerError: null,
    dismissAnswerError: () => set({ answerError: null }),
    keepAnswer: async (kind, key, value) => {
      try {
        await lab.circuits.keepAnswer(kind, key, value);
        set({ answerError: null });
      } catch (e) {
        set({ answerError: toLabError(e) });
      }
    },
    readAnswers: <K extends AnswerKind>(kind: K) => {
      const known =
        reading.get(kind) ??
        lab.circuits
          .answers(kind)
          .then((kept) => Object.fromEntries(kept))
          .catch((e: unknown) => {
            reading.delete(kind);
            set({ answerError: toLabError(e) });
            return {};
          });
      reading.set(kind, known);
      return known as Promise<Readonly<Record<string, AnswerOf[K]>>>;
    },
  };
};
