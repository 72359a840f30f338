/** A model of the Hub, looked at for a person who has not decided yet; and whether a kept one is still the newest. */
import { HUB } from "../core/hub-address.ts";
import type { HubSource, ModelLook } from "../core/model-source.ts";
import { hubModel, lookAtHub, readConfig } from "./hub-look.ts";
import type { LoadContext } from "./load-context.ts";
import { memoryNeed } from "./memory-need.ts";
import { openModelCache } from "./model-cache.ts";
import { preview } from "./preview.ts";
import { readStarts } from "./cached-weights.ts";
import { dtypeNames, halfBytes } from "./weight-plan.ts";

/** Without any request if the model is kept here. @throws LabError if it cannot run here */
export async function lookAtModel(source: HubSource, context: LoadContext): Promise<ModelLook> {
  const { id, revision, hub = HUB } = source;
  const cache = await openModelCache();
  const record = (await cache?.find(hub, id, revision)) ?? null;
  const texts = record?.complete === true ? ((await cache?.texts(record)) ?? null) : null;
  const starts = cache && record && texts ? await readStarts(cache, record) : null;
  const kept = texts !== null && starts !== null;
  const look = kept
    ? { preview: preview(texts.configJson, starts, context.maxTensorBytes), commit: record!.commit }
    : await lookAtHub(hubModel(source, hub, context), context);
  const { parameters, tensors, fileBytes } = look.preview;
  return {
    ...{ id, revision, hub, commit: look.commit, parameters, fileBytes, kept },
    dtype: dtypeNames(tensors),
    halfBytes: halfBytes(look.preview),
    keptBytes: cache && record ? await cache.keptBytes(record) : 0,
    memoryBytes: memoryNeed(look.preview, 0).wasmBytes,
    deviceBytes: deviceBytes(),
  };
}

function deviceBytes(): number | null {
  const { deviceMemory } = navigator as { deviceMemory?: number };
  return deviceMemory === undefined ? null : deviceMemory * 2 ** 30;
}

export async function newestCommit(
  source: HubSource,
  context: LoadContext,
): Promise<{ kept: string | null; newest: string | null }> {
  const { id, revision, hub = HUB } = source;
  const cache = await openModelCache();
  const record = await cache?.find(hub, id, revision);
  const { commit } = await readConfig(hubModel(source, hub, context), context);
  return { kept: record?.commit ?? null, newest: commit };
}
