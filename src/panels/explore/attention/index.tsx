/** Where each head looks, and beside it what the model expects next. */
import { useMemo, useState } from "react";
import { patternDims } from "../../../charts/attention.ts";
import { type HeadUnit, soleHead, unitOf } from "../../../charts/head-units.ts";
import { useLab } from "../../../state/context.ts";
import { Empty } from "../../../ui/empty.tsx";
import { ErrorCard } from "../../../ui/error-card.tsx";
import { type Asked, type Sides, useFigure } from "../../../state/figures-slice.ts";
import type { AttentionFacts } from "../../../core/attention.ts";
import { sideOfFacts, sideOfView, tells } from "../../../charts/attention-drawing.ts";
import { FinderFigure } from "./finder-figure.tsx";
import { GridFigure } from "./grid-figure.tsx";
import { HeadFigure } from "./head-figure.tsx";
import { useHeadSet, useShown } from "./options.ts";
import { PairFacts } from "./pair-facts.tsx";
import { PredictionFigure } from "./prediction-figure.tsx";

export function AttentionView() {
  const view = useLab((s) => s.shownView);
  const other = useLab((s) => s.otherView);
  const head = useLab((s) => s.head);
  const selectHead = useLab((s) => s.selectHead);
  const unlock = useLab((s) => s.unlock);
  const stale = useLab((s) => s.promptView.status === "failed");
  const [shown] = useShown();
  const [set] = useHeadSet();
  /** The head that was opened from the grid, or left for it: the focus goes along. */
  const [passed, setPassed] = useState<HeadUnit | null>(null);
  const { layers, heads } = view ? patternDims(view.pattern) : { layers: 0, heads: 0 };
  const known = head !== null && head.layer < layers && head.head < heads;
  const open = useMemo(() => (known ? unitOf(set, head) : null), [known, set, head]);
  const layer = open?.layer ?? null;
  const asked = useFigure("attention", open || shown !== "pattern" ? { layer } : null);

  const facts = toldOf(asked, open ?? EVERYTHING, layers);
  const views = useMemo(
    () => view && { a: sideOfView(view), b: other && sideOfView(other) },
    [view, other],
  );
  const told = useMemo(
    () =>
      facts.shown && {
        a: sideOfFacts(facts.shown.a),
        b: facts.shown.b && sideOfFacts(facts.shown.b),
      },
    [facts.shown],
  );
  const sides = shown === "pattern" ? views : told;
  if (!view || !views) return null; // the notices above say what is going on
  const failed = shown === "pattern" ? null : facts.error;
  const sole = open && soleHead(open);
  return (
    <div className={stale || failed ? "explore stale" : "explore"}>
      {failed && (
        <div className="wide">
          <ErrorCard title="What attention moves could not be computed" error={failed} />
        </div>
      )}
      {!sides && <Empty title={failed ? "Nothing to draw" : "What attention moves: computing …"} />}
      {sides && open && (
        <HeadFigure
          sides={sides}
          unit={open}
          layers={layers}
          takeFocus={passed !== null}
          onLeave={() => {
            setPassed(open);
            unlock();
            selectHead(null);
          }}
        />
      )}
      {sides && !open && (
        <GridFigure sides={sides} layers={layers} returnTo={passed} onOpen={setPassed} />
      )}
      <div className="beside">
        {facts.shown && sole && <PairFacts facts={facts.shown} head={sole} />}
        <PredictionFigure view={view} />
      </div>
      {!open && <FinderFigure sides={views} />}
    </div>
  );
}

const EVERYTHING: HeadUnit = { layer: null, head: null };

/** The answer, unless it is still one about other layers. */
function toldOf<P>(
  asked: Asked<Sides<AttentionFacts>, P>,
  unit: HeadUnit,
  layers: number,
): Asked<Sides<AttentionFacts>, P> {
  const enough = asked.shown !== null && tells(sideOfFacts(asked.shown.a), unit, layers);
  return enough ? asked : { ...asked, shown: null };
}
