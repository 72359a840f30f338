/** The heads of a kind: those with at least some score, largest first, each with its pattern; a click opens one. */
import { useState } from "react";
import { patternDims } from "../../../charts/attention.ts";
import { byScore, formatScore, SCORE_WORDS, scoreTitle } from "../../../charts/head-score-words.ts";
import { headName } from "../../../charts/head-units.ts";
import { scorePython } from "../../../python/head-scores.ts";
import { useRunFacts } from "../../../state/run-facts.ts";
import { useLab } from "../../../state/context.ts";
import type { Sides } from "../../../state/figures-slice.ts";
import { numberIn, useRead } from "../../../state/options-slice.ts";
import { Button } from "../../../ui/button.tsx";
import { Empty } from "../../../ui/empty.tsx";
import { ErrorCard } from "../../../ui/error-card.tsx";
import { Figure } from "../../../ui/figure.tsx";
import { NumberInput } from "../../../ui/number-input.tsx";
import { Progress } from "../../../ui/progress.tsx";
import type { AttentionSide } from "../../../charts/attention-drawing.ts";
import { FoundHead } from "./found-head.tsx";
import { ScoreChoice } from "./score-choice.tsx";
import { ScoreSettings } from "./score-settings.tsx";
import { FIRST_SCORE, useHeadScores, useScoreOptions } from "./use-scores.ts";
import { useDrawingNames } from "./use-drawings.ts";
import { WHAT_FINDER } from "./what.ts";

const FIRST_SHOWN = 24; // rows; the rest on demand

export function FinderFigure({ sides }: { sides: Sides<AttentionSide> }) {
  const scores = useHeadScores();
  const selectHead = useLab((s) => s.selectHead);
  const stop = useLab((s) => s.stopAsking);
  const shownSides = useLab((s) => s.shownSides);
  const names = useDrawingNames();
  const runFacts = useRunFacts();
  const { options } = useScoreOptions();
  const [all, setAll] = useState(false);
  const { score, choose } = scores;
  const words = score && SCORE_WORDS[score];
  const [least, setLeast] = useRead("heads.least", numberIn(0, 1e6), words?.least ?? 0);
  const { heads } = patternDims(sides.a.pattern);
  // Heads are found by one side's scores; on a prompt, the other side's stand beside them.
  const main = scores.on === "prompt" && shownSides === "b" && sides.b ? "b" : "a";
  const list = scores.list(main);
  const [a, b, difference] = (["a", "b", "difference"] as const).map((side) => scores.list(side));
  const compared = scores.on === "prompt" && sides.b !== null && b && difference;
  const found = list ? byScore(list).filter((index) => (list[index] ?? -Infinity) >= least) : [];
  const drawn = all ? found : found.slice(0, FIRST_SHOWN);
  return (
    <Figure
      className="wide"
      title="Head finder"
      what={WHAT_FINDER}
      name={`heads-${scores.choice}`}
      table={() => ({
        columns: ["head", ...(compared ? ["a", "b"] : ["score"])],
        rows: (list ?? []).map((value, index) => [
          headName({ layer: Math.floor(index / heads), head: index % heads }),
          ...(compared ? [a?.[index] ?? null, b[index] ?? null] : [value]),
        ]),
      })}
      python={() =>
        scorePython(runFacts(), scores.on, score ?? "inductionDiagonal", options, scores.length)
      }
      controls={
        <div className="row">
          <ScoreChoice scores={scores} />
          {score && (
            <label className="row tight">
              <span className="quiet">at least&nbsp;</span>
              <NumberInput
                label={`Least ${scoreTitle(score)}`}
                value={least}
                step={0.05}
                min={0}
                className="narrow"
                onChange={setLeast}
              />
            </label>
          )}
        </div>
      }
    >
      {score === null || !words ? (
        <Empty
          title="Which heads do what?"
          actions={
            <Button onClick={() => choose(FIRST_SCORE)}>Score every head on random repeats</Button>
          }
        >
          On random tokens that are repeated, a head that looks back at what followed an earlier
          copy can only be an induction head; the text gives it no other reason.
        </Empty>
      ) : (
        <>
          <ScoreSettings scores={scores} />
          <p className="quiet">{words.means}.</p>
          {scores.error && <ErrorCard title="The heads could not be scored" error={scores.error} />}
          {scores.running && scores.progress && (
            <Progress
              label="Scoring heads"
              share={scores.progress.done / scores.progress.total}
              facts={[`${scores.progress.done} of ${scores.progress.total} sequences`]}
              onCancel={() => stop("study.headScores")}
            />
          )}
          {list && (
            <>
              <p aria-live="polite">
                {list.every((value) => value === null) ? (
                  "No token of this prompt repeats, so this cannot be said."
                ) : (
                  <>
                    <b className="mono">{found.length}</b> of {list.length} heads have{" "}
                    {scoreTitle(score)} of at least {formatScore(score, least)}
                    {compared && `, by ${names[main]}`}
                  </>
                )}
              </p>
              <ul className="found-heads">
                {drawn.map((index) => {
                  const head = { layer: Math.floor(index / heads), head: index % heads };
                  return (
                    <FoundHead
                      key={index}
                      head={head}
                      side={main === "b" ? (sides.b ?? sides.a) : sides.a}
                      text={formatScore(score, list[index] ?? null)}
                      more={
                        compared
                          ? `${formatScore(score, difference[index] ?? null, true)} in ${names.b}`
                          : null
                      }
                      onOpen={() => selectHead(head)}
                    />
                  );
                })}
              </ul>
              {drawn.length < found.length && (
                <div>
                  <Button onClick={() => setAll(true)}>All {found.length} heads</Button>
                </div>
              )}
            </>
          )}
        </>
      )}
    </Figure>
  );
}
