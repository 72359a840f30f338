/** The selected neuron: its activation on the selected token, what can be done to it, and where more is told of it. */
import type { FigureValue } from "../../api/lab.ts";
import { isInModel } from "../../core/bench-edit.ts";
import { neuronName } from "../../core/neurons.ts";
import { useLab } from "../../state/context.ts";
import type { Sides } from "../../state/figures-slice.ts";
import { shownPosition } from "../../state/prompt-slice.ts";
import { Button } from "../../ui/button.tsx";
import { formatSigned } from "../../ui/format.ts";
import { SteerButton } from "./steer-button.tsx";
import { EditButtons } from "./edit-buttons.tsx";

export function NeuronFacts() {
  const neuron = useLab((s) => s.neuron);
  const model = useLab((s) => s.model);
  const view = useLab((s) => s.exploreView);
  const position = useLab(shownPosition);
  // What the neurons' figure has read of the prompt, if it was on the screen.
  const read = useLab((s) => s.asked["figure.neuronValues"]?.shown ?? null) as Sides<
    FigureValue<"neuronValues">
  > | null;
  const setExploreView = useLab((s) => s.setExploreView);
  const setOption = useLab((s) => s.setOption);
  if (!neuron || model.status !== "ready") return null;
  const target = { kind: "neuron", ...neuron } as const;
  if (!isInModel(target, model.value.config)) return null;
  const values = read?.a;
  const row = values?.neurons.findIndex((id) => neuronName(id) === neuronName(neuron)) ?? -1;
  const here =
    values && row >= 0 && position !== null && position < values.tokens.ids.length
      ? values.activations.data[row * values.tokens.ids.length + position]
      : undefined;
  return (
    <section className="inspect">
      <h2>
        Neuron <span className="mono">{neuronName(neuron)}</span>
      </h2>
      <dl className="facts">
        <dt>in</dt>
        <dd>the MLP of block {neuron.layer}</dd>
        {here !== undefined && (
          <>
            <dt>on this token</dt>
            <dd className="mono">{formatSigned(here, 3)}</dd>
          </>
        )}
      </dl>
      <EditButtons target={target} />
      <div className="row">
        {view !== "neurons" && <Button onClick={() => setExploreView("neurons")}>Its page</Button>}
        <Button
          onClick={() => {
            setOption("examples.what", null); // a neuron
            setExploreView("examples");
          }}
        >
          Find examples
        </Button>
        <SteerButton source={target} />
      </div>
    </section>
  );
}
