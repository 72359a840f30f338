/** Worker methods around models of the Hub: a look before the download, newer versions, and what is kept here. */
import { appUrl } from "../core/app-url.ts";
import { LabError } from "../core/lab-error.ts";
import type { StorageReport } from "../core/storage-report.ts";
import type { DevicePreference } from "../core/types.ts";
import { chooseDevice } from "../model/device.ts";
import type { LoadContext } from "../model/load-context.ts";
import { keptModels, openModelCache, type ModelCache, recordFolder } from "../model/model-cache.ts";
import { unlessLocked } from "../model/model-lock.ts";
import { lookAtModel, newestCommit } from "../model/model-look.ts";
import type { HubApi } from "../rpc/hub-contract.ts";
import type { Handlers } from "../rpc/serve.ts";
import { listSaes } from "../storage/sae-store.ts";

type HubHandlers = Pick<Handlers, keyof HubApi>;

export const hubHandlers: HubHandlers = {
  "model.look": async ({ source, device }, { signal, progress }) => {
    const maxTensorBytes = await deviceLimit(device);
    return { value: await lookAtModel(source, context(signal, progress, maxTensorBytes)) };
  },

  "model.newest": async (source, { signal }) => {
    return {
      value: await newestCommit(
        source,
        context(signal, () => {}),
      ),
    };
  },

  "storage.report": async () => ({ value: await report(await openModelCache()) }),

  "storage.delete": async ({ keys }) => {
    const cache = await openModelCache();
    for (const record of (await cache?.list()) ?? []) {
      if (!keys.includes(recordFolder(record).href)) continue;
      await unlessLocked(record.hub, record.id, async () => cache?.forget(record));
    }
    return { value: await report(cache) };
  },
};

const context = (
  signal: AbortSignal,
  progress: LoadContext["progress"],
  maxTensorBytes?: number,
): LoadContext => ({ baseUrl: new URL(appUrl("./")), signal, progress, maxTensorBytes });

/** The largest tensor of a GPU that was asked for by name; with "auto" a model that is too large goes to the CPU. */
export async function deviceLimit(preference: DevicePreference): Promise<number | undefined> {
  if (preference !== "webgpu") return undefined;
  const { gpu } = await chooseDevice(preference);
  return gpu
    ? Math.min(gpu.limits.maxStorageBufferBindingSize, gpu.limits.maxBufferSize)
    : undefined;
}

async function report(cache: ModelCache | null): Promise<StorageReport> {
  const storage = (navigator as Partial<Navigator>).storage; // absent where the page is not served securely
  const [models, saes, estimate, persisted] = await Promise.all([
    cache ? keptModels(cache) : [],
    saeSizes(),
    storage?.estimate().catch(() => null),
    storage?.persisted().catch(() => false),
  ]);
  return {
    models,
    saes,
    usedBytes: estimate?.usage ?? null,
    quotaBytes: estimate?.quota ?? null,
    persisted: persisted ?? false,
  };
}

async function saeSizes(): Promise<StorageReport["saes"]> {
  const list = await listSaes().catch((e: unknown) => {
    // A browser that lets nobody store anything: then there is nothing to list.
    if (e instanceof LabError) return [];
    throw e;
  });
  return { count: list.length, bytes: list.reduce((sum, { bytes }) => sum + bytes, 0) };
}
