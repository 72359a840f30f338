/** What this browser keeps for the lab; and the mirror that takes the Hub's place, which is remembered with it. */
import { toLabError, type LabError } from "../core/lab-error.ts";
import { readMirror } from "../api/storage.ts";
import type { StorageReport } from "../core/storage-report.ts";
import type { Slice } from "./store.ts";
import { IDLE, type Task } from "./task.ts";

export interface StorageSlice {
  storage: Task<StorageReport>;
  /** What went wrong with the last deletion; what is kept is shown all the same. */
  storageError: LabError | null;
  refreshStorage: () => Promise<void>;
  deleteModels: (keys: readonly string[]) => Promise<void>;
  /** Asks the browser to keep this site's storage. */
  persistStorage: () => Promise<void>;
  /** Address of a mirror in place of the Hub, from the link or remembered; null: the Hub. */
  mirror: string | null;
  /** The one that the user has chosen here: it is used when a link names none. */
  chosenMirror: string | null;
  /** Remembers a mirror; an empty text goes back to the Hub. @returns what is wrong with the address, or null */
  chooseMirror: (text: string) => LabError | null;
}

export const createStorageSlice: Slice<StorageSlice> = (lab) => (set, get) => ({
  storage: IDLE,
  storageError: null,
  refreshStorage: async () => {
    if (get().storage.status !== "ready") set({ storage: { status: "running", progress: null } });
    try {
      set({ storage: { status: "ready", value: await lab.storage.report() } });
    } catch (e) {
      set({ storage: { status: "failed", error: toLabError(e) } });
    }
  },
  deleteModels: async (keys) => {
    set({ storageError: null });
    try {
      set({ storage: { status: "ready", value: await lab.storage.delete(keys) } });
    } catch (e) {
      set({ storageError: toLabError(e) });
      await get().refreshStorage();
    }
  },
  persistStorage: async () => {
    await lab.storage.persist();
    await get().refreshStorage();
  },
  mirror: null,
  chosenMirror: null,
  chooseMirror: (text) => {
    try {
      const mirror = text.trim() === "" ? null : (readMirror(text) ?? null);
      set({ mirror, chosenMirror: mirror });
      return null;
    } catch (e) {
      return toLabError(e);
    }
  },
});
