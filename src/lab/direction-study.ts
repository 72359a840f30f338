/** Worker method of the search for examples. The last one is kept, so that the same search goes on where it was stopped. */
import type { SearchRequest, TextSource } from "../core/direction.ts";
import type { Basis } from "../core/basis.ts";
import { LabError } from "../core/lab-error.ts";
import type { LoadedModel } from "../model/loaded-model.ts";
import type { Handlers } from "../rpc/serve.ts";
import { bench } from "./bench.ts";
import { type DirectionSearch, openSearch } from "./direction-search.ts";
import { openSae } from "./sae-shelf.ts";

type Request = SearchRequest & { basis: Basis };
interface KeptSearch {
  model: LoadedModel;
  key: string;
  search: DirectionSearch;
}
let last: KeptSearch | null = null;

/** The same for searches that differ in how far they go. Of a file, or a vector, nothing is kept: they are no short text. */
function keyOf({ direction, source, keep, basis }: Request): string | null {
  if (source.kind === "file" || direction.kind === "vector") return null;
  return JSON.stringify([direction, keep, basis, source.kind === "kept" ? source.text.id : ""]);
}

export const directionHandlers: Pick<Handlers, "study.examples"> = {
  "study.examples": async (request, { signal, progress }) => {
    const { source, tokens } = request;
    checkSource(source);
    const model = bench.require();
    const key = keyOf(request);
    const kept = last?.model === model && last.key === key ? last.search : null;
    last = null; // while it is read, nobody else goes on with it
    // One that has read more than is asked for would tell of more.
    const goesOn = kept && (tokens === null || kept.tokens() < tokens);
    const search = goesOn ? kept : await openSearch(model, request, { signal, openSae });
    try {
      return { value: await search.read(tokens, { signal, progress }) };
    } finally {
      if (key !== null) last = { model, key, search };
    }
  },
};

/** @throws LabError "bad-input": the console is not typed */
function checkSource(source: TextSource): void {
  const given = source as { kind: unknown; file?: unknown; text?: { id?: unknown } };
  if (given.kind === "corpus") return;
  if (given.kind === "file" && given.file instanceof Blob) return;
  if (given.kind === "kept" && typeof given.text?.id === "string") return;
  throw new LabError(
    "bad-input",
    'the source is { kind: "corpus" }, { kind: "file", file } or { kind: "kept", text }, a text of lab.texts.list()',
  );
}
