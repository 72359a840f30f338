/** The whole model, the circuit and nothing; and the circuit among random ones of its size. */
import type { ReactNode } from "react";
import { type CircuitReport, nullHistogram } from "../../../charts/circuit-report.ts";
import { HistogramChart } from "../../../charts/histogram-chart.tsx";
import { barScale, SignedBars } from "../../../charts/signed-bars.tsx";
import { useRunFacts } from "../../../state/run-facts.ts";
import { formulaOf } from "../../../state/task-slice.ts";
import type { VerifyAsked } from "../../../core/verify.ts";
import { Figure } from "../../../ui/figure.tsx";
import { metricText, metricWords } from "../words.ts";
import { shareText, testPython, WHAT_FAITHFULNESS } from "./words.ts";

export interface ReportProps {
  report: CircuitReport;
  asked: VerifyAsked;
}

export function FaithfulnessFigure({ report, asked }: ReportProps) {
  const { question } = asked;
  const { full, circuit, empty, share, random, p } = report;
  const facts = useRunFacts();
  const { label, unit } = metricWords(question.metric, formulaOf(question).formula);
  const rows = [
    ["whole model, F(M)", full],
    ["circuit alone, F(C)", circuit],
    ["nothing, F(∅)", empty],
  ] as const;
  const bars = rows.map(([name, { mean, error }]) => ({
    ...{ label: name, value: mean },
    detail: error === null ? "–" : `± ${metricText(error)}`,
  }));
  const histogram = share && nullHistogram(random, share.mean);
  return (
    <Figure
      title="Faithfulness"
      name="circuit-faithfulness"
      what={WHAT_FAITHFULNESS}
      python={() => testPython(facts(), question, "faithfulness")}
      table={() => ({
        columns: ["circuit", `F${unit && ` (${unit})`}`, "standard error", "n", "share"],
        rows: [
          ...rows.map(([name, { mean, error, n }], i) => [
            ...[name, mean, error, n],
            share && [1, share.mean, 0][i]!,
          ]),
          ...random.map((value, i) => [`random ${i + 1}`, null, null, full.n, value]),
        ],
      })}
    >
      <div className="bars-room" tabIndex={0} role="group" aria-label="F of the three">
        <SignedBars
          caption={`${label}${unit && `, ${unit}`}`}
          bars={bars}
          scale={barScale(bars)}
          valueName={label}
          detailName="standard error"
        />
      </div>
      <dl className="facts">
        <Fact name="Of the way from nothing to the model">
          {share
            ? `${shareText(share.mean)}${share.error === null ? "" : ` ± ${shareText(share.error)}`}`
            : "cannot say"}
        </Fact>
        <Fact name="|F(M) − F(C)|">{metricText(report.gap)}</Fact>
        <Fact name="F(C) / F(M)">
          {report.ratio === null ? "cannot say: F(M) is 0" : metricText(report.ratio)}
        </Fact>
        <Fact name="Pairs">{full.n}</Fact>
        {report.leastReferences !== null && (
          <Fact name="Prompts of a mean, at least">{report.leastReferences}</Fact>
        )}
        {p !== null && (
          <Fact name="Random circuits that do as well">
            {report.asGood} of {random.length}, p = {p.toPrecision(2)}
          </Fact>
        )}
      </dl>
      {report.error && <p role="status">No share can be said: {report.error.message}.</p>}
      {histogram && random.length > 0 && (
        <div>
          <h3 className="small-title">Share, of random circuits; the line is this one</h3>
          <HistogramChart
            histogram={histogram}
            label="Share of the way of random circuits"
            counted={random.length === 1 ? "random circuit" : "random circuits"}
            shareOf="of them"
            unit={["circuit", "circuits"]}
            marked={{ value: share.mean, words: "this circuit" }}
          />
        </div>
      )}
    </Figure>
  );
}

const Fact = ({ name, children }: { name: string; children: ReactNode }) => (
  <div className="fact">
    <dt>{name}</dt>
    <dd className="mono">{children}</dd>
  </div>
);
