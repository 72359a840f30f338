/** Paints a head's pattern on a canvas, one pixel per cell; CSS enlarges it. Repaints when pattern or theme change. */
import { useLayoutEffect, type RefObject } from "react";
import type { Ramp } from "../ui/ramp.ts";
import { heatmapRgba, scaleTop } from "./attention.ts";

export function useHeatmap(
  canvas: RefObject<HTMLCanvasElement | null>,
  pattern_QK: Float32Array,
  tokens: number,
  ramp: Ramp,
  skipFirst: boolean,
): void {
  useLayoutEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (!context || tokens === 0) return;
    const top = scaleTop(pattern_QK, tokens, skipFirst);
    const bytes = heatmapRgba(pattern_QK, tokens, ramp, { top, skipFirst });
    context.putImageData(new ImageData(bytes, tokens, tokens), 0, 0);
  }, [canvas, pattern_QK, tokens, ramp, skipFirst]);
}
