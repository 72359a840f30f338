/** The selected token: what it is, and how far the model expected it. */
import type { PromptView } from "../../core/types.ts";
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
  if (!before) return null; // nothing comes before the first token
  const rank = before.ids.indexOf(view.tokens.ids[position]!);
  const probability = before.probabilities[rank];
  return (
    <>
      <dt>expected with</dt>
      <dd>
        {probability === undefined ? (
          <>
            less than{" "}
            <span className="mono">{formatPercent(before.probabilities.at(-1) ?? 1)}</span>, not
            among the ten likeliest
          </>
        ) : (
          <>
            <span className="mono">{formatPercent(probability)}</span>, rank{" "}
            <span className="mono">{rank + 1}</span>
          </>
        )}
      </dd>
      {probability !== undefined && (
        <>
          <dt>surprisal</dt>
          <dd>
            <span className="mono">{(-Math.log2(probability)).toFixed(2)}</span> bits
          </dd>
        </>
      )}
      {rank !== 0 && (
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
