/** Worker method of the gallery: whether what a prompt is known to show is there in this run. */
import { blockHook } from "../core/hooks.ts";
import { findInRun } from "../math/gallery.ts";
import type { Handlers } from "../rpc/serve.ts";
import { bench } from "./bench.ts";
import { runForFigure } from "./figure-run.ts";

export const galleryHandlers: Pick<Handlers, "figure.gallery"> = {
  "figure.gallery": async (input, { signal }) => {
    const { info, tokenizer } = bench.require();
    const hooks = Array.from({ length: info.config.n_layer }, (_, layer) =>
      blockHook(layer, "attn.hook_pattern"),
    );
    const run = await runForFigure(input, hooks, "last", signal);
    const value = findInRun(
      {
        ids: run.tokens.ids,
        strings: run.tokens.strings,
        patterns: hooks.map(run.at),
        logits: run.logits!.data,
        idsOf: (text) => tokenizer.encode(text, false).ids,
        stringOf: (id) => tokenizer.strings([id])[0]!,
      },
      input.question,
    );
    return { value };
  },
};
