/**
 * Tokens that are followed: in the prediction view through the positions, in the logit lens through the layers too. Kept as
 * text, so that a link holds for another model; whether a text is one token there is asked of the model on the bench.
 */
import { LabError, toLabError } from "../core/lab-error.ts";
import { useLab } from "./context.ts";
import { useText } from "./options-slice.ts";
import type { Slice } from "./store.ts";

const LIMIT = 400; // characters of the list: a link has room for other things too

export interface TrackedSlice {
  /** @throws LabError "bad-input" for a text that is not one token, "not-found" without a model */
  tokenOf: (text: string) => number;
}
export interface Tracked {
  text: string;
  /** null for a text that is not one token of this model's. */
  id: number | null;
}

export const createTrackedSlice: Slice<TrackedSlice> = (lab) => () => ({
  tokenOf: (text) => {
    if (lab.model) return lab.model.toSingleToken(text);
    throw new LabError("not-found", "no model is loaded yet");
  },
});

/** The texts out of their option; none where it is no list of texts. */
export function readTexts(option: string): string[] {
  try {
    const list: unknown = JSON.parse(option);
    return Array.isArray(list) ? list.filter((text) => typeof text === "string") : [];
  } catch {
    return [];
  }
}

export function useTracked() {
  const [option, setOption] = useText("track.tokens", "[]");
  const tokenOf = useLab((s) => s.tokenOf);
  const ready = useLab((s) => s.model.status === "ready");
  const texts = readTexts(option);
  const idOf = (text: string): number | null => {
    try {
      return ready ? tokenOf(text) : null;
    } catch {
      return null;
    }
  };
  const tracked = texts.map((text): Tracked => ({ text, id: idOf(text) }));
  return {
    tracked,
    ids: tracked.flatMap(({ id }) => id ?? []),
    /** @returns what is wrong with the text; null if it is followed now */
    add: (text: string): LabError | null => {
      try {
        tokenOf(text);
      } catch (e) {
        return toLabError(e);
      }
      const next = JSON.stringify([...new Set([...texts, text])]);
      if (next.length > LIMIT) {
        return new LabError("bad-input", "there is no room for more tokens; let one go first");
      }
      setOption(next);
      return null;
    },
    remove: (text: string) => setOption(JSON.stringify(texts.filter((other) => other !== text))),
  };
}
