/** The ten likeliest next tokens at the selected position. */
import { continueText, predictionRows, totalProbability } from "../../../charts/prediction.ts";
import { PredictionBars } from "../../../charts/prediction-bars.tsx";
import type { PromptView } from "../../../core/types.ts";
import { useLab } from "../../../state/context.ts";
import { shownPosition } from "../../../state/prompt-slice.ts";
import { Figure } from "../../../ui/figure.tsx";
import { formatPercent } from "../../../ui/format.ts";
import { tokenLabels } from "../../../ui/token-text.ts";
import { Token } from "../../../ui/token.tsx";
import { WHAT_PREDICTION } from "./what.ts";

export function PredictionFigure({ view }: { view: PromptView }) {
  const position = useLab(shownPosition);
  const text = useLab((s) => s.text);
  const replaceText = useLab((s) => s.replaceText);
  const prediction = position === null ? undefined : view.predictions[position];
  if (position === null || !prediction) return null;
  const { ids, strings } = view.tokens;
  const rows = predictionRows(prediction, ids[position + 1] ?? null);
  return (
    <Figure title="Next token" what={WHAT_PREDICTION}>
      <p className="readout">
        after <Token token={tokenLabels(strings)[position]!} />{" "}
        <span className="quiet">
          position {position} of 0 … {strings.length - 1}
        </span>
      </p>
      <PredictionBars
        rows={rows}
        continued={({ token }) => continueText(text, strings, position, token)}
        onContinue={replaceText}
        summary={`these ten hold ${formatPercent(totalProbability(rows))} together`}
      />
    </Figure>
  );
}
