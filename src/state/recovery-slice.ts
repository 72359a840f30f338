/** What became of the worker, when it died or lost its GPU: it is started again by itself, and the page says so. */
import type { LabError } from "../core/lab-error.ts";
import type { ModelInfo } from "../core/model-info.ts";
import type { LoadProgress } from "../core/model-source.ts";
import type { RecoveryEvent } from "../api/lab.ts";
import type { Slice } from "./store.ts";

export type Recovery =
  | { status: "restarting"; cause: LabError; progress: LoadProgress | null }
  /** `repeats`: something was cut off and is made once more; `trains`: so was a training, and goes on from its checkpoint. */
  | {
      status: "restarted";
      cause: LabError;
      info: ModelInfo | null;
      repeats: boolean;
      trains: boolean;
    }
  | { status: "down"; cause: LabError; error: LabError };

export interface RecoverySlice {
  /** null while all is well, or once the message has been put away. */
  recovery: Recovery | null;
  /** Starts the worker again after it was left down. */
  restartLab: () => Promise<void>;
  dismissRecovery: () => void;
}

export const createRecoverySlice: Slice<RecoverySlice> = (lab) => (set, get, api) => {
  // A model that arrives by another way is the end of the trouble.
  api.subscribe((now, before) => {
    if (now.model === before.model || now.model.status !== "ready") return;
    if (get().recovery?.status === "down") set({ recovery: null });
  });
  const hear = (event: RecoveryEvent) => {
    const { recovery } = get();
    switch (event.kind) {
      case "stopped":
        set({ recovery: { status: "restarting", cause: event.cause, progress: null } });
        return;
      case "loading":
        if (recovery?.status === "restarting") {
          set({ recovery: { ...recovery, progress: event.progress } });
        }
        return;
      case "running": {
        const { cause, info, repeated } = event;
        const trains = repeated.some(
          (method) => method === "sae.continue" || method === "sae.train",
        );
        set({
          recovery: { status: "restarted", cause, info, repeats: repeated.length > 0, trains },
          ...(info && { model: { status: "ready", value: info } }),
        });
        return;
      }
      case "down":
        set({ recovery: { status: "down", cause: event.cause, error: event.error } });
    }
  };
  lab.onRecovery(hear);
  return {
    recovery: null,
    restartLab: async () => {
      try {
        await lab.restart();
      } catch {
        return; // told as an event
      }
      if (get().model.status === "ready") await get().refreshPrompt();
      else await get().reloadModel();
    },
    dismissRecovery: () => {
      if (get().recovery?.status === "restarted") set({ recovery: null });
    },
  };
};
