/** What every component writes at the selected position, as bars. */
import { columnAt, sumOf } from "../../../charts/attribution.ts";
import { barScale, type SignedBar, SignedBars } from "../../../charts/signed-bars.tsx";
import type { Attribution } from "../../../core/attribution.ts";
import { layerPartOf, useComponentRow } from "../component-row.ts";
import { SumLine } from "./parts.tsx";
import type { HereProps } from "./here.ts";
import { SidesHere } from "./sides-here.tsx";

const barsOf = ({ components, written }: Attribution, position: number): SignedBar[] =>
  Array.from(columnAt(written, position), (value, c) => ({ label: components[c]!, value }));

/** b − a; a component that a lacks is of edits that it has not, which wrote 0. */
function changes(a: readonly SignedBar[], b: readonly SignedBar[]): SignedBar[] {
  const before = new Map(a.map(({ label, value }) => [label, value]));
  return b.map(({ label, value }) => ({ label, value: value - (before.get(label) ?? 0) }));
}

export function ComponentsHere({ sides, at }: HereProps<Attribution>) {
  const { selectedRow, onSelectRow } = useComponentRow();
  const both = ([sides.a, sides.b] as const).flatMap((facts, i) => {
    const position = i === 0 ? at.a : at.b;
    return facts && position !== null && facts.targets[position] ? [barsOf(facts, position)] : [];
  });
  const draw = (bars: readonly SignedBar[], scale: number, caption: string) => (
    <SignedBars
      caption={caption}
      bars={bars}
      scale={scale}
      canSelect={(row) => layerPartOf(bars[row]!.label) !== null}
      onSelect={(row) => onSelectRow(bars[row]!.label)}
      selected={bars.findIndex(({ label }) => label === selectedRow)}
    />
  );
  return (
    <SidesHere
      sides={sides}
      at={at}
      targetOf={({ targets }, position) => targets[position]!}
      difference={(a, b) => {
        const bars = changes(barsOf(a.facts, a.position), barsOf(b.facts, b.position));
        return draw(bars, barScale(bars), "Change of what each component writes, in logits");
      }}
    >
      {({ facts, position }) => (
        <>
          {draw(
            barsOf(facts, position),
            barScale(...both),
            "What each component writes, in logits",
          )}
          <SumLine
            terms={[{ name: "components", value: sumOf(columnAt(facts.written, position)) }]}
            bias={facts.bias[position]!}
            logit={facts.logits[position]!}
          />
        </>
      )}
    </SidesHere>
  );
}
