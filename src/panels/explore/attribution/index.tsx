/** Direct logit attribution: what each part of the model writes towards a token, or for one token against another. */
import { useFigure } from "../../../state/figures-slice.ts";
import { useChoice } from "../../../state/options-slice.ts";
import { Segmented } from "../../../ui/segmented.tsx";
import { BasisSwitch } from "../basis-switch.tsx";
import { WhenAsked } from "../asked-state.tsx";
import { AttributionFigures } from "./figures.tsx";
import "./attribution.css";
import { TargetControls } from "./target-controls.tsx";
import { UNITS } from "./units.ts";
import { useHeadsAsked, useWhere } from "./use-where.ts";
import { useTarget } from "./use-target.ts";

export default function AttributionView() {
  const settings = useTarget();
  const { choice, typed } = settings;
  const [by, setBy] = useChoice("attribution.by", ["component", "layer", "head", "neuron"]);
  const [where] = useWhere();
  const heads = useHeadsAsked(by, where);
  const asked = useFigure("attribution", choice && { ...choice, ...(heads && { heads }) });
  const complaint = typed && asked.error?.code === "bad-input" ? asked.error.message : null;
  return (
    <div className="stack">
      <TargetControls settings={settings} complaint={complaint} />
      <div className="row">
        <Segmented label="By which parts" value={by} choices={UNITS} onChange={setBy} />
        <BasisSwitch />
      </div>
      <WhenAsked
        asked={complaint === null ? asked : { ...asked, error: null }}
        what="Direct logit attribution"
      >
        {(sides) => (
          <div className={complaint === null && choice !== null ? undefined : "stale"}>
            <AttributionFigures sides={sides} by={by} choice={choice} />
          </div>
        )}
      </WhenAsked>
    </div>
  );
}
