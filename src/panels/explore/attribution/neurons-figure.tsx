/** Asks for the neurons' parts at the selected position, and draws them. */
import type { NeuronAttribution, TargetChoice } from "../../../core/attribution.ts";
import { attributionPython } from "../../../python/attribution.ts";
import { type Sides, useFigure } from "../../../state/figures-slice.ts";
import { useChoice } from "../../../state/options-slice.ts";
import { useRunFacts } from "../../../state/run-facts.ts";
import type { Table } from "../../../ui/figure-numbers.ts";
import { Figure } from "../../../ui/figure.tsx";
import { Segmented } from "../../../ui/segmented.tsx";
import { WhenAsked } from "../asked-state.tsx";
import { NeuronsHere } from "./neurons-here.tsx";
import { NO_TARGET } from "./use-target.ts";
import { WHAT_NEURONS } from "./what.ts";

export interface NeuronsFigureProps {
  choice: TargetChoice | null;
  at: { a: number | null; b: number | null };
}

export function NeuronsFigure({ choice, at }: NeuronsFigureProps) {
  const [most, setMost] = useChoice("attribution.most", ["10", "30"]);
  const runFacts = useRunFacts();
  const positions = [...new Set([at.a, at.b])].filter((position) => position !== null);
  const asked = useFigure("attributionNeurons", choice && { ...choice, at: positions });
  /** The answer on show may be that of the position before. */
  const answered = ({ a }: Sides<NeuronAttribution>) =>
    a.at.some(({ position }) => position === at.a);
  return (
    <WhenAsked asked={asked} what="Attribution to neurons">
      {(sides) => (
        <Figure
          title="What the strongest neurons write"
          what={WHAT_NEURONS}
          name="attribution-neurons"
          table={() => tableOf(sides)}
          python={
            choice
              ? () => attributionPython(runFacts(), { ...choice, by: "neuron", at })
              : NO_TARGET
          }
          controls={
            <Segmented
              label="How many of each sign"
              value={most}
              choices={[
                { value: "10", label: "10" },
                { value: "30", label: "30" },
              ]}
              onChange={setMost}
            />
          }
        >
          {answered(sides) || !asked.running ? (
            <NeuronsHere sides={sides} at={at} most={Number(most)} />
          ) : (
            <p className="quiet">computing …</p>
          )}
        </Figure>
      )}
    </WhenAsked>
  );
}

function tableOf(sides: Sides<NeuronAttribution>): Table {
  return {
    columns: ["side", "position", "layer", "neuron", "activation", "logit"],
    rows: (["a", "b"] as const).flatMap((side) =>
      (sides[side]?.at ?? []).flatMap(({ position, written, activations }) => {
        const m = written.dims[1]!;
        return Array.from(written.data, (value, i) => [
          ...[side, position, Math.floor(i / m), i % m],
          ...[activations.data[i]!, value],
        ]);
      }),
    ),
  };
}
