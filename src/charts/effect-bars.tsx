/** Tokens that a direction makes likelier or unlikelier: one bar and one number a token. */
import type { TokenEffect } from "../core/sae.ts";
import { formatSigned } from "../ui/format.ts";
import { tokenText } from "../ui/token-text.ts";
import { Token } from "../ui/token.tsx";
import "./effect-bars.css";

export interface EffectBarsProps {
  caption: string;
  effects: readonly TokenEffect[];
  /** |effect| of a full bar, the same for lists that are compared. */
  scale: number;
  /** What the number is. @default "effect on its logit" */
  measure?: string;
}

export function EffectBars({
  caption,
  effects,
  scale,
  measure = "effect on its logit",
}: EffectBarsProps) {
  return (
    <table className="effect-bars">
      <caption>{caption}</caption>
      <thead className="visually-hidden">
        <tr>
          <th scope="col">token</th>
          <th scope="col">{measure}</th>
        </tr>
      </thead>
      <tbody>
        {effects.map(({ id, string, effect }) => (
          <tr key={id}>
            <th scope="row" title={`token ${id}: ${tokenText(string)}`}>
              <Token token={string} />
            </th>
            <td>
              <div className="effect">
                <span className="effect-track" aria-hidden="true">
                  <span
                    className={effect < 0 ? "minus" : "plus"}
                    style={{ transform: `scaleX(${scale > 0 ? Math.abs(effect) / scale : 0})` }}
                  />
                </span>
                <span className="mono">{formatSigned(effect, 3)}</span>
              </div>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
