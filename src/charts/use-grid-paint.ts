/**
 * Paints the squares of a grid, each on its own canvas. Few are painted at once, many from frame to frame: 144 heads of 256
 * tokens are 9 million cells. With one scale for all of them, every square is looked at before the first is painted.
 */
import { useLayoutEffect, useState, type RefObject } from "react";
import { type RampName, useRamp } from "../ui/ramp.ts";
import { inSlices } from "../ui/slices.ts";
import { heatmapRgba, poolOf, squareScale } from "./attention.ts";
import { jointScale, type MatrixScale } from "./matrix-cells.ts";

export interface GridPaint {
  count: number;
  /** [T, T] of square i; the same array for the same numbers. */
  square: (index: number) => Float32Array;
  tokens: number;
  ramp: RampName;
  signed: boolean;
  skipFirst: boolean;
  /** Of all squares; "shared": that of the largest number; "own": each to its own largest. */
  scale: MatrixScale | "shared" | "own";
}

/** @returns the scale of all squares once it is known; null while it is not, and where each has its own */
export function useGridPaint(
  root: RefObject<HTMLElement | null>,
  { count, square, tokens, ramp: name, signed, skipFirst, scale }: GridPaint,
): MatrixScale | null {
  const ramp = useRamp(name);
  const [shared, setShared] = useState<MatrixScale | null>(null);
  useLayoutEffect(() => {
    const canvases = root.current?.querySelectorAll("canvas") ?? [];
    if (tokens === 0) return;
    const pool = poolOf(tokens);
    const side = Math.ceil(tokens / pool);
    const own = (index: number) => squareScale(square(index), tokens, { skipFirst, signed });
    function* steps() {
      let all = typeof scale === "string" ? null : scale;
      if (scale === "shared") {
        const scales: MatrixScale[] = [];
        for (let i = 0; i < count; i++) {
          scales.push(own(i));
          yield;
        }
        all = jointScale(scales);
      }
      setShared(all);
      for (let i = 0; i < count; i++) {
        const options = { scale: all ?? own(i), skipFirst, pool };
        const bytes = heatmapRgba(square(i), tokens, ramp, options);
        const context = canvases[i]?.getContext("2d");
        context?.putImageData(new ImageData(bytes, side, side), 0, 0);
        yield;
      }
    }
    return inSlices(steps());
  }, [root, count, square, tokens, ramp, signed, skipFirst, scale]);
  return shared;
}
