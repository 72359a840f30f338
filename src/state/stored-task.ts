/** One's own task, as this browser keeps it. */
import { readTask, writeTask } from "../core/task-file.ts";
import type { Task } from "../core/task.ts";

export const TASK_KEY = "glassroom.task";
type Kept = Pick<Storage, "getItem" | "setItem"> | null;

/** A damaged entry costs the task, never the page. */
export function storedTask(storage: Kept): Task | null {
  try {
    const text = storage?.getItem(TASK_KEY) ?? null;
    return text === null ? null : readTask(text);
  } catch {
    return null;
  }
}

export function storeTask(storage: Kept, task: Task | null): void {
  try {
    if (task) storage?.setItem(TASK_KEY, writeTask(task));
  } catch {
    return; // full or forbidden: the task holds for this visit
  }
}
