/** One steered feature: its slider, its strength in both units, add or clamp. */
import type { CSSProperties } from "react";
import type { SteerFeature } from "../../core/types.ts";
import { useLab } from "../../state/context.ts";
import { featureMax } from "../../state/steer-slice.ts";
import { IconButton } from "../../ui/button.tsx";
import { NumberInput } from "../../ui/number-input.tsx";
import { Segmented } from "../../ui/segmented.tsx";
import { coefficientAt, numberWords, strengthOf } from "./strength.ts";

/** Of |c|: far beyond any use, and far from where float32 arithmetic in the model would overflow. */
const STRONGEST = 1e5;

export function SteerRow({ steer, index }: { steer: SteerFeature; index: number }) {
  const { feature, mode, coefficient } = steer;
  const largest = useLab((s) => featureMax(s, feature));
  const setSteer = useLab((s) => s.setSteer);
  const removeSteer = useLab((s) => s.removeSteer);
  const selectFeature = useLab((s) => s.selectFeature);
  const setLab = useLab((s) => s.setLab);
  const { min, max, step, multiple, place } = strengthOf(coefficient, largest);
  const put = (c: number) => setSteer(index, { coefficient: c });
  const percent = (at: number) => (100 * (at - min)) / (max - min);
  const words =
    multiple === null
      ? `coefficient ${numberWords(coefficient)}`
      : `${numberWords(multiple)} times its largest activation, coefficient ${numberWords(coefficient)}`;
  return (
    <li className="steer-row">
      <div className="steer-row-head">
        <button
          type="button"
          className="steer-name"
          title="Look at this feature"
          onClick={() => {
            void selectFeature(feature);
            setLab("features");
          }}
        >
          Feature {feature}
        </button>
        <Segmented
          label={`What feature ${feature} does`}
          value={mode}
          onChange={(next) => setSteer(index, { mode: next })}
          choices={[
            { value: "add", label: "Add" },
            { value: "clamp", label: "Clamp" },
          ]}
        />
        <IconButton
          icon="close"
          label={`Remove feature ${feature}`}
          onClick={() => removeSteer(index)}
        />
      </div>
      <input
        type="range"
        className="steer-slider"
        aria-label={`Strength of feature ${feature}`}
        aria-valuetext={words}
        {...{ min, max, step }}
        value={place}
        style={
          {
            "--from": `${percent(Math.min(0, place))}%`,
            "--to": `${percent(Math.max(0, place))}%`,
          } as CSSProperties
        }
        onChange={(e) => put(coefficientAt(e.target.valueAsNumber, largest))}
      />
      <div className="steer-numbers">
        {multiple !== null && largest !== null ? (
          <label>
            <NumberInput
              label={`Strength of feature ${feature} as a multiple of its largest activation`}
              value={multiple}
              format={numberWords}
              step={0.1}
              min={-STRONGEST / largest}
              max={STRONGEST / largest}
              onChange={(m) => put(m * largest)}
            />
            <span className="quiet">× max {largest.toPrecision(3)}</span>
          </label>
        ) : (
          <span className="quiet">largest activation not known</span>
        )}
        <label>
          <span className="quiet">c =</span>
          <NumberInput
            label={`Coefficient of feature ${feature}`}
            value={coefficient}
            format={numberWords}
            step={largest === null ? 1 : largest / 10}
            min={-STRONGEST}
            max={STRONGEST}
            onChange={put}
          />
        </label>
        <button type="button" className="steer-zero" onClick={() => put(0)}>
          to 0
        </button>
      </div>
    </li>
  );
}
