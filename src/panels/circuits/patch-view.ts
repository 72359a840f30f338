/** What the figure of patching and its buttons show, and what they can do. */
import type { PatchCells, PatchForm } from "../../charts/patch-grid.ts";
import type { LabError } from "../../core/lab-error.ts";
import type { AttributionMethod } from "../../core/patching.ts";
import type { PatchRun } from "../../state/patch-slice.ts";
import type { OpenTask } from "../../state/task-slice.ts";
import type { PatchOptions, PatchSetup } from "./use-patch-question.ts";

export interface PatchFigureProps {
  open: OpenTask;
  setup: PatchSetup;
  options: PatchOptions;
  rest: number;
  isShare: boolean;
  run: PatchRun | null;
  preview: PatchRun | null;
  exact: PatchCells | null;
  guess: PatchCells | null;
  form: PatchForm;
  setForm: (form: PatchForm) => void;
  method: AttributionMethod;
  setMethod: (method: AttributionMethod) => void;
  /** Why there is no normalised metric. */
  error: LabError | null;
  onRun: () => void;
  onPreview: () => void;
  /** Patches these cells alone. */
  exactOf: (cells: readonly number[]) => void;
}
