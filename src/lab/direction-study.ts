/** Worker method of the search for examples. */
import { LabError } from "../core/lab-error.ts";
import type { Handlers } from "../rpc/serve.ts";
import { bench } from "./bench.ts";
import { searchDirection } from "./direction-search.ts";
import { openSae } from "./sae-shelf.ts";

export const directionHandlers: Pick<Handlers, "study.examples"> = {
  "study.examples": async (request, { signal, progress }) => {
    const { source } = request;
    // The console is not typed.
    if (source.kind !== "corpus" && !((source.file as unknown) instanceof Blob)) {
      throw new LabError("bad-input", 'the source is { kind: "corpus" } or { kind: "file", file }');
    }
    const value = await searchDirection(bench.require(), request, { signal, progress, openSae });
    return { value };
  },
};
