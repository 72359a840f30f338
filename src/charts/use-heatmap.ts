/** Paints a square of numbers on a canvas, one pixel per cell; CSS enlarges it. Repaints when numbers or theme change. */
import { useLayoutEffect, type RefObject } from "react";
import { type RampName, useRamp } from "../ui/ramp.ts";
import { heatmapRgba } from "./attention.ts";
import type { MatrixScale } from "./matrix-cells.ts";

export interface HeatmapPaint {
  ramp: RampName;
  scale: MatrixScale;
  skipFirst: boolean;
}

export function useHeatmap(
  canvas: RefObject<HTMLCanvasElement | null>,
  values_QK: Float32Array,
  tokens: number,
  { ramp: name, scale, skipFirst }: HeatmapPaint,
): void {
  const ramp = useRamp(name);
  const { low, high } = scale;
  useLayoutEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (!context || tokens === 0) return;
    const bytes = heatmapRgba(values_QK, tokens, ramp, { scale: { low, high }, skipFirst });
    context.putImageData(new ImageData(bytes, tokens, tokens), 0, 0);
  }, [canvas, values_QK, tokens, ramp, low, high, skipFirst]);
}
