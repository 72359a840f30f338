/** Which neurons to read on every token: those that a figure lists, and for differences all that are strong on either side. Pure. */
import {
  type ActiveNeurons,
  type NeuronId,
  neuronName,
  type NeuronValues,
} from "../../../core/neurons.ts";

/** A token's strongest. @param most at most so many */
export function strongestAt(facts: ActiveNeurons, position: number, most = Infinity): NeuronId[] {
  const { n, layers, neurons } = facts;
  return Array.from({ length: Math.min(n, most) }, (_, i) => ({
    layer: layers[position * n + i]!,
    neuron: neurons[position * n + i]!,
  }));
}

/** Of every token. */
export const allStrongest = (facts: ActiveNeurons): NeuronId[] =>
  facts.tokens.ids.flatMap((_, position) => strongestAt(facts, position));

/** Activation by neuron and position; undefined for a neuron that was not read. */
export function activationsBy({ neurons, activations, tokens }: NeuronValues) {
  const rows = new Map(neurons.map((id, row) => [neuronName(id), row]));
  const T = tokens.ids.length;
  return (id: NeuronId, position: number): number | undefined => {
    const row = rows.get(neuronName(id));
    return row === undefined ? undefined : activations.data[row * T + position];
  };
}

/** The same with some of its neurons, in their order; those that were not read are left out. */
export function only(values: NeuronValues, list: readonly NeuronId[]): NeuronValues {
  const at = activationsBy(values);
  const neurons = list.filter((id) => at(id, 0) !== undefined);
  const T = values.tokens.ids.length;
  const data = Float32Array.from({ length: neurons.length * T }, (_, i) =>
    at(neurons[Math.floor(i / T)]!, i % T)!,
  );
  return { tokens: values.tokens, neurons, activations: { data, dims: [neurons.length, T] } };
}

export interface Change extends NeuronId {
  a: number;
  b: number;
}
/**
 * Where the two sides differ most at a pair of tokens: of the neurons that are among the strongest on either, by |b − a|.
 * @returns [] until their values are there
 */
export function largestChanges(
  candidates: readonly NeuronId[],
  read: (side: "a" | "b", id: NeuronId) => number | undefined,
  n: number,
): Change[] {
  const changes = candidates.flatMap((id): Change[] => {
    const [x, y] = [read("a", id), read("b", id)];
    return x === undefined || y === undefined ? [] : [{ ...id, a: x, b: y }];
  });
  return changes.sort((x, y) => Math.abs(y.b - y.a) - Math.abs(x.b - x.a)).slice(0, n);
}
