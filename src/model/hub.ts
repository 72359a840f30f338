/**
 * Checkpoints from the Hugging Face Hub, or a mirror in its place: first what the small files and the weights' headers
 * tell, so that a model that cannot run is refused before its download; then the weights, streamed into memory and into
 * the browser's cache. A cached model is loaded without any request, also when its branch has moved on since.
 */
import { HUB } from "../core/hub-address.ts";
import type { HubSource } from "../core/model-source.ts";
import { fromCache } from "./cached-model.ts";
import type { Checkpoint } from "./checkpoint.ts";
import { fetchModel } from "./hub-fetch.ts";
import { hubModel } from "./hub-look.ts";
import type { LoadContext } from "./load-context.ts";
import { openModelCache } from "./model-cache.ts";
import { withModelLock } from "./model-lock.ts";

export async function fromHub(source: HubSource, context: LoadContext): Promise<Checkpoint> {
  const hub = source.hub ?? HUB;
  const cache = await openModelCache();
  const find = async () => (await cache?.find(hub, source.id, source.revision)) ?? null;
  if (!source.refresh) {
    const checkpoint = await fromCache(cache, await find(), source, context);
    if (checkpoint) return checkpoint;
  }
  const look = async () => {
    const record = await find();
    if (!record || !cache) return { loadedBytes: 0, totalBytes: null };
    const totalBytes = record.files.reduce((sum, { bytes }) => sum + bytes, 0);
    return { loadedBytes: await cache.keptBytes(record), totalBytes };
  };
  const began = new Date().toISOString();
  return withModelLock(hub, source.id, context, look, async () => {
    // Another tab may have fetched it meanwhile.
    const kept = await find();
    if (!source.refresh || (kept && kept.savedAt > began)) {
      const checkpoint = await fromCache(cache, kept, source, context);
      if (checkpoint) return checkpoint;
    }
    return fetchModel(hubModel(source, hub, context), source, cache, context);
  });
}
