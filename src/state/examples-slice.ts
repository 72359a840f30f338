/** The search for examples: asked for with a button, since it may take minutes. What was found stays when it is stopped. */
import type { Found, SearchProgress, SearchRequest } from "../core/direction.ts";
import type { TextRef } from "../core/kept-text.ts";
import { type LabError, toLabError } from "../core/lab-error.ts";
import { joinTokens, readable } from "../core/token-bytes.ts";
import type { ModelInfo } from "../api/lab.ts";
import type { Basis } from "../core/basis.ts";
import type { Slice } from "./store.ts";

export interface ExampleSearch {
  status: "running" | "done" | "stopped" | "failed";
  request: SearchRequest & { basis: Basis };
  /** The model that was searched with: another's examples are none of the one on the bench. */
  model: ModelInfo;
  progress: SearchProgress | null;
  found: Found | null;
  error: LabError | null;
}
export interface ExamplesSlice {
  /** The last one asked for; null before. */
  exampleSearch: ExampleSearch | null;
  searchExamples: (request: SearchRequest) => Promise<void>;
  stopSearch: () => void;
  /** The text to search through, in place of the corpus. It stays in this tab. */
  searchFile: File | null;
  setSearchFile: (file: File | null) => void;
  /** A text that this browser keeps, to search through in place of the corpus. */
  searchText: TextRef | null;
  setSearchText: (text: TextRef | null) => void;
  /** A vector to search for, as it was pasted: too long for an address. */
  vectorText: string;
  setVectorText: (text: string) => void;
  /** Puts an example's text into the prompt, from its beginning to a little past a token, and selects that token. */
  showExample: (tokens: readonly string[], at: number) => void;
}
/** Tokens after the selected one. */
const AFTER = 8;

export const createExamplesSlice: Slice<ExamplesSlice> = (lab) => (set, get) => {
  let open: AbortController | null = null;
  return {
    exampleSearch: null,
    searchExamples: async (given) => {
      const { model, basis } = get();
      if (!lab.model || model.status !== "ready") return;
      open?.abort();
      const mine = new AbortController();
      open = mine;
      const request = { ...given, basis };
      let search: ExampleSearch = {
        ...{ status: "running", request, model: model.value },
        ...{ progress: null, found: null, error: null },
      };
      const put = (patch: Partial<ExampleSearch>) => {
        if (open !== mine) return;
        search = { ...search, ...patch };
        set({ exampleSearch: search });
      };
      put({});
      try {
        const found = await lab.model.study("examples", {
          ...request,
          signal: mine.signal,
          onProgress: (progress) => put({ progress, found: progress.found ?? search.found }),
        });
        put({ status: "done", found });
      } catch (e) {
        const error = toLabError(e);
        put(error.code === "cancelled" ? { status: "stopped" } : { status: "failed", error });
      }
    },
    stopSearch: () => open?.abort(),
    searchFile: null,
    setSearchFile: (searchFile) => set({ searchFile, searchText: null }),
    searchText: null,
    setSearchText: (searchText) => set({ searchText, searchFile: null }),
    vectorText: "",
    setVectorText: (vectorText) => set({ vectorText }),
    showExample: (tokens, at) => {
      const text = (end: number) => readable(joinTokens(tokens.slice(0, end)));
      // The first words of a context may be read otherwise than in their text: counted anew.
      const upTo = lab.model?.toTokens(text(at + 1));
      if (!upTo) return;
      get().setPrependBos(true); // as the model had it
      get().replaceText(text(at + 1 + AFTER));
      set({ position: upTo.length - 1 }); // of the text to come, so not held to the one before
    },
  };
};
