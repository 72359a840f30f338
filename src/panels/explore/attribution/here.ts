/** What a figure at the selected position is given. */
import type { Sides } from "../../../state/figures-slice.ts";

export interface HereProps<T> {
  sides: Sides<T>;
  /** The selected position, and the one that stands for it in side b. */
  at: { a: number | null; b: number | null };
}
