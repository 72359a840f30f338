/** Measures an SAE that is on the shelf but has no statistics and examples: an import. */
import { type TextRef, textsOf } from "../core/kept-text.ts";
import type { SaeSummary, TrainProgress } from "../core/sae.ts";
import type { LoadedModel } from "../model/loaded-model.ts";
import type { Context } from "../rpc/serve.ts";
import { measureSae, statisticsTokens } from "./sae-measure.ts";
import { checkTexts } from "./sae-request.ts";
import { openSae, putSae } from "./sae-shelf.ts";
import { openWorkshop } from "./sae-workshop.ts";

/** @param texts to measure it on from now on @default those that it was measured or trained on before */
export async function measureStored(
  id: string,
  texts: readonly TextRef[] | undefined,
  model: LoadedModel,
  { signal, progress }: Context<TrainProgress>,
): Promise<SaeSummary> {
  checkTexts(texts);
  const { summary, config, weights } = await openSae(id);
  const tokens = summary.trainedTokens ?? 0;
  const tell = (dashboardShare: number) =>
    progress({
      runId: id,
      status: "dashboards",
      step: 0,
      tokens,
      totalTokens: tokens,
      secondsLeft: null,
      points: [],
      dashboardShare,
    });
  tell(0);
  const shop = await openWorkshop(model, config, texts ?? textsOf(summary));
  try {
    const { metrics, dashboards } = await measureSae({
      ...shop,
      config,
      weights,
      tokens: statisticsTokens(summary.trainedTokens),
      signal,
      onShare: tell,
    });
    const measured: SaeSummary = {
      ...{ ...summary, metrics, hasDashboards: true },
      ...(texts && { texts }),
    };
    await putSae(measured, weights, dashboards);
    return measured;
  } finally {
    shop.dispose();
  }
}
