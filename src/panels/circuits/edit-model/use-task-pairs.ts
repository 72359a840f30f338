/** The pairs of the Circuits lab's task that can be run, as token ids. */
import { useMemo } from "react";
import type { RunPair } from "../../../core/task.ts";
import { useLab } from "../../../state/context.ts";
import { runPair } from "../../../state/task-slice.ts";

export function useTaskPairs(): readonly RunPair[] {
  const open = useLab((s) => s.openTask);
  const model = useLab((s) => s.model);
  return useMemo(() => {
    if (!open || model.status !== "ready" || open.model !== model.value.id) return [];
    return open.read.filter(({ problem }) => problem === null).map(runPair);
  }, [open, model]);
}
