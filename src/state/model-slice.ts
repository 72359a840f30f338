/** The model on the bench, and the one that is being fetched for it. The bench keeps its model when a load fails. */
import { toLabError } from "../core/lab-error.ts";
import type { EditedSpec } from "../core/model-edit.ts";
import type { LoadProgress } from "../core/model-source.ts";
import type { DevicePreference } from "../core/types.ts";
import { EMBEDDED_MODEL, type LoadOptions, type ModelInfo } from "../api/lab.ts";
import { createNewest } from "./newest.ts";
import type { Slice } from "./store.ts";
import { IDLE, type Task } from "./task.ts";

export { EMBEDDED_MODEL };

/** A model of the Hub that was on the bench before. */
export interface RecentModel {
  id: string;
  revision: string;
}
export type LoadChoice = Pick<LoadOptions, "revision" | "keepAs" | "refresh" | "name" | "edited">;

export interface ModelSlice {
  /** On the bench. "running" and "failed" only until the first model has arrived. */
  model: Task<ModelInfo, LoadProgress>;
  /** The load under way, or the one that failed. */
  loading: Task<ModelInfo, LoadProgress>;
  /** What the load under way, or failed, was asked for, in words. */
  loadingName: string | null;
  loadModel: (what: string | readonly File[], choice?: LoadChoice) => Promise<void>;
  /** The model on the bench with these edits of its weights; null: without any. */
  putEdits: (edited: EditedSpec | null) => Promise<void>;
  /** The model that was asked for last, again: on another device, or after a crash. */
  reloadModel: () => Promise<void>;
  /** The load that failed, again. */
  retryLoad: () => Promise<void>;
  cancelLoad: () => void;
  dismissLoadError: () => void;
  /** Where the next model will run. */
  device: DevicePreference;
  setDevice: (device: DevicePreference) => void;
  /** Newest first. */
  recent: RecentModel[];
}

const RECENT_KEPT = 6;
interface Wanted {
  what: string | readonly File[];
  choice: LoadChoice;
}
const nameOf = ({ what, choice }: Wanted) => {
  if (choice.edited) return choice.edited.name;
  if (typeof what === "string") return what.trim();
  const some = what.slice(0, 4).map(({ name }) => name);
  return choice.name ?? some.join(", ") + (what.length > 4 ? ", …" : "");
};

export const createModelSlice: Slice<ModelSlice> = (lab) => (set, get) => {
  const loads = createNewest();
  const ours = new WeakSet<LoadOptions>(); // what this slice gave to `lab.load`
  let onBench: Wanted = { what: EMBEDDED_MODEL, choice: {} };
  let asked = onBench; // the newest wish, fulfilled or not

  const remember = ({ id: name, source, revision, edited }: ModelInfo): RecentModel[] => {
    const { recent } = get();
    if (source !== "hub") return recent;
    const id = edited?.base ?? name;
    const others = recent.filter((r) => r.id !== id || r.revision !== (revision ?? "main"));
    return [{ id, revision: revision ?? "main" }, ...others].slice(0, RECENT_KEPT);
  };

  /** @returns whether a model arrived; a failure is kept in `loading` */
  const load = async (wanted: Wanted): Promise<boolean> => {
    const run = loads.start();
    asked = wanted;
    const benchEmpty = () => get().model.status !== "ready";
    const show = (task: Task<ModelInfo, LoadProgress>) => {
      if (run.isNewest()) set(benchEmpty() ? { loading: task, model: task } : { loading: task });
    };
    set({ loadingName: nameOf(wanted) });
    show({ status: "running", progress: null });
    const options: LoadOptions = {
      ...wanted.choice,
      device: get().device,
      onProgress: (progress) => show({ status: "running", progress }),
      signal: run.signal,
    };
    ours.add(options);
    try {
      const { info } = await lab.load(wanted.what, options);
      if (!run.isNewest()) return true;
      onBench = { ...wanted, choice: { ...wanted.choice, refresh: undefined } };
      const recent = remember(info);
      const chosenEdited = info.edited?.id ?? null;
      set({ model: { status: "ready", value: info }, loading: IDLE, loadingName: null, recent });
      set({ chosenEdited });
      await get().refreshPrompt();
      return true;
    } catch (e) {
      const error = toLabError(e);
      show(error.code === "cancelled" ? IDLE : { status: "failed", error });
      return !run.isNewest();
    }
  };

  /** An empty bench gets the embedded model, while what failed stays on show. */
  const fillBench = async () => {
    const { loading, loadingName } = get();
    if (get().model.status === "ready" || loadingName === EMBEDDED_MODEL) return;
    const run = loads.start();
    set({ model: { status: "running", progress: null } });
    const options: LoadOptions = {
      device: get().device,
      onProgress: (progress) => {
        if (run.isNewest()) set({ model: { status: "running", progress } });
      },
      signal: run.signal,
    };
    ours.add(options);
    try {
      const { info } = await lab.load(EMBEDDED_MODEL, options);
      if (!run.isNewest()) return;
      onBench = { what: EMBEDDED_MODEL, choice: {} };
      set({ model: { status: "ready", value: info } });
      await get().refreshPrompt();
    } catch (e) {
      if (run.isNewest()) set({ model: { status: "failed", error: toLabError(e) }, loading });
    }
  };

  // A load from the console is shown like any other.
  lab.onLoad((info, what, options) => {
    if (ours.has(options)) return;
    loads.stop();
    const { revision, keepAs, name, edited } = options;
    asked = onBench = { what, choice: { revision, keepAs, name, edited } };
    set({
      model: { status: "ready", value: info },
      loading: IDLE,
      loadingName: null,
      recent: remember(info),
      chosenEdited: info.edited?.id ?? null,
    });
    void get().refreshPrompt();
  });

  return {
    model: IDLE,
    loading: IDLE,
    loadingName: null,
    loadModel: async (what, choice = {}) => {
      if (!(await load({ what, choice }))) await fillBench();
    },
    putEdits: async (edited) => {
      await load({ ...onBench, choice: { ...onBench.choice, edited } });
    },
    reloadModel: async () => {
      await load(onBench);
    },
    retryLoad: () => get().loadModel(asked.what, asked.choice),
    cancelLoad: () => {
      loads.stop();
      set({ loading: IDLE });
      if (get().model.status !== "ready") {
        set({ model: IDLE });
        void fillBench();
      }
      set({ loadingName: null });
    },
    dismissLoadError: () => set({ loading: IDLE, loadingName: null }),
    device: "auto",
    setDevice: (device) => set({ device }),
    recent: [],
  };
};
