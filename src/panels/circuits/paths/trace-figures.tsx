/** A traced pair of tokens: the score by what wrote at both, the value by what wrote at the key. */
import { useState } from "react";
import { barScale, SignedBars } from "../../../charts/signed-bars.tsx";
import { Matrix } from "../../../charts/matrix.tsx";
import { type MatrixCell, signedScale } from "../../../charts/matrix-cells.ts";
import { foldPairs, sumOf, topParts } from "../../../charts/pair-trace.ts";
import type { PairQuestion, PairTrace } from "../../../core/pair-trace.ts";
import { useLab } from "../../../state/context.ts";
import { scorePython, valuePython } from "../../../python/pair-trace.ts";
import { useRunFacts } from "../../../state/run-facts.ts";
import { Figure, Readout } from "../../../ui/figure.tsx";
import { formatSigned } from "../../../ui/format.ts";
import { WHAT_SCORE, WHAT_VALUE } from "./trace-words.ts";

const MOST = 9; // parts by name; the others are one more

/** "The sum is 3.2145; the run’s own is 3.2145 (they differ by 2e-7)." */
const sumWords = (sum: number, own: number, unit: string) =>
  `All of it adds up to ${formatSigned(sum, 4)}${unit}; the run’s own is ${formatSigned(own, 4)}${unit}, ` +
  `apart by ${Math.abs(sum - own) < 1e-12 ? "0" : Math.abs(sum - own).toExponential(1)}.`;

interface Props {
  trace: PairTrace;
  /** "9.6" */
  head: string;
  query: string;
  at: string;
  question: PairQuestion;
}

export function ScoreFigure({ trace, head, query, at, question }: Props) {
  const facts = useRunFacts();
  const selectHead = useLab((s) => s.selectHead);
  const [cell, setCell] = useState<MatrixCell | null>(null);
  const { rows, columns, values } = foldPairs(trace, MOST);
  const names = (list: readonly { name: string }[]) => list.map(({ name }) => name);
  const value = ({ row, column }: MatrixCell) => values[row * columns.length + column]!;
  const say = (of: MatrixCell) =>
    `${rows[of.row]!.name} at the query × ${columns[of.column]!.name} at the key: ${formatSigned(value(of), 3)}`;
  return (
    <Figure
      title={
        <>
          Why <span className="mono">{head}</span> looks from {query} to {at}
        </>
      }
      name={`score-${head}`}
      what={WHAT_SCORE}
      python={() => scorePython(facts(), question)}
      table={() => ({
        columns: ["at the query", "at the key", "score"],
        rows: trace.parts.flatMap((q, i) =>
          trace.parts.map((k, j) => [q.name, k.name, trace.scores[i * trace.parts.length + j]!]),
        ),
      })}
    >
      <p className="quiet">
        Score {formatSigned(trace.score, 3)}, weight {trace.weight.toFixed(3)}.{" "}
        {sumWords(sumOf(trace.scores), trace.score, "")}
      </p>
      <Readout>
        {cell ? say(cell) : "Point at a pair to read it; click to select the head at the query."}
      </Readout>
      <Matrix
        values={values}
        rows={names(rows)}
        columns={names(columns)}
        ramp="signed"
        scale={signedScale(values)}
        name="Score by what wrote at the query and at the key"
        cellWords={say}
        cellText={(of) => formatSigned(value(of), 2)}
        leastWidth={2.6}
        cell={cell}
        onCell={setCell}
        onSelect={({ row }) => {
          const { layer, head: index } = rows[row]!;
          if (layer !== null && index !== null) selectHead({ layer, head: index });
        }}
      />
    </Figure>
  );
}

export function ValueFigure({ trace, head, at, along, question }: Props & { along: string }) {
  const facts = useRunFacts();
  const { parts, rest } = topParts(trace.parts, trace.values, MOST + 3);
  const bars = [
    ...parts.map(({ index, value }) => ({ label: trace.parts[index]!.name, value })),
    ...(rest.count > 0 ? [{ label: `${rest.count} others`, value: rest.sum }] : []),
  ];
  return (
    <Figure
      title={
        <>
          What <span className="mono">{head}</span> moves from {at}
        </>
      }
      name={`value-${head}`}
      what={WHAT_VALUE}
      python={() => valuePython(facts(), question)}
      table={() => ({
        columns: ["at the key", "written, logits"],
        rows: trace.parts.map(({ name }, i) => [name, trace.values[i]!]),
      })}
    >
      <p className="quiet">
        Along {along}. {sumWords(sumOf(trace.values), trace.written, " logits")}
      </p>
      <SignedBars caption="What wrote the value, in logits" bars={bars} scale={barScale(bars)} />
    </Figure>
  );
}
