/** The neurons that write most for and most against the target at the selected position, and what all others write. */
import { restOf, strongest } from "../../../charts/attribution.ts";
import { barScale, type SignedBar, SignedBars } from "../../../charts/signed-bars.tsx";
import type { NeuronAttribution, NeuronsAt } from "../../../core/attribution.ts";
import { useLab } from "../../../state/context.ts";
import type { HereProps } from "./here.ts";
import { SumLine } from "./parts.tsx";
import { SidesHere } from "./sides-here.tsx";

interface Listed extends SignedBar {
  index: number;
}
const nameOf = (index: number, m: number) => `L${Math.floor(index / m)}N${index % m}`;

export function NeuronsHere({ sides, at, most }: HereProps<NeuronAttribution> & { most: number }) {
  const neuron = useLab((s) => s.neuron);
  const selectNeuron = useLab((s) => s.selectNeuron);
  const here = (facts: NeuronAttribution, position: number): NeuronsAt | undefined =>
    facts.at.find((one) => one.position === position);
  const [a, b] = [
    at.a === null ? undefined : here(sides.a, at.a),
    at.b === null || !sides.b ? undefined : here(sides.b, at.b),
  ];
  const list = (values: Float32Array, detail: (index: number) => string, m: number) => {
    const { positive, negative } = strongest(values, most);
    const bar = (index: number): Listed => ({
      ...{ index, label: nameOf(index, m), value: values[index]!, detail: detail(index) },
    });
    return { positive: positive.map(bar), negative: negative.map(bar) };
  };
  const listOf = ({ written, activations }: NeuronsAt) =>
    list(written.data, (i) => activations.data[i]!.toFixed(2), written.dims[1]!);
  const scale = barScale(...[a, b].flatMap((one) => (one ? Object.values(listOf(one)) : [])));
  const draw = (
    lists: { positive: Listed[]; negative: Listed[] },
    ends: number,
    m: number,
    detailName: string,
  ) => (
    <div className="two-lists">
      {(["positive", "negative"] as const).map((sign) => (
        <SignedBars
          key={sign}
          caption={`Most ${sign} neurons, in logits`}
          bars={lists[sign]}
          scale={ends}
          detailName={detailName}
          onSelect={(row) => {
            const { index } = lists[sign][row]!;
            selectNeuron({ layer: Math.floor(index / m), neuron: index % m });
          }}
          selected={
            neuron &&
            lists[sign].findIndex(({ index }) => index === neuron.layer * m + neuron.neuron)
          }
        />
      ))}
    </div>
  );
  return (
    <SidesHere
      sides={sides}
      at={at}
      targetOf={(facts, position) => here(facts, position)?.target ?? null}
      difference={() => {
        const [before, after] = [a!, b!];
        const change = after.written.data.map((value, i) => value - before.written.data[i]!);
        const m = after.written.dims[1]!;
        const two = (i: number) =>
          [before, after].map(({ activations }) => activations.data[i]!.toFixed(2)).join(" → ");
        const lists = list(change, two, m);
        return draw(lists, barScale(lists.positive, lists.negative), m, "activation");
      }}
    >
      {({ facts, position }) => {
        const one = here(facts, position)!;
        const lists = listOf(one);
        const listed = [...lists.positive, ...lists.negative];
        const count = one.written.data.length - listed.length;
        return (
          <>
            {draw(lists, scale, one.written.dims[1]!, "activation")}
            <SumLine
              terms={[
                { name: "listed", value: listed.reduce((sum, { value }) => sum + value, 0) },
                {
                  name: `the other ${count} neurons`,
                  value: restOf(
                    one,
                    listed.map(({ index }) => index),
                  ),
                },
                { name: "MLPs beside their neurons", value: one.mlpRest },
                { name: "all but MLPs", value: one.others },
              ]}
              bias={one.bias}
              logit={one.logit}
            />
          </>
        );
      }}
    </SidesHere>
  );
}
