/** What the edits have done beside what they were meant to: neutral text and the task, of the base and of the edited model. */
import { details } from "../../../core/model-card.ts";
import { weightEditName } from "../../../core/model-edit.ts";
import type { DriftRow } from "../../../core/tune.ts";
import { driftPython } from "../../../python/model-edit.ts";
import { useLab } from "../../../state/context.ts";
import { openEditedModel } from "../../../state/edited-slice.ts";
import { listKey } from "../../../state/tune-slice.ts";
import { useRead, wholeIn } from "../../../state/options-slice.ts";
import { useRunFacts } from "../../../state/run-facts.ts";
import { Button } from "../../../ui/button.tsx";
import { ErrorCard } from "../../../ui/error-card.tsx";
import { Figure } from "../../../ui/figure.tsx";
import { formatPercent } from "../../../ui/format.ts";
import { SmallNumber } from "../../../ui/small-number.tsx";
import { Progress } from "../../../ui/progress.tsx";
import { useTaskPairs } from "./use-task-pairs.ts";

const WHAT = {
  words:
    "Both models read the same text, contexts of the lab's corpus that no SAE here was trained on. Perplexity is of the next token; the divergence says how far the edited model's prediction of it has moved from the base's. Without an edit it is exactly 0. The task's score is read at the end of its clean prompts.",
  formula:
    "perplexity = exp(mean −ln p(next)),  KL = mean Σ p_base · ln(p_base / p_edited), in nats",
  source: "Kullback and Leibler 1951; as the KL that circuits and SAEs are judged by.",
};

const COLUMNS: readonly {
  name: string;
  of: (row: DriftRow) => number | null;
  say: (n: number) => string;
}[] = [
  { name: "perplexity", of: ({ text }) => text.perplexity, say: (n) => n.toPrecision(4) },
  { name: "loss (nats)", of: ({ text }) => text.loss, say: (n) => n.toFixed(4) },
  {
    name: "KL from the base (nats)",
    of: ({ text }) => text.kl,
    say: (n) => (n === 0 ? "0" : n < 1e-4 ? n.toExponential(1) : n.toFixed(4)),
  },
  { name: "same likeliest token", of: ({ text }) => text.sameTop, say: formatPercent },
  {
    name: "task: logit difference",
    of: ({ task }) => task?.logitDiff ?? null,
    say: (n) => n.toFixed(3).replace("-", "−"),
  },
  { name: "task: p(answers)", of: ({ task }) => task?.prob ?? null, say: (n) => n.toFixed(3) },
  { name: "task: answer first", of: ({ task }) => task?.first ?? null, say: formatPercent },
];

export function DriftFigure() {
  const open = useLab(openEditedModel);
  const drift = useLab((s) => s.drift);
  const value = useLab((s) => s.driftChecks[listKey(s)]) ?? null;
  const measure = useLab((s) => s.measureDrift);
  const stop = useLab((s) => s.stopDrift);
  const facts = useRunFacts();
  const pairs = useTaskPairs();
  const [contexts, setContexts] = useRead("edit.contexts", wholeIn(1, 256), 16);
  const edits = open?.edits ?? [];
  const run = () => {
    const tuned = edits.findLastIndex(({ kind, on }) => kind === "tuned" && on);
    const before = edits.filter((_, i) => i !== tuned);
    void measure(
      edits,
      [
        ...(tuned >= 0 && before.some(({ on }) => on)
          ? [{ name: "before the last fine-tuning", edits: before }]
          : []),
        { name: open?.name ?? "no edits", edits },
      ],
      pairs,
      contexts,
    );
  };
  const measured = value?.edits ?? edits;
  const isOld = JSON.stringify(measured) !== JSON.stringify(edits);
  return (
    <Figure
      title="Drift"
      name="drift"
      what={WHAT}
      python={() => driftPython(facts(), open?.base ?? null, measured, value?.contexts ?? contexts)}
      table={() => ({
        columns: ["model", "tokens", ...COLUMNS.map(({ name }) => name)],
        rows: (value?.answer ?? []).map((row, i) => [
          ...[value!.names[i]!, row.text.tokens],
          ...COLUMNS.map(({ of }) => of(row)),
        ]),
      })}
      controls={
        <SmallNumber
          label="Contexts of text"
          value={contexts}
          onChange={setContexts}
          min={1}
          max={256}
          whole
        />
      }
    >
      {drift?.status === "running" ? (
        <Progress
          label="Reading text with both models"
          share={drift.progress ? drift.progress.done / Math.max(1, drift.progress.total) : null}
          facts={
            drift.progress ? [`${drift.progress.done} of ${drift.progress.total} contexts`] : []
          }
          onCancel={stop}
        />
      ) : (
        <div className="row">
          <Button onClick={run}>Compare with the base</Button>
          <span className="quiet">
            {pairs.length > 0 ? `and on the task's ${pairs.length} pairs` : "no task is open"}
          </span>
        </div>
      )}
      {drift?.status === "failed" && (
        <ErrorCard title="The drift could not be measured" error={drift.error} />
      )}
      {isOld && (
        <p role="status">The list has changed since: below is what the edits named there did.</p>
      )}
      {value && (
        <div
          className="component-room"
          tabIndex={0}
          role="region"
          aria-label="Drift, model by model"
        >
          <table className="drift-table">
            <caption className="quiet">
              On {value.answer[0]!.text.tokens.toLocaleString("en-US")} tokens of {value.contexts}{" "}
              contexts
            </caption>
            <thead>
              <tr>
                <th scope="col">model</th>
                {COLUMNS.map(({ name }) => (
                  <th key={name} scope="col">
                    {name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {value.answer.map((row, i) => (
                <tr key={value.names[i]}>
                  <th scope="row">{value.names[i]}</th>
                  {COLUMNS.map(({ name, of, say }) => {
                    const found = of(row);
                    return (
                      <td key={name} className="mono">
                        {found === null ? "–" : say(found)}
                      </td>
                    );
                  })}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {value && measured.length > 0 && (
        <details>
          <summary>The edits that were measured</summary>
          <ol>
            {measured.map((edit, i) => (
              <li key={i}>
                {weightEditName(edit)}
                {edit.on ? "" : ", switched off"}. <span className="quiet">{details(edit)}</span>
              </li>
            ))}
          </ol>
        </details>
      )}
    </Figure>
  );
}
