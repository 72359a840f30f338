/** What training and measuring an SAE both need of the model on the bench: backend, corpus, activations at its hooks. */
import { appUrl } from "../core/app-url.ts";
import type { TextRef } from "../core/kept-text.ts";
import { LabError } from "../core/lab-error.ts";
import type { SaeConfig } from "../core/sae.ts";
import type { LoadedModel } from "../model/loaded-model.ts";
import { type Backend, openBackend } from "../train/backend.ts";
import type { Rows } from "../train/shuffle-buffer.ts";
import { bench } from "./bench.ts";
import type { Corpus } from "./corpus.ts";
import { createHarvester, type HookWidth } from "./harvest.ts";
import { corpusFor } from "./model-corpus.ts";
import { contextsPerBatch } from "./sae-measure.ts";

export interface Workshop {
  backend: Backend;
  corpus: Corpus;
  /** Contexts that one harvest should bring. */
  perHarvest: number;
  /** @throws LabError "not-found" if another model has been put on the bench */
  harvest(ids: Int32Array): Promise<Rows>;
  dispose(): void;
}

/** @param texts the user's, in place of the lab's corpus @throws LabError as `corpusFor` */
export async function openWorkshop(
  model: LoadedModel,
  { hook, dIn, out }: Pick<SaeConfig, "hook" | "dIn" | "out">,
  texts?: readonly TextRef[],
): Promise<Workshop> {
  const backend = await openBackend(model.gpu, appUrl("tfjs/"), model.info.threads);
  const corpus = await corpusFor(model, texts);
  const T = corpus.contextSize;
  const perHarvest = contextsPerBatch(T, dIn + (out?.width ?? 0));
  const read: HookWidth[] = [{ hook, width: dIn }, ...(out ? [out] : [])];
  const harvester = createHarvester(model, backend, read, T, 16);
  return {
    backend,
    corpus,
    perHarvest,
    harvest(ids) {
      if (bench.require() !== model) {
        throw new LabError(
          "not-found",
          "another model was put on the bench, so this run has stopped; go on with it when its model is back",
        );
      }
      return harvester.harvest(ids);
    },
    dispose: () => harvester.dispose(),
  };
}
