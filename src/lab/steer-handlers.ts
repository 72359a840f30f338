/** Worker methods of the Steer lab: the next token under the sliders, chances of a text, dose–response. */
import { readSteer, readSteerRows } from "../core/steer-shape.ts";
import { viewLimit } from "../core/view-limit.ts";
import type { Handlers } from "../rpc/serve.ts";
import { bench } from "./bench.ts";
import { readPrompt, readWhole, tokenize } from "./read-prompt.ts";
import { benchSources } from "./resolve-edits.ts";
import { steerEffects } from "./steer-effects.ts";
import { steerPrompt } from "./steer-prompt.ts";
import { scoreText } from "./steer-score.ts";

export const steerHandlers: Pick<Handlers, "prompt.steer" | "steer.score" | "steer.effects"> = {
  "prompt.steer": async ({ prompt, steer, topK }, { signal }) => {
    const model = bench.require();
    // Cut as the view is, so that both speak of the same last token.
    const { ids } = readPrompt(model, prompt, viewLimit(model.info.config));
    const context = { sources: benchSources(model), signal, topK };
    return { value: await steerPrompt(model, ids, readSteer(steer), context) };
  },

  "steer.score": async ({ prompt, tokens, steer }, { signal }) => {
    const model = bench.require();
    const { ids } = readWhole(model, prompt);
    tokenize(model, { ids: tokens }); // refuses what is no token id
    const context = { sources: benchSources(model), signal };
    return { value: await scoreText(model, ids, tokens, readSteer(steer), context) };
  },

  "steer.effects": async ({ prompt, settings, attention, tokens, text }, context) => {
    const model = bench.require();
    const { ids } = readPrompt(model, prompt, viewLimit(model.info.config));
    const value = await steerEffects(
      model,
      {
        ...{ ids, tokens, attention },
        settings: settings.map(readSteerRows),
        text: text && readPrompt(model, text, viewLimit(model.info.config)).ids,
      },
      { ...context, sources: benchSources(model) },
    );
    return { value };
  },
};
