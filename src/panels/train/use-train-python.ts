/** Python for a training run: the one that is done, or else the one that the form asks for. */
import { DEFAULT_PACE, defaultRecipe, type Recipe } from "../../core/sae-recipe.ts";
import type { TrainRequest } from "../../core/sae.ts";
import type { ModelInfo } from "../../core/model-info.ts";
import type { TrainFacts } from "../../python/train.ts";
import { trainPython } from "../../python/train.ts";
import { useLab } from "../../state/context.ts";
import { useRunFacts } from "../../state/run-facts.ts";
import { hookWidth } from "../../state/sae-fit.ts";
import { chosenTexts } from "../../state/texts-slice.ts";
import { planTraining } from "../../state/train-form.ts";
import type { Python } from "../../ui/figure-numbers.ts";

const LONGEST_CONTEXT = 128;

/** @param gpus that there are */
export function useTrainPython(of: "form" | "run", gpus = 1): Python {
  const model = useLab((s) => s.model);
  const form = useLab((s) => s.trainRequest);
  const trained = useLab((s) => s.trainedRequest);
  const texts = useLab((s) => s.texts);
  const facts = useRunFacts();
  if (model.status !== "ready") return NO_MODEL;
  const { value } = model;
  const done = of === "run" ? trained : null;
  const { chosen } = chosenTexts(form, texts);
  const { request: asked, requests } = planTraining(form, value.config);
  const request = done ?? (asked && { ...asked, texts: chosen });
  if (request?.out) return NO_TRANSCODERS;
  return request
    ? () =>
        trainPython(facts(), {
          ...trainFacts(request, value),
          others: of === "form" ? requests.slice(1).map((one) => trainFacts(one, value)) : [],
          gpus,
        })
    : { none: "the form has a setting that cannot be." };
}

const NO_TRANSCODERS = {
  none: "SAELens runs transcoders, and has no class that trains them.",
};
const NO_MODEL = { none: "there is no model on the bench." };

function trainFacts(request: TrainRequest, { config }: ModelInfo): TrainFacts {
  const { hook, dSae, tokens, seed } = request;
  return {
    recipe: { ...defaultRecipe(request.variant, dSae), ...request } as Recipe,
    ...{ hook, dSae, tokens, seed },
    dIn: hookWidth(hook, config) ?? config.n_embd,
    contextSize: Math.min(LONGEST_CONTEXT, config.n_positions),
    texts: (request.texts ?? []).map(({ name }) => name),
    pace: { ...DEFAULT_PACE, ...request },
  };
}
