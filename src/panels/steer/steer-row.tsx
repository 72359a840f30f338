/** One steered direction: what it is, its mode, its slider, its amount in its unit, where it holds, how far it moves the stream. */
import type { CSSProperties } from "react";
import {
  modesOf,
  sourceHook,
  sourceName,
  type SteerMode,
  type SteerRow as Row,
} from "../../core/steer.ts";
import { useLab } from "../../state/context.ts";
import { useFeatureLabel } from "../../state/feature-notes.ts";
import { factsOf, featureMax, steerMisfit } from "../../state/steer-slice.ts";
import { IconButton } from "../../ui/button.tsx";
import { Dropdown } from "../../ui/dropdown.tsx";
import { FeatureName } from "../../ui/feature-name.tsx";
import { Checkbox } from "../../ui/field.tsx";
import { hookLabel } from "../../ui/hook-label.ts";
import { NumberInput } from "../../ui/number-input.tsx";
import { ChangeNote } from "./change-note.tsx";
import { MODE_LABEL } from "./mode-words.ts";
import { RowPlace } from "./row-place.tsx";
import { numberWords, strengthOf, unitOf, unitsOf, type UnitSize } from "./strength.ts";

/** Of |c|: far beyond any use, and far from where float32 arithmetic in the model would overflow. */
const STRONGEST = 1e5;

export function SteerRow({ row, index }: { row: Row; index: number }) {
  const setSteer = useLab((s) => s.setSteer);
  const removeSteer = useLab((s) => s.removeSteer);
  const misfit = useLab((s) => steerMisfit(s, row));
  const facts = useLab((s) => factsOf(s, row, index));
  const name = sourceName(row.source);
  const spoken = name.startsWith("Feature") ? name.toLowerCase() : name;
  return (
    <li className={row.on && misfit === null ? "steer-row" : "steer-row off"}>
      <div className="steer-row-head">
        <Checkbox
          label={<span className="visually-hidden">Steer with {spoken}</span>}
          title="Switch it off, and keep it"
          checked={row.on}
          onChange={(on) => setSteer(index, { on })}
        />
        <RowName row={row} />
        <Dropdown<SteerMode>
          label={`What is done with ${spoken}`}
          value={row.mode}
          choices={modesOf(row.source).map((mode) => ({ value: mode, label: MODE_LABEL[mode] }))}
          onChange={(mode) => setSteer(index, { mode })}
        />
        <IconButton icon="close" label={`Remove ${spoken}`} onClick={() => removeSteer(index)} />
      </div>
      {misfit !== null && <p className="field-error">Not used: {misfit}.</p>}
      {row.mode !== "ablate" && <Amount row={row} index={index} name={spoken} />}
      <div className="steer-row-foot">
        <RowPlace name={spoken} at={row.at} onChange={(at) => setSteer(index, { at })} />
        {facts && row.on && misfit === null && <ChangeNote facts={facts} row={row} />}
      </div>
    </li>
  );
}

/** What it is, and whose. */
function RowName({ row: { source } }: { row: Row }) {
  const saes = useLab((s) => s.saes);
  const saeId = useLab((s) => s.saeId);
  const selectSae = useLab((s) => s.selectSae);
  const selectFeature = useLab((s) => s.selectFeature);
  const setLab = useLab((s) => s.setLab);
  const label = useFeatureLabel(
    source.kind === "feature" ? source.feature : null,
    source.kind === "feature" ? source.sae : null,
  );
  if (source.kind !== "feature") {
    return (
      <span className="steer-what">
        <span className="steer-name">{sourceName(source)}</span>
        <span className="quiet">{hookLabel(sourceHook(source))}</span>
      </span>
    );
  }
  const sae = saes.status === "ready" ? saes.value.find(({ id }) => id === source.sae) : undefined;
  const look = async () => {
    if (sae && source.sae !== saeId) await selectSae(source.sae);
    void selectFeature(source.feature);
    setLab("features");
  };
  return (
    <span className="steer-what">
      <button
        type="button"
        className="steer-name link"
        title="Look at this feature"
        onClick={() => void look()}
      >
        {sourceName(source)}
      </button>
      {label && <FeatureName feature={source.feature} label={label} brief />}
      {sae && source.sae !== saeId && <span className="quiet">of “{sae.name}”</span>}
    </span>
  );
}

function Amount({ row, index, name }: { row: Row; index: number; name: string }) {
  const largest = useLab((s) => featureMax(s, row.source));
  const facts = useLab((s) => factsOf(s, row, index));
  const setSteer = useLab((s) => s.setSteer);
  const units = unitsOf(row, facts, largest);
  const unit = unitOf(row, facts, largest);
  const { min, max, step, multiple, place } = strengthOf(row, unit);
  const put = (amount: number) => setSteer(index, { amount });
  const percent = (at: number) => (100 * (at - min)) / (max - min);
  const words =
    unit.unit === "raw"
      ? numberWords(row.amount)
      : `${numberWords(multiple)} ${unit.spoken}, coefficient ${numberWords(row.amount)}`;
  return (
    <>
      <div className="steer-slide">
        <input
          type="range"
          className="steer-slider"
          aria-label={`Strength of ${name}`}
          aria-valuetext={words}
          {...{ min, max, step }}
          value={place}
          style={
            {
              "--from": `${percent(Math.min(0, place))}%`,
              "--to": `${percent(Math.max(0, place))}%`,
            } as CSSProperties
          }
          onChange={(e) => put(e.target.valueAsNumber * unit.size)}
        />
        <button
          type="button"
          className="steer-zero"
          title={row.mode === "multiply" ? "A factor of 1 changes nothing" : undefined}
          onClick={() => put(row.mode === "multiply" ? 1 : 0)}
        >
          {row.mode === "multiply" ? "to 1" : "to 0"}
        </button>
      </div>
      <div className="steer-numbers">
        {unit.unit !== "raw" && (
          <NumberInput
            label={`Strength of ${name}, ${unit.spoken}`}
            value={multiple}
            format={numberWords}
            step={0.1}
            min={-STRONGEST / unit.size}
            max={STRONGEST / unit.size}
            onChange={(m) => put(m * unit.size)}
          />
        )}
        {units.length > 1 ? (
          <Dropdown<UnitSize["unit"]>
            label={`Unit of ${name}’s strength`}
            value={unit.unit}
            choices={units.map((each) => ({
              value: each.unit,
              label: each.unit === "raw" ? "as it is" : each.words,
            }))}
            onChange={(next) => setSteer(index, { unit: next })}
          />
        ) : (
          row.mode !== "multiply" && <span className="quiet">its scale is not known</span>
        )}
        <label>
          <span className="quiet">{row.mode === "multiply" ? "factor" : "c ="}</span>
          <NumberInput
            label={`Coefficient of ${name}`}
            value={row.amount}
            format={numberWords}
            step={unit.unit === "raw" ? (row.mode === "multiply" ? 0.1 : 1) : unit.size / 10}
            min={-STRONGEST}
            max={STRONGEST}
            onChange={put}
          />
        </label>
      </div>
    </>
  );
}
