/** What the model expects at every position, and how far it expected what came. */
import { useMemo } from "react";
import type { PredictionFacts } from "../../../core/prediction.ts";
import { useLab } from "../../../state/context.ts";
import { type Sides, useFigure } from "../../../state/figures-slice.ts";
import { numberIn, useRead, wholeIn } from "../../../state/options-slice.ts";
import { positionIn } from "../../../state/prompt-slice.ts";
import { useTracked } from "../../../state/tracked-slice.ts";
import { ErrorCard } from "../../../ui/error-card.tsx";
import { WhenAsked } from "../asked-state.tsx";
import { useAligned } from "../use-aligned.ts";
import { eitherLists } from "../listed.ts";
import { MOST_TOKENS, NextFigure } from "./next-figure.tsx";
import { SurpriseFigure } from "./surprise-figure.tsx";
import { TrackedFigure } from "./tracked-figure.tsx";

export default function PredictionView() {
  const [k, setK] = useRead("prediction.k", wholeIn(1, MOST_TOKENS), 10);
  const [temperature, setTemperature] = useRead("prediction.temperature", numberIn(0.1, 3), 1);
  const asked = useFigure("prediction", { k, temperature });
  return (
    <WhenAsked asked={asked} what="The prediction">
      {(sides) => <Ready sides={sides} {...{ k, setK, temperature, setTemperature }} />}
    </WhenAsked>
  );
}

interface ReadyProps {
  sides: Sides<PredictionFacts>;
  k: number;
  setK: (k: number) => void;
  temperature: number;
  setTemperature: (temperature: number) => void;
}
function Ready({ sides, ...settings }: ReadyProps) {
  const a = useLab(positionIn(sides.a.tokens));
  const { pairs } = useAligned(sides);
  const { ids: tracked } = useTracked();
  const trackedKey = tracked.join();
  const ids = useMemo(
    () => (trackedKey === "" ? [] : trackedKey.split(",").map(Number)),
    [trackedKey],
  );
  const b = pairs.find((pair) => pair.a === a)?.b ?? null;
  // For a change every token listed on either side needs its chances on both.
  const top = (facts: PredictionFacts, at: number | null) => (at === null ? null : facts.top[at]);
  const listed = sides.b ? [top(sides.a, a), top(sides.b, b)] : [];
  const wanted = eitherLists({ ids }, ...listed);
  const chances = useFigure(
    "tracked",
    wanted.length > 0 ? { track: wanted, temperature: settings.temperature } : null,
  );
  return (
    <div className="explore">
      <div className="stack">
        <SurpriseFigure sides={sides} />
        {chances.error && (
          <ErrorCard title="The tracked tokens could not be followed" error={chances.error} />
        )}
        <TrackedFigure sides={wanted.length > 0 ? chances.shown : null} ids={ids} />
      </div>
      <NextFigure sides={sides} at={{ a, b }} chances={chances.shown} {...settings} />
    </div>
  );
}
