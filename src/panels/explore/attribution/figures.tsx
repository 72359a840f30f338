/** The figure of one kind of parts, at the selected position or over all. */
import { columnAt, headGrid, sameTarget } from "../../../charts/attribution.ts";
import type { Attribution, TargetChoice } from "../../../core/attribution.ts";
import { attributionPython } from "../../../python/attribution.ts";
import { useLab } from "../../../state/context.ts";
import type { Sides } from "../../../state/figures-slice.ts";
import { positionIn } from "../../../state/prompt-slice.ts";
import { useRunFacts } from "../../../state/run-facts.ts";
import type { Python, Table } from "../../../ui/figure-numbers.ts";
import { Figure } from "../../../ui/figure.tsx";
import { Segmented } from "../../../ui/segmented.tsx";
import { useAligned } from "../use-aligned.ts";
import { ComponentsHere } from "./components-here.tsx";
import { HeadsHere } from "./heads-here.tsx";
import { LayersHere } from "./layers-here.tsx";
import { NeuronsFigure } from "./neurons-figure.tsx";
import { OverPositions } from "./over-positions.tsx";
import type { Unit } from "./units.ts";
import { NO_TARGET } from "./use-target.ts";
import { useWhere } from "./use-where.ts";
import { WHAT_COMPONENTS, WHAT_HEADS, WHAT_LAYERS } from "./what.ts";

const WHERE = [
  { value: "here", label: "This position" },
  { value: "all", label: "Every position" },
] as const;
const HERE = {
  component: {
    title: "What each component writes",
    what: WHAT_COMPONENTS,
    Drawing: ComponentsHere,
  },
  layer: { title: "The logit, layer by layer", what: WHAT_LAYERS, Drawing: LayersHere },
  head: { title: "What each head writes", what: WHAT_HEADS, Drawing: HeadsHere },
} as const;

export interface AttributionFiguresProps {
  sides: Sides<Attribution>;
  by: Unit;
  choice: TargetChoice | null;
}

export function AttributionFigures({ sides, by, choice }: AttributionFiguresProps) {
  const [where, setWhere] = useWhere();
  const position = useLab(positionIn(sides.a.tokens));
  const runFacts = useRunFacts();
  const aligned = useAligned(sides);
  const at = { a: position, b: aligned.partner(position) };
  if (by === "neuron") return <NeuronsFigure choice={choice} at={at} />;
  const { title, what, Drawing } = HERE[by];
  const python: Python = choice
    ? () => attributionPython(runFacts(), { ...choice, by, at })
    : NO_TARGET;
  const controls = <Segmented label="Where" value={where} choices={WHERE} onChange={setWhere} />;
  if (where === "all") {
    const apart = (a: number, b: number) =>
      sameTarget(sides.a.targets[a]!, sides.b!.targets[b]!)
        ? null
        : "the sides are asked about different tokens";
    return <OverPositions {...{ by, title, what, sides, controls, apart, python }} />;
  }
  return (
    <Figure
      title={title}
      what={what}
      name={`attribution-${by}`}
      controls={controls}
      table={() => tableHere(by, sides, at)}
      python={python}
    >
      <Drawing sides={sides} at={at} />
    </Figure>
  );
}

function tableHere(
  by: Exclude<Unit, "neuron">,
  sides: Sides<Attribution>,
  at: { a: number | null; b: number | null },
): Table {
  return {
    columns: ["side", "position", "part", "logit"],
    rows: (["a", "b"] as const).flatMap((side) => {
      const [facts, position] = [sides[side], at[side]];
      if (!facts || position === null || !facts.targets[position]) return [];
      const row = (part: string, value: number) => [side, position, part, value];
      const parts = partsOf[by](facts, position).map(({ part, value }) => row(part, value));
      return [
        ...parts,
        row("bias", facts.bias[position]!),
        row("the model's own logit", facts.logits[position]!),
      ];
    }),
  };
}

type Named = { part: string; value: number }[];
const named = (values: Float32Array, name: (index: number) => string): Named =>
  Array.from(values, (value, i) => ({ part: name(i), value }));
const partsOf: Record<Exclude<Unit, "neuron">, (facts: Attribution, at: number) => Named> = {
  component: ({ written, components }, at) => named(columnAt(written, at), (c) => components[c]!),
  layer: ({ accumulated, states }, at) => named(columnAt(accumulated, at), (s) => states[s]!),
  head: (facts, at) => {
    const H = facts.heads.dims[1]!;
    return named(headGrid(facts, at), (i) => {
      const [l, h] = [Math.floor(i / (H + 1)), i % (H + 1)];
      return h < H ? `L${l}H${h}` : `L${l} no head`;
    });
  },
};
