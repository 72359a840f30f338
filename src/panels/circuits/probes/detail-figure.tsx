/** One probe: what it mistakes for what, and the cases that it gets most wrong. */
import { useState } from "react";
import { Matrix } from "../../../charts/matrix.tsx";
import type { MatrixCell } from "../../../charts/matrix-cells.ts";
import { mainScore, type ProbeQuestion, type ProbeResult } from "../../../core/probe.ts";
import { probePython } from "../../../python/probes.ts";
import { useRunFacts } from "../../../state/run-facts.ts";
import { Button } from "../../../ui/button.tsx";
import { Figure, Readout } from "../../../ui/figure.tsx";
import { Example } from "./data-figure.tsx";
import { percent, placeName, scoreText, selectivityText, WHAT_DETAIL } from "./words.ts";

interface Props {
  result: ProbeResult;
  question: ProbeQuestion;
  /** Of the data; none for numbers. */
  classes: readonly string[];
}
const SHOWN = 8;

export function DetailFigure({ result, question, classes }: Props) {
  const facts = useRunFacts();
  const [all, setAll] = useState(false);
  const { scores, place, wrong, held, fitted, width } = result;
  const shown = all ? wrong : wrong.slice(0, SHOWN);
  return (
    <Figure
      title={`Probe at ${placeName(place)}`}
      name="probe"
      what={WHAT_DETAIL}
      python={() =>
        probePython(facts(), { ...question, places: [place] }, scores.kind === "numbers")
      }
      table={() =>
        scores.kind === "classes"
          ? {
              columns: ["truth", ...classes.map((name) => `told as ${name}`)],
              rows: classes.map((name, k) => [
                name,
                ...scores.confusion.subarray(k * classes.length, (k + 1) * classes.length),
              ]),
            }
          : {
              columns: ["text", "truth", "told", "off by"],
              rows: wrong.map((one) => [one.tokens.join(""), one.label, one.told, one.by]),
            }
      }
    >
      <p>
        {scores.kind === "classes" ? "Accuracy" : "R²"}{" "}
        <b>{scoreText(result, mainScore(result))}</b>
        {scores.kind === "classes" &&
          `, balanced ${percent(scores.balanced)}${scores.auc === null ? "" : `, AUC ${scores.auc.toFixed(3)}`}`}
        ; always {scores.kind === "classes" ? "the most frequent class" : "the mean"}:{" "}
        {scoreText(result, scores.majority)}; selectivity {selectivityText(result)}. {held} held-out
        cases, {fitted} fitted on, {width} numbers each.
      </p>
      {scores.kind === "classes" && (
        <Confusion counts={scores.confusion} classes={classes} name={placeName(place)} />
      )}
      <h3 className="small-title">
        {wrong.length === 0 ? "No held-out case is told wrongly" : "Most wrong"}
      </h3>
      <ul className="probe-wrong">
        {shown.map((one, i) => (
          <li key={i}>
            <Example example={one} />{" "}
            <span className="quiet">
              {one.label}, told as {one.told} (
              {scores.kind === "classes"
                ? `by ${one.by.toFixed(2)}`
                : `off by ${one.by.toPrecision(3)}`}
              )
            </span>
          </li>
        ))}
      </ul>
      {wrong.length > shown.length && (
        <div className="row">
          <Button onClick={() => setAll(true)}>Show {wrong.length - shown.length} more</Button>
        </div>
      )}
    </Figure>
  );
}

function Confusion({
  counts,
  classes,
  name,
}: {
  counts: Float64Array;
  classes: readonly string[];
  name: string;
}) {
  const [cell, setCell] = useState<MatrixCell | null>(null);
  const K = classes.length;
  const totals = classes.map((_, k) =>
    counts.subarray(k * K, (k + 1) * K).reduce((a, b) => a + b, 0),
  );
  const shares = Float32Array.from(counts, (n, i) => {
    const total = totals[Math.floor(i / K)]!;
    return total === 0 ? NaN : n / total;
  });
  const countAt = ({ row, column }: MatrixCell) => counts[row * K + column]!;
  const say = (at: MatrixCell) =>
    `${classes[at.row]!} told as ${classes[at.column]!}: ${countAt(at)} of ${totals[at.row]!}`;
  return (
    <div className="probe-confusion">
      <Matrix
        values={shares}
        rows={classes}
        columns={classes}
        ramp="attention"
        scale={{ low: 0, high: 1 }}
        name={`Confusion at ${name}: rows the truth, columns what is told`}
        cellWords={say}
        cellText={(at) => String(countAt(at))}
        cell={cell}
        onCell={setCell}
      />
      <Readout>{cell ? say(cell) : "Rows: what they are. Columns: what the probe says."}</Readout>
    </div>
  );
}
