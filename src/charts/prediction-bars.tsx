/** The likeliest next tokens as bars. Logit and surprisal of a row are read out on hover and focus. */
import { useState } from "react";
import { formatPercent } from "../ui/format.ts";
import { TokenText } from "../ui/token.tsx";
import { tokenText } from "../ui/token-text.ts";
import type { PredictionRow } from "./prediction.ts";

export interface PredictionBarsProps {
  rows: readonly PredictionRow[];
  /** The text that choosing a row would make; null if it cannot be written. */
  continued: (row: PredictionRow) => string | null;
  onContinue: (text: string, row: PredictionRow) => void;
  /** What choosing a row does, before its token. @default "Continue the prompt with" */
  action?: string;
  /** Why a row cannot be chosen. @default that it is half a character */
  whyNot?: string;
  /** Whether logits stand in the rows. @default only read out */
  logits?: boolean;
  /** Shown while no row is pointed at. */
  summary: string;
}

export function PredictionBars({
  rows,
  continued,
  onContinue,
  action = "Continue the prompt with",
  whyNot = "Half a character: it cannot be written alone",
  logits = false,
  summary,
}: PredictionBarsProps) {
  const [pointed, setPointed] = useState<number | null>(null);
  const most = rows.reduce((top, { probability }) => Math.max(top, probability), 0) || 1;
  const row = pointed === null ? undefined : rows.find(({ id }) => id === pointed);
  return (
    <>
      <ol className="prediction-bars" onPointerLeave={() => setPointed(null)}>
        {rows.map((r) => {
          const text = continued(r);
          return (
            <li key={r.id}>
              <button
                type="button"
                className={`prediction ${r.actual ? "actual" : ""} ${logits ? "with-logit" : ""}`}
                aria-disabled={text === null}
                title={text === null ? whyNot : `${action} ${tokenText(r.token)}`}
                onClick={() => text !== null && onContinue(text, r)}
                onPointerEnter={() => setPointed(r.id)}
                onFocus={() => setPointed(r.id)}
                onBlur={() => setPointed(null)}
              >
                <span className="token prediction-token">
                  <TokenText token={r.token} />
                </span>
                <span className="prediction-track" aria-hidden="true">
                  <span style={{ transform: `scaleX(${r.probability / most})` }} />
                </span>
                {logits && (
                  <span className="mono prediction-logit" title="logit">
                    {r.logit.toFixed(2)}
                  </span>
                )}
                <span className="mono prediction-share">{formatPercent(r.probability)}</span>
              </button>
            </li>
          );
        })}
      </ol>
      <p className="readout" aria-live="polite">
        {row ? (
          <>
            logit <b className="mono">{row.logit.toFixed(3)}</b> · surprisal{" "}
            <b className="mono">{row.surprisal.toFixed(2)}</b> bits
            {row.actual && " · the text goes on with it"}
          </>
        ) : (
          summary
        )}
      </p>
    </>
  );
}
