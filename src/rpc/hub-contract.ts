/** The worker's methods around models of the Hub: what one is before it is fetched, and what is kept of them here. */
import type { HubSource, LoadProgress, ModelLook } from "../core/model-source.ts";
import type { StorageReport } from "../core/storage-report.ts";
import type { DevicePreference } from "../core/types.ts";
import type { Procedure } from "./procedure.ts";

export interface HubApi {
  /** Some hundred kilobytes at most. Refuses a model that cannot run here, as loading it would. */
  "model.look": Procedure<{ source: HubSource; device: DevicePreference }, ModelLook, LoadProgress>;
  /** The commit that a branch is at now, and the one that is kept for it here. */
  "model.newest": Procedure<HubSource, { kept: string | null; newest: string | null }>;
  "storage.report": Procedure<null, StorageReport>;
  /** Deletes the models with these keys, and tells what is left. */
  "storage.delete": Procedure<{ keys: string[] }, StorageReport>;
}
