/** The ten likeliest next tokens at the selected position, on both sides of a comparison. */
import type { PromptView } from "../../../core/prompt-view.ts";
import type { Prediction } from "../../../core/types.ts";
import { sideNames } from "../../../state/compare-slice.ts";
import { useLab } from "../../../state/context.ts";
import { shownPosition } from "../../../state/prompt-slice.ts";
import { nextTokenPython } from "../../../python/next-token.ts";
import { useRunFacts } from "../../../state/run-facts.ts";
import { Figure } from "../../../ui/figure.tsx";
import { LISTED_COLUMNS, listedRows } from "../listed.ts";
import { NextTokens } from "../next-tokens.tsx";
import { useAligned } from "../use-aligned.ts";
import { WHAT_PREDICTION } from "./what.ts";

export function PredictionFigure({ view }: { view: PromptView }) {
  const position = useLab(shownPosition);
  const runFacts = useRunFacts();
  const otherText = useLab((s) => s.otherText);
  const other = useLab((s) => s.otherView);
  const aligned = useAligned({ a: view, b: other });
  const prediction = position === null ? undefined : view.predictions[position];
  if (position === null || !prediction) return null;
  const names = sideNames({ otherText });
  const partner = other ? aligned.partner(position) : null;
  const second = partner === null ? undefined : other?.predictions[partner];
  const rows = (side: "a" | "b", at: number, top: Prediction) =>
    listedRows(top).map((row) => [side, at, ...row]);
  return (
    <Figure
      title="Next token"
      name="next-token"
      what={WHAT_PREDICTION}
      python={() => nextTokenPython(runFacts(), { a: position, b: partner }, prediction.ids.length)}
      table={() => ({
        columns: ["side", "position", ...LISTED_COLUMNS],
        rows: [
          ...rows("a", position, prediction),
          ...(partner !== null && second ? rows("b", partner, second) : []),
        ],
      })}
    >
      {other && <h3>{names.a}</h3>}
      <NextTokens side="a" tokens={view.tokens} position={position} prediction={prediction} />
      {other && <h3>{names.b}</h3>}
      {other && partner !== null && second && (
        <NextTokens side="b" tokens={other.tokens} position={partner} prediction={second} />
      )}
      {other && !second && <p className="quiet">has no such token</p>}
    </Figure>
  );
}
