/** What all of it comes to, in sentences; and as a page to print. */
import { METRIC_IN_WORDS, verdict } from "../../../charts/circuit-verdict.ts";
import { useRunFacts } from "../../../state/run-facts.ts";
import { Button } from "../../../ui/button.tsx";
import { Figure } from "../../../ui/figure.tsx";
import { saveFiles } from "../../../ui/save-files.ts";
import { metricText, metricWords } from "../words.ts";
import type { VerifyQuestion } from "../../../core/verify.ts";
import { formulaOf } from "../../../state/task-slice.ts";
import type { ReportProps } from "./faithfulness-figure.tsx";
import { verdictPage } from "./verdict-page.ts";
import { testPython, WHAT_FAITHFULNESS } from "./words.ts";

/** A formula is told as it is written. */
const measureWords = (question: VerifyQuestion): string => {
  const { formula } = formulaOf(question);
  if (formula === undefined) return METRIC_IN_WORDS[question.metric];
  const { unit } = metricWords(question.metric, formula);
  return `the formula ${formula}${unit && `, in ${unit}`}`;
};

export function VerdictFigure({ report, asked }: ReportProps) {
  const { question, names, circuitName, task, seed, dropped } = asked;
  const facts = useRunFacts();
  const sentences = verdict(
    report,
    {
      ...{ metric: measureWords(question), ablation: question.ablation, names },
      ...{
        of: question.edges ? "edges" : "nodes",
        withMlps: question.withMlps,
        by: question.random.by,
        prompts: { task, seed },
      },
    },
    metricText,
  );
  return (
    <Figure
      title={`What was measured: ${circuitName}`}
      name="circuit-verdict"
      what={WHAT_FAITHFULNESS}
      python={() => testPython(facts(), question, "faithfulness")}
      table={() => ({ columns: ["sentence"], rows: sentences.map((text) => [text]) })}
      controls={
        <Button
          icon="download"
          onClick={() => saveFiles([verdictPage({ report, asked, sentences })])}
        >
          Page to print
        </Button>
      }
    >
      <div className="verdict">
        {sentences.map((text) => (
          <p key={text}>{text}</p>
        ))}
      </div>
      {dropped > 0 && (
        <p className="quiet">
          {dropped} {dropped === 1 ? "pair" : "pairs"} of the draw left out: the open task has{" "}
          {dropped === 1 ? "it" : "them"}.
        </p>
      )}
    </Figure>
  );
}
