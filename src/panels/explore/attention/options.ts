/** How the attention figures are set; the settings travel in the address. */
import { SHOWN, type Shown } from "../../../charts/attention-shown.ts";
import { HEAD_SETS, type HeadSet } from "../../../charts/head-units.ts";
import { useChoice } from "../../../state/options-slice.ts";

export const useShown = () => useChoice<Shown>("attention.show", SHOWN);
export const useHeadSet = () => useChoice<HeadSet>("attention.heads", HEAD_SETS);
/** Of a comparison without room for all: which one is drawn. */
export const useOneSide = () =>
  useChoice<"difference" | "a" | "b">("attention.side", ["difference", "a", "b"]);
export const useOrder = () => useChoice<"layer" | "score">("attention.order", ["layer", "score"]);
