/** For panels, which know the API by its types. */
export type { ScoreKind } from "../api/label-judge.ts";
