/** Some neurons on every token: those typed, the selected one, and the strongest of the selected token. */
import { type NeuronId, neuronName, type NeuronValues } from "../../../core/neurons.ts";
import { useLab } from "../../../state/context.ts";
import type { Sides } from "../../../state/figures-slice.ts";
import { neuronValuesPython } from "../../../python/neurons.ts";
import { useRunFacts } from "../../../state/run-facts.ts";
import { TextField } from "../../../ui/field.tsx";
import { PositionsFigure } from "../positions-figure.tsx";
import { only } from "./read-list.ts";
import { WHAT_MATRIX } from "./what.ts";

export interface NeuronMatrixProps {
  values: Sides<NeuronValues>;
  list: readonly NeuronId[];
  text: string;
  setText: (text: string) => void;
}
export function NeuronMatrix({ values, list, text, setText }: NeuronMatrixProps) {
  const selected = useLab((s) => s.neuron);
  const selectNeuron = useLab((s) => s.selectNeuron);
  const runFacts = useRunFacts();
  const sides = { a: only(values.a, list), b: values.b && only(values.b, list) };
  return (
    <PositionsFigure
      title="Neurons over the prompt"
      name="neuron-activations"
      what={WHAT_MATRIX}
      sides={sides}
      rows={({ neurons }) => neurons.map(neuronName)}
      values={({ activations }) => activations.data}
      quantity="activation"
      python={() => neuronValuesPython(runFacts(), sides.a.neurons)}
      signed
      digits={3}
      selectedRow={selected && neuronName(selected)}
      onSelectRow={(row) => {
        const id = list.find((neuron) => neuronName(neuron) === row);
        if (id) selectNeuron(id);
      }}
    >
      <TextField
        label="Neurons to keep in the list"
        hint="layer.neuron, as 2.40 1.7; the strongest of the selected token come by themselves"
        value={text}
        onChange={setText}
        mono
      />
    </PositionsFigure>
  );
}
