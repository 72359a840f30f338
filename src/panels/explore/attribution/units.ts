/** The parts that a logit is taken apart into. */
export const UNITS = [
  { value: "component", label: "Components", title: "Embeddings, attention and MLPs" },
  { value: "layer", label: "Layers", title: "The stream so far, state by state" },
  { value: "head", label: "Heads", title: "Every attention head" },
  { value: "neuron", label: "Neurons", title: "The strongest neurons of all MLPs" },
] as const;
export type Unit = (typeof UNITS)[number]["value"];
