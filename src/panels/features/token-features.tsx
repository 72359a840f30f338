/** The features that are active on the selected token of the prompt, strongest first. */
import type { FeatureTable } from "../../core/sae.ts";
import { useLab } from "../../state/context.ts";
import { useNotes } from "../../state/feature-notes.ts";
import { shownPosition } from "../../state/prompt-slice.ts";
import { saeForPrompt } from "../../state/sae-on-bench.ts";
import { FeatureName } from "../../ui/feature-name.tsx";
import { Empty } from "../../ui/empty.tsx";
import { tokenLabels } from "../../ui/token-text.ts";
import { Token } from "../../ui/token.tsx";

export function TokenFeatures({ table }: { table: FeatureTable }) {
  const view = useLab((s) => s.shownView);
  const position = useLab(shownPosition);
  const fits = useLab((s) => saeForPrompt(s) !== null);
  const feature = useLab((s) => s.feature);
  const selectFeature = useLab((s) => s.selectFeature);
  const notes = useNotes(table.saeId);
  if (!fits) {
    return (
      <Empty title="This autoencoder cannot read the prompt">
        It does not fit the model on the bench.
      </Empty>
    );
  }
  if (!view || position === null || view.features?.saeId !== table.saeId) {
    return <Empty title="Reading the prompt …">The features on each token come with it.</Empty>;
  }
  const active = view.features.active[position] ?? [];
  const strongest = active[0]?.activation ?? 0;
  const token = tokenLabels(view.tokens.strings)[position]!;
  return (
    <div className="token-features">
      <p>
        <Token token={token} /> <span className="quiet">position {position},</span> {active.length}{" "}
        active
      </p>
      {active.length === 0 && (
        <p className="quiet">
          No feature is active here{position === 0 ? "; the first token is unlike all others" : ""}.
        </p>
      )}
      <ol aria-label={`Features active on ${token.name}, strongest first`}>
        {active.map(({ feature: id, activation }) => {
          const max = table.rows[id]?.max ?? 0;
          return (
            <li key={id}>
              <button
                type="button"
                aria-pressed={id === feature}
                title={
                  max > 0
                    ? `${((100 * activation) / max).toFixed(0)} % of the feature's largest activation, ${max.toPrecision(3)}`
                    : "the feature was never active on the measured tokens"
                }
                onClick={() => void selectFeature(id)}
              >
                <span className="mono">{id}</span>
                <span className="activation-bar" aria-hidden="true">
                  <span
                    style={{ transform: `scaleX(${strongest > 0 ? activation / strongest : 0})` }}
                  />
                </span>
                <span className="mono">{activation.toPrecision(3)}</span>
                {notes.features.get(id)?.label && (
                  <span className="beside-label">
                    <FeatureName feature={id} label={notes.features.get(id)!.label} brief />
                  </span>
                )}
              </button>
            </li>
          );
        })}
      </ol>
    </div>
  );
}
