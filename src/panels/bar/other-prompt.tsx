/** The second prompt of a comparison, and its tokens: those that stand in another's place are marked. */
import { useMemo } from "react";
import { alignTokens } from "../../charts/align.ts";
import { useLab } from "../../state/context.ts";
import { asSentence } from "../../ui/advice.ts";
import { IconButton } from "../../ui/button.tsx";
import { tokenLabels } from "../../ui/token-text.ts";
import { Token } from "../../ui/token.tsx";

const ID = "other-prompt";

export function OtherPrompt() {
  const other = useLab((s) => s.otherText);
  const setOther = useLab((s) => s.setOtherText);
  const problem = useLab((s) => s.otherProblem);
  const swap = useLab((s) => s.swapPrompts);
  if (other === null) return null;
  return (
    <>
      <div className="prompt">
        <label className="prompt-label" htmlFor={ID}>
          Prompt B
        </label>
        <textarea
          id={ID}
          className="prompt-text"
          rows={1}
          value={other}
          placeholder="Write what the first prompt is compared with"
          spellCheck={false}
          autoComplete="off"
          autoCapitalize="off"
          dir="auto"
          onChange={(e) => setOther(e.target.value)}
        />
        <div className="prompt-tools">
          <IconButton icon="swap" label="Swap the two prompts" onClick={swap} />
          <IconButton icon="close" label="End the comparison" onClick={() => setOther(null)} />
        </div>
        {problem && (
          <p className="prompt-note failed" role="alert">
            {asSentence(problem.message)}
          </p>
        )}
      </div>
      <OtherTokens />
    </>
  );
}

function OtherTokens() {
  const view = useLab((s) => s.otherView);
  const first = useLab((s) => s.shownView);
  const changed = useMemo(() => {
    const pairs = first && view ? alignTokens(first.tokens.ids, view.tokens.ids) : [];
    const same = (a: number | null, b: number) =>
      a !== null && first?.tokens.ids[a] === view?.tokens.ids[b];
    return new Set(pairs.flatMap(({ a, b }) => (b === null || same(a, b) ? [] : [b])));
  }, [first, view]);
  const labels = tokenLabels(view?.tokens.strings ?? []);
  return (
    <div className="prompt-tokens">
      <span className="prompt-label">
        Tokens B <span className="mono quiet">{labels.length > 0 ? labels.length : ""}</span>
      </span>
      <p className="other-tokens">
        {labels.map((label, i) => (
          <span key={i} className={changed.has(i) ? "changed" : undefined}>
            <Token token={label} />
          </span>
        ))}
        {labels.length === 0 && <span className="quiet">shown once the model has read it</span>}
      </p>
    </div>
  );
}
