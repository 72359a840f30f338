/** Worker method of the residual-stream figures. */
import type { StreamFacts } from "../core/residual.ts";
import type { TensorData } from "../core/types.ts";
import { cosinesBetween, meanRow, rowCosines, rowShares } from "../math/cosines.ts";
import { rowNorms } from "../math/norms.ts";
import { accumulatedParts, joined } from "../math/residual-stack.ts";
import type { Handlers } from "../rpc/serve.ts";
import { addedParts } from "./added-parts.ts";
import { bench } from "./bench.ts";
import { runForFigure } from "./figure-run.ts";

export const residualHandlers: Pick<Handlers, "figure.residual"> = {
  "figure.residual": async (input, { signal }) => {
    const { n_layer, n_embd: D } = bench.require().info.config;
    const stateParts = accumulatedParts(n_layer, n_layer, { inclMid: true });
    const added = addedParts(n_layer, input.edits);
    const hooks = [...stateParts.map(({ hook }) => hook), ...added.hooks];
    const run = await runForFigure(input, hooks, "none", signal);
    const states = stateParts.map(({ hook }) => run.at(hook).data);
    const components = added.values(run);
    const T = run.tokens.ids.length;
    const S = states.length;
    const unknown = new Float32Array(T).fill(NaN);
    /** embed, pos_embed, then by turns 0_attn_out, which is added to 0_pre, 0_mlp_out, added to 0_mid … */
    const before = [null, components[0]!, ...states.slice(0, -1)];
    const stateCosines = cosinesBetween(states, D);
    const value: StreamFacts = {
      tokens: run.tokens,
      states: stateParts.map(({ label }) => label),
      stateNorms: byPosition(states.map((x) => rowNorms(x, D))),
      stateCosines: { data: stateCosines, dims: [T, S, S] },
      meanCosines: { data: meanRow(stateCosines, S * S, 1), dims: [S, S] },
      components: added.labels,
      componentNorms: byPosition(components.map((y) => rowNorms(y, D))),
      componentCosines: byPosition(
        components.map((y, c) => {
          const stream = before[c];
          return stream ? rowCosines(y, stream, D) : unknown;
        }),
      ),
      componentShares: byPosition(components.map((y) => rowShares(y, states.at(-1)!, D))),
    };
    return { value };
  },
};

/** Rows of [T] → [rows, T]. */
const byPosition = (rows: readonly Float32Array[]): TensorData => ({
  data: joined(rows),
  dims: [rows.length, rows[0]!.length],
});
