/** Which later heads read what which earlier ones write: asked for all pairs, and, as that takes a while, the selected head's first. */
import { rowAsMatrix } from "../../../charts/head-edges.ts";
import type { CompositionScores } from "../../../core/weights.ts";
import { useLab } from "../../../state/context.ts";
import { useKnownStudy, useStudy } from "../../../state/figures-slice.ts";
import { WhenAsked } from "../asked-state.tsx";
import { CompositionFigure } from "./composition-figure.tsx";
import { type Sizes, useShownHead } from "./head-picker.tsx";
import { StudyState } from "./study-state.tsx";
import { useStoppable } from "./use-stoppable.ts";

export function CompositionView({ layers, heads }: Sizes) {
  const head = useShownHead({ layers, heads });
  const basis = useLab((s) => s.basis);
  const known = useKnownStudy("composition")?.basis === basis;
  const own = useStudy("headComposition", known ? null : { basis, ...head });
  const study = useStoppable("composition", { basis });
  const { asked } = study;
  const row = own.shown;
  const partial: CompositionScores | null =
    !known && row?.basis === basis
      ? {
          ...{ basis, layers, heads, unrelated: row.unrelated },
          scores: {
            Q: rowAsMatrix(row.scores.Q, row.layer * heads + row.head, heads),
            K: rowAsMatrix(row.scores.K, row.layer * heads + row.head, heads),
            V: rowAsMatrix(row.scores.V, row.layer * heads + row.head, heads),
          },
        }
      : null;
  const shown = partial ?? asked.shown;
  if (layers < 2) {
    return <p className="quiet">This model has one layer: no head can read another’s output.</p>;
  }
  return (
    <>
      <StudyState study={study} />
      {(shown !== null || !study.stopped) && (
        <WhenAsked asked={{ ...asked, shown }} what="Composition of heads">
          {(composition) => (
            <CompositionFigure
              composition={composition}
              partOf={partial && row ? { layer: row.layer, head: row.head } : null}
            />
          )}
        </WhenAsked>
      )}
    </>
  );
}
