/**
 * A model of the Hub that the user has asked for and that would be a large download: what it is, how much comes over
 * the network and how much memory it needs are shown first. And whether the one on the bench is still the newest.
 */
import { toLabError } from "../core/lab-error.ts";
import type { LoadProgress, ModelLook } from "../core/model-source.ts";
import { createNewest } from "./newest.ts";
import type { Slice } from "./store.ts";
import { IDLE, type Task } from "./task.ts";

/** Downloads below this begin without a question. */
export const SMALL_DOWNLOAD_BYTES = 100e6;

export interface Newest {
  kept: string | null;
  newest: string | null;
}
export interface LookSlice {
  look: Task<ModelLook, LoadProgress>;
  /** What is looked at, in words. */
  lookName: string | null;
  /** Looks at a model, and loads it if it is here already or small. */
  askForModel: (id: string, revision?: string) => Promise<void>;
  /** The same model again, after a failure. */
  askAgain: () => void;
  /** Loads what was looked at. */
  acceptLook: (keepAs: "as-is" | "float16") => void;
  dismissLook: () => void;
  /** Of the model on the bench. */
  newest: Task<Newest>;
  checkNewest: () => Promise<void>;
  /** The newest commit of what is on the bench. */
  loadNewest: () => void;
}

export const createLookSlice: Slice<LookSlice> = (lab) => (set, get, store) => {
  const looks = createNewest();
  const checks = createNewest();
  let asked: [id: string, revision: string | undefined] | null = null;
  store.subscribe((now, before) => {
    if (now.model === before.model || now.newest.status === "idle") return;
    checks.stop();
    set({ newest: IDLE });
  });
  return {
    look: IDLE,
    lookName: null,
    askForModel: async (id, revision) => {
      const run = looks.start();
      asked = [id, revision];
      const show = (look: LookSlice["look"]) => {
        if (run.isNewest()) set({ look });
      };
      get().dismissLoadError();
      set({ look: { status: "running", progress: null }, lookName: id.trim() });
      try {
        const value = await lab.look(id, {
          ...{ revision, device: get().device, signal: run.signal },
          onProgress: (progress) => show({ status: "running", progress }),
        });
        const left = value.fileBytes - value.keptBytes;
        if (!run.isNewest()) return;
        if (!value.kept && left > SMALL_DOWNLOAD_BYTES) show({ status: "ready", value });
        else {
          set({ look: IDLE, lookName: null });
          await get().loadModel(id, { revision });
        }
      } catch (e) {
        const error = toLabError(e);
        show(error.code === "cancelled" ? IDLE : { status: "failed", error });
      }
    },
    askAgain: () => {
      if (asked) void get().askForModel(...asked);
    },
    acceptLook: (keepAs) => {
      const { look } = get();
      if (look.status !== "ready") return;
      const { id, revision } = look.value;
      set({ look: IDLE, lookName: null });
      void get().loadModel(id, { revision, keepAs });
    },
    dismissLook: () => {
      looks.stop();
      set({ look: IDLE, lookName: null });
    },
    newest: IDLE,
    checkNewest: async () => {
      const { model } = get();
      if (model.status !== "ready" || model.value.source !== "hub") return;
      const { id, revision, hub } = model.value;
      const run = checks.start();
      set({ newest: { status: "running", progress: null } });
      try {
        const options = { revision: revision ?? undefined, hub, signal: run.signal };
        const value = await lab.newest(id, options);
        if (run.isNewest()) set({ newest: { status: "ready", value } });
      } catch (e) {
        if (run.isNewest()) set({ newest: { status: "failed", error: toLabError(e) } });
      }
    },
    loadNewest: () => {
      const { model } = get();
      if (model.status !== "ready") return;
      const { id, revision, rounded } = model.value;
      const keepAs = rounded ? "float16" : "as-is";
      void get().loadModel(id, { revision: revision ?? undefined, keepAs, refresh: true });
    },
  };
};
