/** The likeliest next tokens after a position of one side's prompt, as bars; choosing one continues that prompt. */
import { continueText, predictionRows, totalProbability } from "../../charts/prediction.ts";
import { PredictionBars } from "../../charts/prediction-bars.tsx";
import type { Prediction, Tokens } from "../../core/types.ts";
import { useLab } from "../../state/context.ts";
import { formatPercent } from "../../ui/format.ts";
import { tokenLabels } from "../../ui/token-text.ts";
import { Token } from "../../ui/token.tsx";

export interface NextTokensProps {
  side: "a" | "b";
  tokens: Tokens;
  position: number;
  prediction: Prediction;
  /** Whether each row shows its logit; else it is read out. */
  logits?: boolean;
}

export function NextTokens({
  side,
  tokens,
  position,
  prediction,
  logits = false,
}: NextTokensProps) {
  const replaceText = useLab((s) => s.replaceText);
  const setOtherText = useLab((s) => s.setOtherText);
  const text = useLab((s) => s.text);
  const otherText = useLab((s) => s.otherText);
  const own = side === "b" && otherText !== null ? otherText : text;
  const { ids, strings } = tokens;
  const rows = predictionRows(prediction, ids[position + 1] ?? null);
  return (
    <div className="stack">
      <p className="readout">
        after <Token token={tokenLabels(strings)[position]!} />{" "}
        <span className="quiet">
          position {position} of 0 … {strings.length - 1}
        </span>
      </p>
      <PredictionBars
        rows={rows}
        logits={logits}
        continued={({ token }) => continueText(own, strings, position, token)}
        onContinue={side === "b" && otherText !== null ? setOtherText : replaceText}
        summary={`these ${rows.length} hold ${formatPercent(totalProbability(rows))} together`}
      />
    </div>
  );
}
