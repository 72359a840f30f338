/** A row for each token: how far it was expected, on both sides of a comparison. */
import { Fragment } from "react";
import type { AlignedPair } from "../../../charts/align.ts";
import type { PredictionFacts } from "../../../core/prediction.ts";
import { sideNames } from "../../../state/compare-slice.ts";
import { useLab } from "../../../state/context.ts";
import type { Sides } from "../../../state/figures-slice.ts";
import { formatPercent, formatSigned } from "../../../ui/format.ts";
import { tokenLabels } from "../../../ui/token-text.ts";
import { Token } from "../../../ui/token.tsx";
import type { Expected } from "./expected.ts";
import "./expected-table.css";

export interface ExpectedTableProps {
  sides: Sides<PredictionFacts>;
  expected: Sides<readonly (Expected | null)[]>;
  pairs: readonly AlignedPair[];
  selectedPair: number;
  onSelect: (pair: number) => void;
}

export function ExpectedTable(props: ExpectedTableProps) {
  const { sides, expected, pairs, selectedPair, onSelect } = props;
  const names = useLab((s) => s.otherText);
  const { a, b } = sideNames({ otherText: names });
  const shown = sides.b ? (["a", "b"] as const) : (["a"] as const);
  const heading = (side: "a" | "b") => (sides.b ? ` ${side === "a" ? a : b}` : "");
  const { temperature } = sides.a;
  return (
    <div className="expected-room" tabIndex={0} role="region" aria-label="Expected tokens, a table">
      <table className="expected-table">
        <thead>
          <tr>
            <th scope="col">position</th>
            {shown.map((side) => (
              <Fragment key={side}>
                <th scope="col" className="words">
                  token{heading(side)}
                </th>
                <th scope="col">bits</th>
                <th scope="col">nats</th>
                <th scope="col">rank</th>
                <th scope="col">p{temperature === 1 ? "" : `, τ = ${temperature}`}</th>
                <th scope="col" className="words">
                  likeliest
                </th>
              </Fragment>
            ))}
            {sides.b && <th scope="col">± bits</th>}
          </tr>
        </thead>
        <tbody>
          {pairs.map((pair, i) => (
            <tr
              key={i}
              aria-current={i === selectedPair ? "true" : undefined}
              onClick={() => onSelect(i)}
            >
              <td className="mono">{pair.a ?? "–"}</td>
              {shown.map((side) => (
                <Cells key={side} facts={sides[side]!} expected={expected[side]!} at={pair[side]} />
              ))}
              {sides.b && <td className="mono">{change(expected, pair)}</td>}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface CellsProps {
  facts: PredictionFacts;
  expected: readonly (Expected | null)[];
  at: number | null;
}
function Cells({ facts, expected, at }: CellsProps) {
  if (at === null) return <td colSpan={6} className="quiet" />;
  const token = (
    <th scope="row" className="words">
      <Token token={tokenLabels(facts.tokens.strings)[at]!} />
    </th>
  );
  const known = expected[at];
  if (!known) {
    return (
      <>
        {token}
        <td colSpan={5} className="quiet words">
          nothing comes before it
        </td>
      </>
    );
  }
  return (
    <>
      {token}
      <td className="mono">{known.surprise.toFixed(3)}</td>
      <td className="mono">{known.loss.toFixed(3)}</td>
      <td className="mono">{known.rank}</td>
      <td className="mono">{formatPercent(known.probability)}</td>
      <td className="words">
        {known.rank === 1 ? (
          <span className="quiet">itself</span>
        ) : (
          <Token token={known.likeliest} />
        )}
      </td>
    </>
  );
}

function change(expected: ExpectedTableProps["expected"], { a, b }: AlignedPair): string {
  const before = a === null ? null : expected.a[a];
  const after = b === null ? null : expected.b?.[b];
  return before && after ? formatSigned(after.surprise - before.surprise, 3) : "";
}
