/** The circuit without K against the model without K. */
import { useState } from "react";
import { ScatterPlot } from "../../../charts/scatter-plot.tsx";
import { useRunFacts } from "../../../state/run-facts.ts";
import { formulaOf } from "../../../state/task-slice.ts";
import { Figure } from "../../../ui/figure.tsx";
import { metricWords } from "../words.ts";
import type { ReportProps } from "./faithfulness-figure.tsx";
import { partOf, testPython, WHAT_COMPLETENESS } from "./words.ts";

const DRAWN = 150; // points at most: each is a stop for the keyboard

export function CompletenessFigure({ report, asked }: ReportProps) {
  const { question, names } = asked;
  const [selected, setSelected] = useState<string | null>(null);
  const facts = useRunFacts();
  const part = partOf(question);
  const { unit, inText } = metricWords(question.metric, formulaOf(question).formula);
  const inUnit = unit && ` (${unit})`;
  // Those that part most are drawn, whatever the order they came in.
  const points = report.subsets.toSorted((a, b) => b.gap - a.gap).slice(0, DRAWN);
  return (
    <Figure
      title="Completeness"
      name="circuit-completeness"
      what={WHAT_COMPLETENESS}
      python={() => testPython(facts(), question, "completeness")}
      table={() => ({
        columns: [
          ...["K", "kind", `${part}s`, `F(M∖K)${inUnit}`, "its standard error"],
          ...[`F(C∖K)${inUnit}`, "its standard error", `gap${inUnit}`, "gap (share)"],
        ],
        rows: report.subsets.map(({ set, model, circuit, gap, share }) => [
          ...[set.name, set.kind, set.units.map((unit) => names[unit]).join(", ")],
          ...[model.mean, model.error, circuit.mean, circuit.error, gap, share],
        ]),
      })}
    >
      <p className="quiet">
        {report.subsets.length} parts K. On the line circuit and model do alike without K.
      </p>
      <ScatterPlot
        points={points.map(({ set, model, circuit }, i) => ({
          id: String(i),
          label: `K = ${set.name}${set.units.length === 0 ? "" : ` (${set.units.length} of ${names.length} ${part}s)`}`,
          ...{ x: model.mean, y: circuit.mean },
        }))}
        xName={`F(M∖K), ${inText}`}
        yName="F(C∖K)"
        mark="equal"
        alike
        selected={selected}
        onSelect={setSelected}
      />
    </Figure>
  );
}
