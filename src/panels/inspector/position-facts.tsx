/** The selected token: what it is, and how far the model expected it. */
import type { PromptView } from "../../core/prompt-view.ts";
import { useLab } from "../../state/context.ts";
import { shownPosition } from "../../state/prompt-slice.ts";
import { formatPercent } from "../../ui/format.ts";
import { Token } from "../../ui/token.tsx";
import { tokenLabels } from "../../ui/token-text.ts";

export function PositionFacts({ view }: { view: PromptView }) {
  const position = useLab(shownPosition);
  if (position === null) return null;
  const { ids, strings } = view.tokens;
  const label = tokenLabels(strings)[position]!;
  return (
    <section className="inspect">
      <h2>
        Token <Token token={label} />
      </h2>
      <dl className="facts">
        <dt>position</dt>
        <dd className="mono">
          {position} of 0 … {strings.length - 1}
        </dd>
        <dt>id</dt>
        <dd className="mono">{ids[position]}</dd>
        {label.detail !== null && (
          <>
            <dt>holds</dt>
            <dd>{label.detail}</dd>
          </>
        )}
        <Expected view={view} position={position} />
      </dl>
    </section>
  );
}

function Expected({ view, position }: { view: PromptView; position: number }) {
  const before = view.predictions[position - 1];
  const loss = view.actual.loss[position - 1];
  if (!before || loss === undefined) return null; // nothing comes before the first token
  const rank = view.actual.rank[position - 1]!;
  return (
    <>
      <dt>expected with</dt>
      <dd>
        <span className="mono">{formatPercent(view.actual.probability[position - 1]!)}</span>, rank{" "}
        <span className="mono">{rank}</span>
      </dd>
      <dt>surprisal</dt>
      <dd>
        <span className="mono">{(loss / Math.LN2).toFixed(2)}</span> bits
      </dd>
      {rank !== 1 && (
        <>
          <dt>likeliest was</dt>
          <dd>
            <Token token={before.strings[0]!} />
          </dd>
        </>
      )}
    </>
  );
}
