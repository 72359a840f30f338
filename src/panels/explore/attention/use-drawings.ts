/** What there is to draw of attention: one picture, or those of two sides and of their difference. */
import { useMemo } from "react";
import { useLab } from "../../../state/context.ts";
import { sideNames } from "../../../state/compare-slice.ts";
import type { Sides } from "../../../state/figures-slice.ts";
import { useAligned } from "../use-aligned.ts";
import {
  type AttentionSide,
  differenceDrawing,
  type Drawing,
  sideDrawing,
} from "../../../charts/attention-drawing.ts";
import type { Shown } from "../../../charts/attention-shown.ts";

/** @returns one, or three of a comparison; whoever draws picks by `shownSides` */
export function useDrawings(
  sides: Sides<AttentionSide>,
  shown: Shown,
  layers: number,
): readonly Drawing[] {
  const { pairs, labels } = useAligned(sides);
  return useMemo(() => {
    const a = sideDrawing("a", sides.a, shown, layers, pairs);
    if (!sides.b) return [a];
    const b = sideDrawing("b", sides.b, shown, layers, pairs);
    return [a, b, differenceDrawing(a, b, pairs, labels)];
  }, [sides, shown, layers, pairs, labels]);
}

/** "prompt A", "edited", "edited − unedited". */
export function useDrawingNames(): Record<Drawing["id"], string> {
  const otherText = useLab((s) => s.otherText);
  const { a, b } = sideNames({ otherText });
  return { a, b, difference: `${b} − ${a}` };
}
