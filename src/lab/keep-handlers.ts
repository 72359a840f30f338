/** Worker methods of runs whose activations stay in the worker, on the GPU where there is one. */
import { parseHook } from "../core/hooks.ts";
import { LabError } from "../core/lab-error.ts";
import { markPadding } from "../math/padding.ts";
import type { Gpt2Config } from "../core/types.ts";
import type { KeptRun } from "../model/loaded-model.ts";
import type { Handlers } from "../rpc/serve.ts";
import { bench } from "./bench.ts";
import { readWhole } from "./read-prompt.ts";
import { resolveEdits } from "./resolve-edits.ts";

interface Kept {
  run: KeptRun;
  config: Gpt2Config;
  /** Tokens of each prompt: what lies beyond is NaN, as in any run. */
  lengths: number[];
}
const kept = new Map<number, Kept>();
let count = 0;

export const keepHandlers: Pick<Handlers, "kept.run" | "kept.read" | "kept.release"> = {
  "kept.run": async ({ prompts, names, edits }, { signal }) => {
    const model = bench.require();
    const tokens = prompts.map((prompt) => readWhole(model, prompt));
    const ids = tokens.map((each) => each.ids);
    const direct = await resolveEdits(model, ids, edits, { signal });
    const run = await model.keep({ ids, names, edits: direct, signal });
    const id = ++count;
    kept.set(id, { run, config: model.info.config, lengths: ids.map((row) => row.length) });
    return { value: { id, tokens, dims: [...run.dims] } };
  },

  "kept.read": async ({ id, name }) => {
    const found = kept.get(id);
    if (!found) {
      throw new LabError(
        "not-found",
        "these activations are no longer kept: they were released, or the worker was started again",
      );
    }
    const { run, config, lengths } = found;
    const value = await run.read(name);
    markPadding(value, parseHook(name, config).axes[0] === "T" ? 1 : 2, lengths);
    return { value, transfer: [value.data.buffer] };
  },

  "kept.release": ({ id }) => {
    kept.get(id)?.run.dispose();
    kept.delete(id);
    return Promise.resolve({ value: null });
  },
};
