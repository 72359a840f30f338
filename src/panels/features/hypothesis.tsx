/** A hypothesis about a feature, tested: texts that should and should not make it active, and how well that holds. */
import { useEffect } from "react";
import { testFacts, verdictOf } from "../../charts/test-result.ts";
import {
  type HypothesisTest,
  NO_NOTE,
  type TestResult,
  type TestedText,
} from "../../core/feature-notes.ts";
import {
  currentResult,
  DEFAULT_THRESHOLD,
  PARIS_TEST,
  thresholdAt,
} from "../../core/hypothesis.ts";
import type { FeatureDashboard } from "../../core/feature-dashboard.ts";
import { testPython } from "../../python/sae-test.ts";
import { useLab } from "../../state/context.ts";
import { useNotes } from "../../state/feature-notes.ts";
import { saeFacts, useRunFacts } from "../../state/run-facts.ts";
import { selectedSae } from "../../state/sae-on-bench.ts";
import { Button, IconButton } from "../../ui/button.tsx";
import { ErrorCard } from "../../ui/error-card.tsx";
import { Figure, type What } from "../../ui/figure.tsx";
import { useChosenTest } from "./hypothesis-choice.ts";
import { HypothesisForm } from "./hypothesis-form.tsx";
import { HypothesisTexts } from "./hypothesis-texts.tsx";
import { newId } from "../../core/new-id.ts";

const WHAT: What = {
  words:
    "State what the feature means, and write texts that should make it active and texts that should not, one a line. Each text is read by itself; what counts is the largest activation on its tokens, the first token of the context left out. Above the threshold is active. It is run again whenever a text, the threshold, the autoencoder or the model changes, and kept with the label.",
  formula:
    "precision = hits / (hits + false alarms), recall = hits / (hits + misses), margin = min over “should” − max over “should not”",
};

export function Hypothesis({ dashboard }: { dashboard: FeatureDashboard }) {
  const { saeId, feature, row } = dashboard;
  const { tests, label } = useNotes(saeId).features.get(feature) ?? NO_NOTE;
  const { test, choose } = useChosenTest(tests);
  const putTest = useLab((s) => s.putTest);
  const deleteTest = useLab((s) => s.deleteTest);
  const runTest = useLab((s) => s.runTest);
  const modelId = useLab((s) => (s.model.status === "ready" ? s.model.value.id : null));
  const reading = useLab((s) => s.testReading);
  const sae = useLab(selectedSae);
  const facts = useRunFacts();

  const threshold = test ? thresholdAt(test.threshold, row.max) : 0;
  const result = test && modelId ? currentResult(test, { threshold, modelId }) : null;
  const read = reading.status === "ready" ? reading.value : null;
  const isRead =
    read !== null &&
    read.testId === test?.id &&
    read.modelId === modelId &&
    read.feature === feature;
  const [id, asked] = [test?.id, JSON.stringify([test?.should, test?.shouldNot, threshold])];
  const fresh = result !== null && isRead;
  useEffect(() => {
    if (id === undefined || modelId === null || fresh) return;
    const rest = setTimeout(() => void runTest(saeId, feature, id, row.max), 400);
    return () => clearTimeout(rest);
  }, [id, asked, modelId, fresh, saeId, feature, row.max, runTest]);

  const begin = (from: Pick<HypothesisTest, "statement" | "should" | "shouldNot">) => {
    const made: HypothesisTest = {
      ...{ id: newId(), threshold: DEFAULT_THRESHOLD, result: null },
      ...{ at: new Date().toISOString(), ...from },
    };
    putTest(saeId, feature, made);
    choose(made.id);
  };
  const starts = (
    <>
      <Button
        onClick={() => begin({ statement: label?.text ?? "", should: [], shouldNot: [] })}
        disabled={modelId === null}
      >
        New test
      </Button>
      <Button
        title="Is it about the city, about any capital or landmark, or about the word? Texts to begin with."
        onClick={() => begin({ ...PARIS_TEST })}
        disabled={modelId === null}
      >
        The Paris exercise
      </Button>
    </>
  );
  return (
    <Figure
      title="Hypothesis test"
      name={`feature-${feature}-test`}
      what={WHAT}
      table={() => testTable(result)}
      python={
        sae && test
          ? () => testPython(facts(), saeFacts(sae), { ...test, feature, threshold })
          : { none: "there is no test yet." }
      }
      controls={
        test && (
          <div className="row">
            {tests.length > 1 && (
              <select
                className="input"
                aria-label="Which test"
                value={test.id}
                onChange={(e) => choose(e.target.value)}
              >
                {tests.map(({ id: value, statement }, i) => (
                  <option key={value} value={value}>
                    {statement === "" ? `test ${i + 1}` : statement}
                  </option>
                ))}
              </select>
            )}
            <IconButton
              icon="trash"
              label="Delete this test"
              onClick={() => deleteTest(saeId, feature, test.id)}
            />
          </div>
        )
      }
    >
      {!test && (
        <p className="quiet">
          Which texts should make this feature active, and which should not, if it means what you
          think?
        </p>
      )}
      {test && (
        <>
          <HypothesisForm
            key={test.id}
            {...{ test, dashboard }}
            onChange={(patch) =>
              putTest(saeId, feature, { ...test, ...patch, at: new Date().toISOString() })
            }
          />
          {reading.status === "failed" && (
            <ErrorCard
              title="The test could not be run"
              error={reading.error}
              actions={
                <Button onClick={() => void runTest(saeId, feature, test.id, row.max)}>
                  Try again
                </Button>
              }
            />
          )}
          {result && <Facts result={result} />}
          {result && isRead && <HypothesisTexts result={result} reading={read} max={row.max} />}
        </>
      )}
      <div className="row">{starts}</div>
    </Figure>
  );
}

function Facts({ result }: { result: TestResult }) {
  return (
    <dl className="test-facts" aria-live="polite">
      {testFacts(result).map(([name, value, means]) => (
        <div key={name} title={means}>
          <dt>{name}</dt>
          <dd className="mono">{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function testTable(result: TestResult | null) {
  const rows = (texts: readonly TestedText[], should: boolean) =>
    texts.map(({ text, value }) => [
      ...[should ? "should" : "should not", text, value],
      verdictOf(value, result!.threshold, should),
    ]);
  return {
    columns: ["kind", "text", "largest activation", "verdict"],
    rows: result ? [...rows(result.should, true), ...rows(result.shouldNot, false)] : [],
  };
}
