/** The curves of the run that is on the page, or else of the one that the form asks for. */
import { useMemo } from "react";
import { useLab } from "../../state/context.ts";
import { type Curve, curvesOf } from "./curve-list.ts";

export function useCurves(): Curve[] {
  const variant = useLab((s) => s.trainedRequest?.variant ?? s.trainRequest.variant);
  const transcoder = useLab((s) =>
    s.trainedRequest ? s.trainedRequest.out !== undefined : s.trainRequest.rebuilds !== "input",
  );
  return useMemo(() => curvesOf(variant, transcoder), [variant, transcoder]);
}
