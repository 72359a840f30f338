/** The features that are turned up or down, and ways to find more. */
import { useState } from "react";
import { useLab } from "../../state/context.ts";
import { isDense } from "../../state/first-feature.ts";
import { shownPosition } from "../../state/prompt-slice.ts";
import { selectedSae } from "../../state/sae-on-bench.ts";
import { Button } from "../../ui/button.tsx";
import { Figure } from "../../ui/figure.tsx";
import { hookLabel } from "../../ui/hook-label.ts";
import { tokenLabels } from "../../ui/token-text.ts";
import { SteerRow } from "./steer-row.tsx";
import { useSteerPython } from "./use-steer-python.ts";

export function Chosen() {
  const chosen = useLab((s) => s.steerFeatures);
  const clear = useLab((s) => s.clearSteer);
  const sae = useLab(selectedSae);
  const python = useSteerPython();
  return (
    <Figure
      title="Features"
      name="steering"
      table={() => ({
        columns: ["feature", "mode", "c"],
        rows: chosen.map(({ feature, mode, coefficient }) => [feature, mode, coefficient]),
      })}
      python={python(null)}
      what={{
        words: (
          <>
            <p>
              Each feature is a direction. <strong>Add</strong> puts c times that direction onto the
              activation at every token; <strong>clamp</strong> adds just as much as makes the
              feature read c, whatever it was. c is written in the feature’s own units and as a
              multiple of its largest activation in the corpus.
            </p>
          </>
        ),
        formula: "add:    x ← x + c · W_dec[f]\nclamp: x ← x + (c − f(x)) · W_dec[f]",
        source: "x at the autoencoder's hook point, at all positions, the generated ones too.",
      }}
      controls={
        chosen.length > 0 && (
          <Button kind="quiet" onClick={clear}>
            Remove all
          </Button>
        )
      }
    >
      {sae && (
        <p className="quiet">
          {hookLabel(sae.config.hook)}, features of “{sae.name}”
        </p>
      )}
      {chosen.length > 0 && (
        <ul className="steer-rows">
          {chosen.map((steer, index) => (
            <SteerRow key={steer.feature} steer={steer} index={index} />
          ))}
        </ul>
      )}
      <AddFeature first={chosen.length === 0} />
    </Figure>
  );
}

/** By number, the feature looked at, or those that are active on the selected token. */
function AddFeature({ first }: { first: boolean }) {
  const addSteer = useLab((s) => s.addSteer);
  const setLab = useLab((s) => s.setLab);
  const chosen = useLab((s) => s.steerFeatures);
  const feature = useLab((s) => s.feature);
  const view = useLab((s) => s.shownView);
  const position = useLab(shownPosition);
  const count = useLab((s) => selectedSae(s)?.config.dSae ?? 0);
  const [text, setText] = useState("");
  const wanted = text.trim() === "" ? null : Number(text);
  const bad = wanted !== null && !(Number.isInteger(wanted) && wanted >= 0 && wanted < count);
  const isNew = (id: number) => !chosen.some((s) => s.feature === id);
  const active = position === null ? [] : (view?.features?.active[position] ?? []);
  const token = position === null || !view ? undefined : tokenLabels(view.tokens.strings)[position];
  const rows = useLab((s) => (s.features.status === "ready" ? s.features.value.rows : null));
  const dense = (id: number) => {
    const row = rows?.[id];
    return row !== undefined && isDense(row);
  };
  const suggested = active.filter((a) => isNew(a.feature) && !dense(a.feature)).slice(0, 6);
  return (
    <div className="steer-add stack">
      {first && <p>Choose a feature to turn up or down.</p>}
      <form
        className="row"
        onSubmit={(e) => {
          e.preventDefault();
          if (wanted === null || bad) return;
          addSteer(wanted);
          setText("");
        }}
      >
        <input
          className="input mono"
          inputMode="numeric"
          placeholder="Feature #"
          aria-label={`Feature number, 0 to ${count - 1}`}
          aria-invalid={bad ? true : undefined}
          value={text}
          onChange={(e) => setText(e.target.value)}
        />
        <button type="submit" className="button" disabled={wanted === null || bad}>
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
      {suggested.length > 0 && (
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
      )}
    </div>
  );
}
