/** Worker methods of head scores. */
import { PATTERN_SCORES } from "../core/head-scores.ts";
import type { Handlers } from "../rpc/serve.ts";
import { bench } from "./bench.ts";
import { runForFigure } from "./figure-run.ts";
import { joinLayers, patternHooks, patternScores } from "./head-scores.ts";
import { repeatScores } from "./repeat-scores.ts";

export const headScoreHandlers: Pick<Handlers, "figure.headScores" | "study.headScores"> = {
  "figure.headScores": async (input, { signal }) => {
    const { config } = bench.require().info;
    const names = patternHooks(config);
    const run = await runForFigure(input, names, "none", signal);
    const layers = names.map((name) => patternScores(run.at(name).data, run.tokens.ids, input));
    const scores = joinLayers(PATTERN_SCORES, layers);
    return { value: { layers: config.n_layer, heads: config.n_head, scores } };
  },

  "study.headScores": async (options, { signal, progress }) => ({
    value: await repeatScores(bench.require(), options, signal, progress),
  }),
};
