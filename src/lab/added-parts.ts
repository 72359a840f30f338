/** All that is added to the residual stream in a run: the components, and where the stream itself is edited, the edits. */
import { STREAM_EDITS } from "../core/residual.ts";
import type { Edit } from "../core/edits.ts";
import { decomposedParts, joined, remainderOf, streamAt } from "../math/residual-stack.ts";
import type { FigureRun } from "./figure-run.ts";

export interface AddedParts {
  labels: string[];
  /** What a run must keep for them. */
  hooks: string[];
  /** One [T, D] for each label; together they are the final stream. */
  values: (run: FigureRun) => Float32Array[];
}

/** With an edited stream its last part is measured: the final stream less all components. */
export function addedParts(nLayer: number, edits: readonly Edit[]): AddedParts {
  const components = decomposedParts(nLayer);
  const edited = editsStream(edits);
  const final = streamAt(nLayer, nLayer);
  return {
    labels: [...components.map(({ label }) => label), ...(edited ? [STREAM_EDITS] : [])],
    hooks: [...components.map(({ hook }) => hook), final],
    values: (run) => {
      const parts = components.map(({ hook }) => run.at(hook).data);
      return edited ? [...parts, remainderOf(run.at(final).data, joined(parts))] : parts;
    },
  };
}

/** Whether the stream itself is edited, so that what components write no longer sums to it. */
export const editsStream = (edits: readonly Edit[]): boolean =>
  edits.some(({ hook }) => /\.hook_resid_(pre|mid|post)$/.test(hook));
