/** Worker method of the residual-stream figure. */
import type { StreamFacts } from "../core/residual.ts";
import type { TensorData } from "../core/types.ts";
import { rowNorms } from "../math/norms.ts";
import { accumulatedParts, decomposedParts, type StackPart } from "../math/residual-stack.ts";
import type { Handlers } from "../rpc/serve.ts";
import { bench } from "./bench.ts";
import { type FigureRun, runForFigure } from "./figure-run.ts";

export const residualHandlers: Pick<Handlers, "figure.residual"> = {
  "figure.residual": async (input, { signal }) => {
    const { n_layer, n_embd } = bench.require().info.config;
    const states = accumulatedParts(n_layer, n_layer, { inclMid: true });
    const components = decomposedParts(n_layer);
    const hooks = [...states, ...components].map(({ hook }) => hook);
    const run = await runForFigure(input, hooks, "none", signal);
    const value: StreamFacts = {
      tokens: run.tokens,
      states: states.map(({ label }) => label),
      stateNorms: norms(run, states, n_embd),
      components: components.map(({ label }) => label),
      componentNorms: norms(run, components, n_embd),
    };
    return { value };
  },
};

/** [parts, T] */
function norms(run: FigureRun, parts: readonly StackPart[], D: number): TensorData {
  const T = run.tokens.ids.length;
  const data = new Float32Array(parts.length * T);
  parts.forEach(({ hook }, i) => data.set(rowNorms(run.at(hook).data, D), i * T));
  return { data, dims: [parts.length, T] };
}
