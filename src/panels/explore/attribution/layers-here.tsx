/** The logit that the stream holds so far, state by state, at the selected position. */
import { useState } from "react";
import { columnAt } from "../../../charts/attribution.ts";
import { LineChart } from "../../../charts/line-chart.tsx";
import type { Attribution } from "../../../core/attribution.ts";
import { formatSigned } from "../../../ui/format.ts";
import { Readout } from "../../../ui/figure.tsx";
import type { HereProps } from "./here.ts";
import { SumLine } from "./parts.tsx";
import { SidesHere } from "./sides-here.tsx";

export function LayersHere({ sides, at }: HereProps<Attribution>) {
  const [cursor, setCursor] = useState<number | null>(null);
  const { states } = sides.a;
  const draw = (values: Float32Array, title: string) => {
    const low = Math.min(...values);
    return (
      <div className="tall-line">
        <LineChart
          title={title}
          about="The stream after each part, divided by the final LayerNorm’s scale, along the token’s direction: without the bias."
          series={{ x: Array.from(values, (_, s) => s), y: Array.from(values) }}
          xUnit="states"
          xName={(s) => states[s]!}
          format={(value) => formatSigned(value, 3)}
          tick={(value) => (value === 0 ? "0" : formatSigned(value, 1))}
          yMin={low >= 0 ? 0 : null}
          yMax={low < 0 ? 0 : null}
          cursor={cursor}
          onCursor={setCursor}
          empty="no values"
        />
        <Readout>
          {cursor === null ? "Point at a state to read it." : step(values, cursor, states)}
        </Readout>
      </div>
    );
  };
  return (
    <SidesHere
      sides={sides}
      at={at}
      targetOf={({ targets }, position) => targets[position]!}
      difference={(a, b) => {
        const [before, after] = [a, b].map(({ facts, position }) =>
          columnAt(facts.accumulated, position),
        );
        return draw(
          after!.map((value, s) => value - before![s]!),
          "Difference so far",
        );
      }}
    >
      {({ facts, position }) => {
        const values = columnAt(facts.accumulated, position);
        return (
          <>
            {draw(
              values,
              facts.targets[position]!.against ? "Logit difference so far" : "Logit so far",
            )}
            <SumLine
              terms={[{ name: "final_post", value: values.at(-1)! }]}
              bias={facts.bias[position]!}
              logit={facts.logits[position]!}
            />
          </>
        );
      }}
    </SidesHere>
  );
}

/** "1_mid: +2.310; +0.412 more than at 1_pre" */
function step(values: Float32Array, s: number, states: readonly string[]): string {
  const here = `${states[s]!}: ${formatSigned(values[s]!, 3)}`;
  return s === 0
    ? here
    : `${here}, by ${formatSigned(values[s]! - values[s - 1]!, 3)} from ${states[s - 1]!}`;
}
