/** What a model's heads do, from their weights alone: no prompt, no edits. */
import { useLab } from "../../../state/context.ts";
import { useChoice } from "../../../state/options-slice.ts";
import { Empty } from "../../../ui/empty.tsx";
import { Segmented } from "../../../ui/segmented.tsx";
import { BasisSwitch } from "../basis-switch.tsx";
import { CircuitView } from "./circuit-view.tsx";
import { CompositionView } from "./composition-view.tsx";
import { SpectraView } from "./spectra-view.tsx";
import { BASIS_WORDS } from "./what.ts";
import "./weights.css";

const SHOWN = ["head", "copying", "composition"] as const;
const LABEL = {
  head: { label: "One head", title: "What does this head read, write and look for?" },
  copying: { label: "Copying", title: "Which heads copy what they attend to?" },
  composition: { label: "Composition", title: "Which heads read what which heads write?" },
};

export default function WeightsView() {
  const [shown, setShown] = useChoice("weights.show", SHOWN);
  const model = useLab((s) => s.model);
  const basis = useLab((s) => s.basis);
  if (model.status !== "ready") return <Empty title="The weights: waiting for a model …" />;
  const { n_layer: layers, n_head: heads } = model.value.config;
  const sizes = { layers, heads };
  return (
    <div className="stack">
      <div className="row">
        <Segmented
          label="What of the weights"
          value={shown}
          choices={SHOWN.map((value) => ({ value, ...LABEL[value] }))}
          onChange={setShown}
        />
        <BasisSwitch />
        <p className="quiet weights-basis">
          {BASIS_WORDS[basis]} Prompt and edits do not change what is here.
        </p>
      </div>
      {shown === "head" && <CircuitView {...sizes} />}
      {shown === "copying" && <SpectraView {...sizes} />}
      {shown === "composition" && <CompositionView {...sizes} />}
    </div>
  );
}
