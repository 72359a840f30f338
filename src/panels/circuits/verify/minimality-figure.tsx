/** What each node does, once the K that shows it best is gone. */
import { barScale, SignedBars } from "../../../charts/signed-bars.tsx";
import { useRunFacts } from "../../../state/run-facts.ts";
import { formulaOf } from "../../../state/task-slice.ts";
import { Figure } from "../../../ui/figure.tsx";
import { metricText, metricWords } from "../words.ts";
import type { ReportProps } from "./faithfulness-figure.tsx";
import { partOf, shareText, testPython, WHAT_MINIMALITY } from "./words.ts";

export function MinimalityFigure({ report, asked }: ReportProps) {
  const { question, names } = asked;
  const facts = useRunFacts();
  const part = partOf(question);
  const { unit, inText } = metricWords(question.metric, formulaOf(question).formula);
  const inUnit = unit && ` (${unit})`;
  const bars = report.needed.map(({ unit: node, effect, share, ofModel, set }) => ({
    ...{ label: names[node]!, value: effect },
    detail: [
      share === null ? metricText(effect) : shareText(share),
      ...(ofModel === null ? [] : [`${shareText(ofModel)} of F(M)`]),
      `K = ${set.name}`,
    ].join(" · "),
  }));
  return (
    <Figure
      title="Minimality"
      name="circuit-minimality"
      what={WHAT_MINIMALITY}
      python={() => testPython(facts(), question, "minimality")}
      table={() => ({
        columns: [
          ...[part, "K", `${part}s of K`, `F(C∖K)${inUnit}`, `F(C∖(K∪{v}))${inUnit}`],
          ...[`effect${inUnit}`, "effect (share)", "effect ÷ |F(M)|"],
        ],
        rows: report.needed.map(({ unit: node, set, before, after, effect, share, ofModel }) => [
          ...[names[node]!, set.name, set.units.map((other) => names[other]).join(", ")],
          ...[before, after, effect, share, ofModel],
        ]),
      })}
    >
      <div className="bars-room" tabIndex={0} role="group" aria-label={`Effects of the ${part}s`}>
        <SignedBars
          caption={`Effect of each ${part}, ${inText}${inUnit}`}
          bars={bars}
          scale={barScale(bars)}
          valueName="effect"
          detailName="shares, and the K"
        />
      </div>
    </Figure>
  );
}
