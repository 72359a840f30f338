/** Worker methods of runs whose activations stay in the worker, on the GPU where there is one. */
import { LabError } from "../core/lab-error.ts";
import type { KeptRun } from "../model/loaded-model.ts";
import type { Handlers } from "../rpc/serve.ts";
import { bench } from "./bench.ts";
import { readPrompt } from "./read-prompt.ts";
import { resolveEdits } from "./resolve-edits.ts";

const kept = new Map<number, KeptRun>();
let count = 0;

export const keepHandlers: Pick<Handlers, "kept.run" | "kept.read" | "kept.release"> = {
  "kept.run": async ({ prompts, names, edits }, { signal }) => {
    const model = bench.require();
    const tokens = prompts.map((prompt) => readPrompt(model, prompt));
    const ids = tokens.map((each) => each.ids);
    const direct = await resolveEdits(model, ids, edits, { signal });
    const run = await model.keep({ ids, names, edits: direct, signal });
    const id = ++count;
    kept.set(id, run);
    return { value: { id, tokens, dims: [...run.dims] } };
  },

  "kept.read": async ({ id, name }) => {
    const run = kept.get(id);
    if (!run) {
      throw new LabError(
        "not-found",
        "these activations are no longer kept: they were released, or the worker was started again",
      );
    }
    const value = await run.read(name);
    return { value, transfer: [value.data.buffer] };
  },

  "kept.release": ({ id }) => {
    kept.get(id)?.dispose();
    kept.delete(id);
    return Promise.resolve({ value: null });
  },
};
