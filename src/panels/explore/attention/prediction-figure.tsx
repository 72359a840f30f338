/** The ten likeliest next tokens at the selected position, on both sides of a comparison. */
import { alignTokens } from "../../../charts/align.ts";
import type { PromptView } from "../../../core/types.ts";
import { sideNames } from "../../../state/compare-slice.ts";
import { useLab } from "../../../state/context.ts";
import { shownPosition } from "../../../state/prompt-slice.ts";
import { nextTokenPython } from "../../../python/next-token.ts";
import { useRunFacts } from "../../../state/run-facts.ts";
import { Figure } from "../../../ui/figure.tsx";
import { NextTokens } from "../next-tokens.tsx";
import { WHAT_PREDICTION } from "./what.ts";

export function PredictionFigure({ view }: { view: PromptView }) {
  const position = useLab(shownPosition);
  const runFacts = useRunFacts();
  const otherText = useLab((s) => s.otherText);
  const other = useLab((s) => s.otherView);
  const prediction = position === null ? undefined : view.predictions[position];
  if (position === null || !prediction) return null;
  const names = sideNames({ otherText });
  const pairs = other ? alignTokens(view.tokens.ids, other.tokens.ids) : [];
  const partner = pairs.find(({ a }) => a === position)?.b ?? null;
  const second = partner === null ? undefined : other?.predictions[partner];
  const row = (side: "a" | "b", { predictions }: PromptView, at: number) =>
    predictions[at]!.ids.map((id, i) => {
      const { strings, logits, probabilities } = predictions[at]!;
      return [side, at, i + 1, id, strings[i]!, logits[i]!, probabilities[i]!];
    });
  return (
    <Figure
      title="Next token"
      name="next-token"
      what={WHAT_PREDICTION}
      python={() => nextTokenPython(runFacts(), { a: position, b: partner }, prediction.ids.length)}
      table={() => ({
        columns: ["side", "position", "rank", "id", "token", "logit", "probability"],
        rows: [
          ...row("a", view, position),
          ...(other && partner !== null && second ? row("b", other, partner) : []),
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
