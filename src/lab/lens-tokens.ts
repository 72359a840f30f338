/** Worker method of one state of the logit lens at some positions: the chances of any tokens there. */
import { LabError } from "../core/lab-error.ts";
import type { TokenChances } from "../core/prediction.ts";
import { distributionOf } from "../math/distribution.ts";
import { accumulatedParts } from "../math/residual-stack.ts";
import type { Handlers } from "../rpc/serve.ts";
import { bench } from "./bench.ts";
import { runForFigure } from "./figure-run.ts";
import { unembedded } from "./lens.ts";
import { logitsAt, putChances, trackedIds } from "./token-chances.ts";

export const lensTokenHandlers: Pick<Handlers, "figure.lensTokens"> = {
  "figure.lensTokens": async (input, { signal }) => {
    const model = bench.require();
    const { n_layer, n_embd: D, vocab_size: V } = model.info.config;
    const parts = accumulatedParts(n_layer, n_layer, { inclMid: true });
    const part = parts.find(({ label }) => label === input.state);
    if (!part) {
      const labels = parts.map(({ label }) => label).join(", ");
      throw new LabError("not-found", `no state ${input.state}; this model has ${labels}`);
    }
    const ids = trackedIds(model, input.track);
    // The last state's logits are the run's own, with edits of ln_final.
    const isLast = part === parts.at(-1);
    const run = await runForFigure(
      input,
      isLast ? [] : [part.hook],
      isLast ? "all" : "none",
      signal,
    );
    const at = input.at.filter((t) => t >= 0 && t < run.tokens.ids.length);
    const rows = isLast
      ? at.map((t) => logitsAt(run.logits!.data, V, t))
      : await statesRead(at.map((t) => run.at(part.hook).data.subarray(t * D, (t + 1) * D)));
    async function statesRead(vectors: readonly Float32Array[]): Promise<Float32Array[]> {
      if (vectors.length === 0) return [];
      const found = await unembedded(model, input.basis, vectors, signal);
      return vectors.map((_, i) => logitsAt(found, V, i));
    }
    const strings = model.tokenizer.strings(ids);
    const empty = () => new Float32Array(at.length);
    const tracked = ids.map((id, i): TokenChances => ({
      ...{ id, string: strings[i]!, logit: empty(), probability: empty(), rank: empty() },
    }));
    rows.forEach((z, i) => putChances(z, distributionOf(z).logSum, tracked, i));
    return { value: { tokens: run.tokens, state: input.state, at, tracked } };
  },
};
