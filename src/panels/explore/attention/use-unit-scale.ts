/** The scales of one head's pictures: the sides share one, their difference has its own. */
import { useMemo } from "react";
import { squareScale } from "../../../charts/attention.ts";
import type { HeadUnit } from "../../../charts/head-units.ts";
import { jointScale, type MatrixScale } from "../../../charts/matrix-cells.ts";
import { useLab } from "../../../state/context.ts";
import type { Drawing } from "../../../charts/attention-drawing.ts";
import { useShown } from "./options.ts";

/** Weights go from 0 to 1, unless the first token is left out; all else to the largest number. */
export function useUnitScale(
  drawings: readonly Drawing[],
  unit: HeadUnit,
): (drawing: Drawing) => MatrixScale {
  const skipFirst = useLab((s) => s.dimFirst);
  const [shown] = useShown();
  return useMemo(() => {
    const of = (drawing: Drawing) =>
      squareScale(drawing.square(unit), drawing.labels.length, {
        ...{ skipFirst, signed: drawing.signed },
      });
    const sides = drawings.filter(({ id }) => id !== "difference");
    const fixed = shown === "pattern" && !skipFirst;
    const shared = fixed ? { low: 0, high: 1 } : jointScale(sides.map(of));
    const difference = drawings.find(({ id }) => id === "difference");
    const signed = difference ? of(difference) : shared;
    return ({ id }) => (id === "difference" ? signed : shared);
  }, [drawings, unit, skipFirst, shown]);
}
