/** One side: its text, what could have come at the step looked at, its branches. */
import { useMemo, useState } from "react";
import { PredictionBars } from "../../../charts/prediction-bars.tsx";
import { meanSurprisal, stepRows, surprisal } from "../../../charts/written.ts";
import { WrittenText } from "../../../charts/written-text.tsx";
import {
  type Branch,
  type BranchTree,
  currentBranch,
  forksOf,
  type WrittenToken,
} from "../../../state/branch-tree.ts";
import type { RunSpec } from "../../../state/compare-slice.ts";
import { useLab } from "../../../state/context.ts";
import type { Side, Written } from "../../../state/generate-slice.ts";
import { ErrorCard } from "../../../ui/error-card.tsx";
import { formatPercent } from "../../../ui/format.ts";
import { isSpecial } from "../../../ui/token-text.ts";
import { Token } from "../../../ui/token.tsx";
import { Branches } from "./branches.tsx";

export interface WrittenSideProps {
  side: Side;
  /** null: there is no other. */
  name: string | null;
  run: RunSpec;
  written: Written;
  tree: BranchTree;
  /** Of the current branch. */
  steps: readonly WrittenToken[];
  /** For each step: whether the other side has another token there. */
  marked: readonly boolean[];
  shaded: boolean;
}

export function WrittenSide(props: WrittenSideProps) {
  const { side, name, run, written, tree, steps, marked, shaded } = props;
  const writeBranch = useLab((s) => s.writeBranch);
  const onBench = useLab(
    (s) => (s.model.status === "ready" ? s.model.value.id : null) === written.modelId,
  );
  const [pointed, setPointed] = useState<number | null>(null);
  const [held, setHeld] = useState<number | null>(null);
  const branch = currentBranch(tree);
  const prompt = "text" in run.prompt ? run.prompt.text : "";
  const forks = useMemo(() => forksOf(tree), [tree]);
  const at = [pointed, held, steps.length - 1].find((i) => i !== null && i < steps.length) ?? -1;
  const step = steps[at];
  const selected = held !== null && held < steps.length ? held : null;
  return (
    <section className="written" aria-label={name ?? "The text"}>
      {name && <h3>{name}</h3>}
      <div className="written-body">
        <div className="stack">
          {branch.error && <ErrorCard title="Generating" error={branch.error} />}
          <WrittenText
            label={`${name ?? "text"}, by step`}
            {...{ prompt, steps, shaded, marked, forks, pointed, selected }}
            onPoint={setPointed}
            onSelect={setHeld}
            running={branch.status === "running"}
          />
          <p className="quiet" role="status">
            {statusWords(branch, steps)}
          </p>
          <Branches {...{ side, tree, prompt }} />
        </div>
        {step && (
          <div className="written-step">
            <StepLine step={step} at={at} />
            <PredictionBars
              rows={stepRows(step)}
              continued={({ actual, token }) =>
                actual || isSpecial(token) || !onBench ? null : token
              }
              whyNot={
                onBench
                  ? "It is there, or it ends the text"
                  : "The model that wrote this is not on the bench"
              }
              action="Branch: go on with"
              onContinue={(_, row) => {
                setHeld(null);
                setPointed(null);
                const choice = step.alternatives?.ids.indexOf(row.id) ?? -1;
                void writeBranch(side, at, choice);
              }}
              summary="Choose another to go on from there"
            />
          </div>
        )}
      </div>
    </section>
  );
}

function StepLine({ step, at }: { step: WrittenToken; at: number }) {
  return (
    <p className="readout written-line" aria-live="polite">
      step <b className="mono">{at + 1}</b>{" "}
      {isSpecial(step.string) ? "the end of the text" : <Token token={step.string} />}{" "}
      <b className="mono">{formatPercent(step.probability)}</b> · rank{" "}
      <b className="mono">{step.rank}</b> · <b className="mono">{surprisal(step).toFixed(2)}</b>{" "}
      bits
      {step.chosen && " · chosen by hand"}
    </p>
  );
}

function statusWords({ status, end }: Branch, steps: readonly WrittenToken[]): string {
  const written = end ? steps.slice(0, -1) : steps;
  const count = `${written.length} ${written.length === 1 ? "token" : "tokens"}`;
  const mean = meanSurprisal(written);
  const surprise = mean
    ? `, ${mean.bits.toFixed(2)} bits each on average (perplexity ${mean.perplexity.toPrecision(3)})`
    : "";
  const how = {
    ...{ idle: "", running: "", failed: "", length: "", stop: "", cancelled: ", stopped" },
    "end-of-text": ", and there it ends by itself",
    "context-full": ", and the model’s context is full",
  }[status];
  return `${count}${surprise}${how}`;
}
