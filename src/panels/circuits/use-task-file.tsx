/** A task's JSON file by button. */
import { useRef, useState } from "react";
import { toLabError, type LabError } from "../../core/lab-error.ts";
import { readTask } from "../../core/task-file.ts";
import { useLab } from "../../state/context.ts";
import { IconButton } from "../../ui/button.tsx";
import { ErrorCard } from "../../ui/error-card.tsx";

const MOST_BYTES = 20e6;

export function useTaskFile() {
  const editTask = useLab((s) => s.editTask);
  const input = useRef<HTMLInputElement>(null);
  const [error, setError] = useState<LabError | null>(null);
  const take = async (file: File) => {
    try {
      editTask(readTask(await file.slice(0, MOST_BYTES).text()));
      setError(null);
    } catch (e) {
      setError(toLabError(e));
    }
  };
  return {
    button: (
      <>
        <IconButton
          icon="upload"
          label="Import a task from JSON"
          onClick={() => input.current?.click()}
        />
        <input
          ref={input}
          type="file"
          hidden
          aria-label="File of a task"
          accept=".json,application/json"
          onChange={(e) => {
            const [file] = e.target.files ?? [];
            e.target.value = ""; // choosing the same file again is a change
            if (file) void take(file);
          }}
        />
      </>
    ),
    problem: error && (
      <ErrorCard title="The file is no task" error={error} onDismiss={() => setError(null)} />
    ),
  };
}
