/** A task's JSON file by button; that and tables dropped on the page. */
import { useState } from "react";
import { toLabError, type LabError } from "../../core/lab-error.ts";
import { readTask } from "../../core/task-file.ts";
import { readTable } from "../../core/task-table.ts";
import { useLab } from "../../state/context.ts";
import { ErrorCard } from "../../ui/error-card.tsx";
import { FileButton } from "../../ui/file-button.tsx";
import { useFileTaker } from "../../ui/file-takers.ts";

const MOST_BYTES = 20e6;

export function useTaskFile() {
  const editTask = useLab((s) => s.editTask);
  const [error, setError] = useState<LabError | null>(null);
  const take = async (file: File) => {
    try {
      editTask(readTask(await file.slice(0, MOST_BYTES).text()));
      setError(null);
    } catch (e) {
      setError(toLabError(e));
    }
  };
  const takeTable = async (file: File) => {
    try {
      const pairs = readTable(await file.slice(0, MOST_BYTES).text());
      editTask({ name: file.name.replace(/\.\w+$/, ""), prependBos: true, pairs });
      setError(null);
    } catch (e) {
      setError(toLabError(e));
    }
  };
  useFileTaker("pairs as a table: CSV or TSV", ".csv,.tsv", ([file]) => void takeTable(file!));
  return {
    button: (
      <FileButton
        drops="a task as JSON"
        kind="quiet"
        icon="upload"
        label="Import a task from JSON"
        files="File of a task"
        accept=".json,application/json"
        onFiles={([file]) => void take(file!)}
      />
    ),
    problem: error && (
      <ErrorCard title="The file is no task" error={error} onDismiss={() => setError(null)} />
    ),
  };
}
