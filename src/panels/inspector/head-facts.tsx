/** The selected head: what the selected token looks at through it, and its habits on this prompt. */
import { useMemo } from "react";
import { headPattern, patternDims } from "../../charts/attention.ts";
import { headName } from "../../charts/head-units.ts";
import { headFacts } from "../../charts/head-facts.ts";
import {
  formatScore,
  repeatFacts,
  SCORE_WORDS,
  scoreTitle,
} from "../../charts/head-score-words.ts";
import type { PromptView } from "../../core/prompt-view.ts";
import { useLab } from "../../state/context.ts";
import { useStudy } from "../../state/figures-slice.ts";
import type { HeadId } from "../../state/view-slice.ts";
import { shownPosition } from "../../state/prompt-slice.ts";
import { formatWeight } from "../../ui/format.ts";
import { Button } from "../../ui/button.tsx";
import { EditButtons } from "./edit-buttons.tsx";
import { SteerButton } from "./steer-button.tsx";
import { HeadCopying } from "./head-copying.tsx";
import { tokenLabels } from "../../ui/token-text.ts";
import { Token } from "../../ui/token.tsx";

export function HeadFacts({ view }: { view: PromptView }) {
  const head = useLab((s) => s.head);
  const position = useLab(shownPosition);
  const text = useLab((s) => s.text);
  const { pattern, tokens } = view;
  const { layers, heads } = patternDims(pattern);
  const setLab = useLab((s) => s.setLab);
  const setOptions = useLab((s) => s.setOptions);
  const trace = (query: number, key: number) => {
    setOptions({
      ...{ "circuits.part": "paths", "trace.of": "prompt", "trace.token": null },
      ...{ "trace.query": String(query), "trace.key": String(key) },
    });
    setLab("circuits");
  };
  const known = head !== null && head.layer < layers && head.head < heads;
  const facts = useMemo(
    () =>
      known && position !== null
        ? headFacts(headPattern(pattern, head.layer, head.head), tokens.ids, position)
        : null,
    [known, head, pattern, tokens, position],
  );
  if (!known || position === null || !facts) return null;
  const labels = tokenLabels(tokens.strings);
  return (
    <section className="inspect">
      <h2>
        Head <span className="mono">{headName(head)}</span>
      </h2>
      <EditButtons target={{ kind: "head", layer: head.layer, head: head.head }} />
      {text !== "" && (
        <div>
          <SteerButton source={{ kind: "head", ...head, phrases: [text] }} />
        </div>
      )}
      <h3>
        <Token token={labels[position]!} /> looks at
      </h3>
      <ul className="weights">
        {facts.strongest.map(({ k, weight }) => (
          <li key={k}>
            <Token token={labels[k]!} />
            <span className="weight-track" aria-hidden="true">
              <span style={{ transform: `scaleX(${weight})` }} />
            </span>
            <span className="mono">{formatWeight(weight)}</span>
            <Button
              kind="quiet"
              title={`Why head ${headName(head)} looks at ${labels[k]!.text}, and what it moves: in Circuits`}
              onClick={() => trace(position, k)}
            >
              why?
            </Button>
          </li>
        ))}
      </ul>
      <dl className="facts">
        <dt title="−Σ A log₂ A over the keys it may see">entropy</dt>
        <dd>
          <span className="mono">{facts.entropy.toFixed(2)}</span> of at most{" "}
          <span className="mono">{facts.mostEntropy.toFixed(2)}</span> bits
        </dd>
      </dl>
      <h3>Over this prompt</h3>
      <dl className="facts">
        {facts.scores.map(({ score, value }) => (
          <div key={score} className="fact" title={SCORE_WORDS[score].means}>
            <dt>{scoreTitle(score)}</dt>
            <dd>
              {value === null ? (
                <span className="quiet">
                  {tokens.ids.length < 2 ? "only one token" : "no repeated token"}
                </span>
              ) : (
                <span className="mono">{formatScore(score, value)}</span>
              )}
            </dd>
          </div>
        ))}
      </dl>
      <OnRepeats head={head} />
      <HeadCopying {...head} />
    </section>
  );
}

/** What was found when heads were scored on random repeats; nothing before. */
function OnRepeats({ head }: { head: HeadId }) {
  const { shown } = useStudy("headScores", null);
  if (!shown || head.layer >= shown.layers || head.head >= shown.heads) return null;
  return (
    <>
      <h3>On {shown.length} random tokens, repeated</h3>
      <dl className="facts">
        {repeatFacts(shown, head.layer, head.head).map(({ score, title, means, text }) => (
          <div key={score} className="fact" title={means}>
            <dt>{title}</dt>
            <dd className="mono">{text}</dd>
          </div>
        ))}
      </dl>
    </>
  );
}
