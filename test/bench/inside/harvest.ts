/** How fast activations come from the embedded model into training, corpus and tokenizer included. */
import { appUrl } from "../../../src/core/app-url.ts";
import { bench } from "../../../src/lab/bench.ts";
import { CorpusReader } from "../../../src/lab/corpus-reader.ts";
import { openWorkshop } from "../../../src/lab/sae-workshop.ts";
import { getCheckpoint } from "../../../src/model/get-checkpoint.ts";
import { loadModel } from "../../../src/model/load.ts";

export interface HarvestQuestion {
  model: string;
  hook: string;
  repeats: number;
}
export interface HarvestAnswer {
  tokensPerSecond: number;
  perHarvest: number;
}

export async function measureHarvest({
  model: id,
  hook,
  repeats,
}: HarvestQuestion): Promise<HarvestAnswer> {
  const context = {
    baseUrl: new URL(appUrl("./")),
    signal: new AbortController().signal,
    progress: () => undefined,
  };
  const model = await loadModel(await getCheckpoint({ kind: "embedded", id }, context), "wasm");
  await bench.set(model);
  const width = model.info.config.n_embd;
  const shop = await openWorkshop(model, { hook, dIn: width });
  const reader = new CorpusReader(shop.corpus, 1);
  const rates: number[] = [];
  let perHarvest = 0;
  for (let i = -2; i < repeats; i++) {
    const ids = await reader.next(shop.perHarvest);
    const start = performance.now();
    const rows = await shop.harvest(ids);
    const seconds = (performance.now() - start) / 1000;
    perHarvest = rows instanceof Float32Array ? rows.length / width : rows.shape[0];
    if (!(rows instanceof Float32Array)) rows.dispose();
    if (i >= 0) rates.push(perHarvest / seconds);
  }
  shop.dispose();
  return { tokensPerSecond: rates.sort((a, b) => a - b)[rates.length >> 1]!, perHarvest };
}
