/** The texts of a hypothesis test with the feature on each token, and what came of each. */
import { ExampleRow } from "../../charts/example-row.tsx";
import { type Verdict, verdictOf } from "../../charts/test-result.ts";
import type { TestResult } from "../../core/feature-notes.ts";
import type { FeatureExample } from "../../core/sae.ts";
import type { TestReading } from "../../state/hypothesis-slice.ts";

const SIGNS: Record<Verdict, string> = {
  hit: "✓",
  miss: "✕",
  "false alarm": "✕",
  "rightly silent": "✓",
};

export interface HypothesisTextsProps {
  result: TestResult;
  reading: TestReading;
  /** The feature's largest activation in the corpus: the strongest shade, unless a text is above it. */
  max: number;
}
export function HypothesisTexts({ result, reading, max }: HypothesisTextsProps) {
  const all = [...reading.should, ...reading.shouldNot];
  const strongest = Math.max(max, ...all.map(({ activations, peak }) => activations[peak] ?? 0));
  const group = (name: string, examples: readonly FeatureExample[], should: boolean) =>
    examples.length > 0 && (
      <section aria-label={name}>
        <h3>{name}</h3>
        <ol className="examples">
          {examples.map((example, i) => {
            const value = example.activations[example.peak] ?? 0;
            const verdict = verdictOf(value, result.threshold, should);
            return (
              <li key={i}>
                <ExampleRow
                  example={example}
                  span={{ start: 0, end: example.tokens.length }}
                  max={strongest}
                  actions={
                    <span className={`verdict ${SIGNS[verdict] === "✓" ? "right" : "wrong"}`}>
                      <span aria-hidden="true">{SIGNS[verdict]}</span> {verdict}
                    </span>
                  }
                />
              </li>
            );
          })}
        </ol>
      </section>
    );
  return (
    <div className="test-read">
      {group("Should make it active", reading.should, true)}
      {group("Should not", reading.shouldNot, false)}
    </div>
  );
}
