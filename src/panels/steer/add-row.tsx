/** Ways to find what to steer with: a feature by its number or from the token looked at, or another direction. */
import { useState } from "react";
import { useLab } from "../../state/context.ts";
import { matches, useNotes } from "../../state/feature-notes.ts";
import { isDense } from "../../state/first-feature.ts";
import { shownPosition } from "../../state/prompt-slice.ts";
import { saeForPrompt } from "../../state/sae-on-bench.ts";
import { saeMisfit } from "../../state/sae-fit.ts";
import { Button } from "../../ui/button.tsx";
import { Dropdown } from "../../ui/dropdown.tsx";
import { FeatureName } from "../../ui/feature-name.tsx";
import { tokenLabels } from "../../ui/token-text.ts";
import { DirectionForm } from "./direction-form.tsx";

/** Of a search among labels. */
const MOST_FOUND = 8;

export function AddRow({ first }: { first: boolean }) {
  const [other, setOther] = useState(false);
  const anySae = useLab(saeForPrompt) !== null;
  const setLab = useLab((s) => s.setLab);
  return (
    <div className="steer-add stack">
      {first && <p>Choose a feature or another direction to turn up or down.</p>}
      {anySae ? (
        <AddFeature />
      ) : (
        <p className="quiet">
          No autoencoder on the bench fits this model.{" "}
          <Button kind="quiet" onClick={() => setLab("features")}>
            Choose one
          </Button>{" "}
          <Button kind="quiet" onClick={() => setLab("train")}>
            Train one
          </Button>
        </p>
      )}
      {anySae && <Suggested />}
      <div>
        <Button
          kind="quiet"
          icon={other ? "down" : "plus"}
          aria-expanded={other}
          onClick={() => setOther(!other)}
        >
          Another direction
        </Button>
      </div>
      {other && <DirectionForm onAdded={() => setOther(false)} />}
    </div>
  );
}

function AddFeature() {
  const addSteer = useLab((s) => s.addSteer);
  const setLab = useLab((s) => s.setLab);
  const rows = useLab((s) => s.steerRows);
  const feature = useLab((s) => s.feature);
  const bench = useLab((s) => s.saeId);
  const saes = useLab((s) => s.saes);
  const model = useLab((s) => s.model);
  const usable =
    saes.status === "ready" && model.status === "ready"
      ? saes.value.filter(
          ({ config, status }) => status === "finished" && saeMisfit(config, model.value) === null,
        )
      : [];
  const [chosen, setChosen] = useState<string | null>(null);
  const sae = usable.find(({ id }) => id === chosen) ?? usable.find(({ id }) => id === bench);
  const [text, setText] = useState("");
  const count = sae?.config.dSae ?? 0;
  const wanted = text.trim() === "" ? null : Number(text);
  const words = Number.isNaN(wanted);
  const bad =
    wanted !== null && !words && !(Number.isInteger(wanted) && wanted >= 0 && wanted < count);
  const notes = useNotes(sae?.id ?? null);
  const found = words
    ? [...notes.features].filter(([id, note]) => matches(id, note, text)).slice(0, MOST_FOUND)
    : [];
  const isNew = (id: number) =>
    !rows.some(({ source: s }) => s.kind === "feature" && s.feature === id && s.sae === bench);
  return (
    <>
      <form
        className="row"
        onSubmit={(e) => {
          e.preventDefault();
          if (wanted === null || words || bad || !sae) return;
          addSteer(wanted, sae.id);
          setText("");
        }}
      >
        <input
          className="input mono"
          placeholder="Feature #"
          title="Its number, or words of its label"
          aria-label={`Feature number, 0 to ${count - 1}, or words of its label`}
          aria-invalid={bad ? true : undefined}
          value={text}
          onChange={(e) => setText(e.target.value)}
        />
        {usable.length > 1 && sae && (
          <Dropdown
            label="Of which autoencoder"
            value={sae.id}
            choices={usable.map(({ id, name }) => ({ value: id, label: name }))}
            onChange={setChosen}
          />
        )}
        <button type="submit" className="button" disabled={wanted === null || words || bad}>
          Add
        </button>
        {feature !== null && isNew(feature) && (
          <Button icon="plus" onClick={() => addSteer(feature)}>
            Feature {feature}
          </Button>
        )}
        <Button kind="quiet" onClick={() => setLab("features")}>
          Browse
        </Button>
      </form>
      {bad && (
        <p role="alert" className="field-error">
          features go from 0 to {count - 1}
        </p>
      )}
      {words && found.length === 0 && (
        <p role="status" className="quiet">
          No label here says so.
        </p>
      )}
      {sae && found.length > 0 && (
        <div className="steer-suggested" role="group" aria-label="Features with such a label">
          {found.map(([id, { label }]) => (
            <button
              key={id}
              type="button"
              className="chip"
              onClick={() => {
                addSteer(id, sae.id);
                setText("");
              }}
            >
              <FeatureName feature={id} label={label} />
            </button>
          ))}
        </div>
      )}
    </>
  );
}

/** Active on the token that is looked at, of the SAE on the bench; those that are on nearly everywhere left out. */
function Suggested() {
  const addSteer = useLab((s) => s.addSteer);
  const chosen = useLab((s) => s.steerRows);
  const bench = useLab((s) => s.saeId);
  const view = useLab((s) => s.shownView);
  const position = useLab(shownPosition);
  const rows = useLab((s) => (s.features.status === "ready" ? s.features.value.rows : null));
  const active = position === null ? [] : (view?.features?.active[position] ?? []);
  const token = position === null || !view ? undefined : tokenLabels(view.tokens.strings)[position];
  const isNew = (id: number) =>
    !chosen.some(({ source: s }) => s.kind === "feature" && s.feature === id && s.sae === bench);
  const dense = (id: number) => {
    const row = rows?.[id];
    return row !== undefined && isDense(row);
  };
  const suggested = active.filter((a) => isNew(a.feature) && !dense(a.feature)).slice(0, 6);
  if (suggested.length === 0) return null;
  return (
    <div className="steer-suggested" role="group" aria-label="Active on the selected token">
      <span className="quiet">Active on “{token?.text}”:</span>
      {suggested.map(({ feature: id, activation }) => (
        <button
          key={id}
          type="button"
          className="chip"
          title={`Feature ${id}, activation ${activation.toPrecision(3)}: add it`}
          onClick={() => addSteer(id)}
        >
          <span className="mono">{id}</span>{" "}
          <span className="mono quiet">{activation.toPrecision(2)}</span>
        </button>
      ))}
    </div>
  );
}
