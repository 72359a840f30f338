/** Finding features by what they write: those that promote a token most; or any one, by chance. */
import { useState } from "react";
import type { FeatureTable } from "../../core/sae.ts";
import { useLab } from "../../state/context.ts";
import { isDead } from "../../state/feature-list.ts";
import { useNotes } from "../../state/feature-notes.ts";
import { useStudy } from "../../state/figures-slice.ts";
import { Button } from "../../ui/button.tsx";
import { FeatureName } from "../../ui/feature-name.tsx";
import { formatSigned } from "../../ui/format.ts";
import { Token } from "../../ui/token.tsx";

const FOUND = 20;

export function FindFeature({ table }: { table: FeatureTable }) {
  const [text, setText] = useState("");
  const [token, setToken] = useState<string | null>(null);
  const selectFeature = useLab((s) => s.selectFeature);
  const chance = () => {
    const alive = table.rows.filter((row) => !isDead(row));
    const one = alive[Math.floor(Math.random() * alive.length)];
    if (one) void selectFeature(one.feature);
  };
  return (
    <div className="find-feature">
      <form
        className="row"
        onSubmit={(e) => {
          e.preventDefault();
          setToken(text === "" ? null : text);
        }}
      >
        <input
          className="input mono"
          type="search"
          placeholder="Promotes token …"
          aria-label="Find features by the output token that they promote, with its space if it has one"
          title="An output token as the model writes it, with its space: “ Paris”. Enter finds the features that promote it most."
          maxLength={60}
          value={text}
          onChange={(e) => {
            setText(e.target.value);
            if (e.target.value === "") setToken(null);
          }}
        />
        <Button title="Any feature that was ever active" onClick={chance}>
          Random
        </Button>
      </form>
      {token !== null && <ByToken saeId={table.saeId} token={token} />}
    </div>
  );
}

function ByToken({ saeId, token }: { saeId: string; token: string }) {
  const basis = useLab((s) => s.basis);
  const feature = useLab((s) => s.feature);
  const selectFeature = useLab((s) => s.selectFeature);
  const notes = useNotes(saeId);
  const asked = useStudy("featuresByToken", { sae: saeId, token, basis, n: FOUND });
  const shown = asked.running || asked.shown?.sae !== saeId ? null : asked.shown;
  if (asked.error) {
    return (
      <p role="alert" className="field-error">
        {asked.error.message}
      </p>
    );
  }
  if (!shown) return <p className="quiet">Looking …</p>;
  const most = Math.abs(shown.promote[0]?.effect ?? 0);
  return (
    <div className="token-features">
      <p>
        <span className="quiet">promote</span> <Token token={shown.token.string} />{" "}
        <span className="quiet">most, logits per unit of activation</span>
      </p>
      <ol aria-label={`Features that promote ${shown.token.string} most`}>
        {shown.promote.map(({ feature: id, effect }) => (
          <li key={id}>
            <button
              type="button"
              aria-pressed={id === feature}
              onClick={() => void selectFeature(id)}
            >
              <span className="mono">{id}</span>
              <span className="cosine-bar" aria-hidden="true">
                <span
                  style={{ transform: `scaleX(${most > 0 ? Math.max(0, effect) / most : 0})` }}
                />
              </span>
              <span className="mono">{formatSigned(effect, 3)}</span>
              {notes.features.get(id)?.label && (
                <span className="beside-label">
                  <FeatureName feature={id} label={notes.features.get(id)!.label} brief />
                </span>
              )}
            </button>
          </li>
        ))}
      </ol>
    </div>
  );
}
