/** Where the circuit is cut out of all scored edges: τ, or how many edges. */
import { CUT_ORDERS, CUT_SIGNS } from "../../../core/circuit-cut.ts";
import { edgesKept, type FoundCircuit } from "../../../core/found-circuit.ts";
import { Slider } from "../../../ui/field.tsx";
import { SmallNumber } from "../../../ui/small-number.tsx";
import { Segmented } from "../../../ui/segmented.tsx";
import type { CircuitCut } from "./use-cut.ts";

const SIGN = {
  absolute: {
    label: "by size",
    title: "Edges by |score|: also those that work against the answer",
  },
  helps: { label: "that help", title: "Only edges that the metric is worse without" },
} as const;
const ORDER = {
  threshold: { label: "all from τ on", title: "Every edge whose score is τ or more" },
  greedy: {
    label: "from the logits",
    title: "Greedily: the strongest edge into what is in the circuit already, and so on",
  },
} as const;

const NOTCHES = 400;

interface CutProps {
  cut: CircuitCut;
  circuit: Pick<FoundCircuit, "method" | "scores">;
}

export function CutControls({ cut, circuit: { method, scores } }: CutProps) {
  const { ranks, threshold, mask } = cut;
  if (!ranks) {
    const left = edgesKept(mask);
    const edges = left === 1 ? "1 edge" : `${left.toLocaleString("en-US")} edges`;
    const untried = scores ? mask.filter((kept, i) => kept && Number.isNaN(scores[i]!)).length : 0;
    return (
      <p className="quiet">
        {method !== "acdc"
          ? "This circuit has no scores: its edges are set by hand."
          : left === 0
            ? `No edge is left at τ = ${shortNumber(threshold)}. A smaller τ keeps more, by another search.`
            : untried > 0
              ? `${edges}, of which ${untried.toLocaleString("en-US")} were not tried; the others by a run each at τ = ${shortNumber(threshold)}.`
              : `${edges}, each decided by a run at τ = ${shortNumber(threshold)}: another τ is another search.`}
      </p>
    );
  }
  const { strengths, cutTo } = ranks;
  const { length } = strengths;
  if (length === 0)
    return <p role="status">No edge has a score above 0: there is nothing to cut.</p>;
  const [most, least] = [strengths[0]!, strengths[length - 1]!];
  const span = Math.log(most / least) || 1;
  const atNotch = (notch: number) => least * Math.exp((notch / NOTCHES) * span);
  const notch = Math.round(
    (NOTCHES * Math.log(Math.min(most, Math.max(least, threshold)) / least)) / span,
  );
  const from = (tau: number) => {
    const end = strengths.findIndex((strength) => strength < tau * (1 - 1e-12));
    return end < 0 ? length : end;
  };
  const count = from(threshold);
  return (
    <div className="patch-settings cut-controls">
      <Slider
        label="Threshold τ"
        value={notch}
        min={0}
        max={NOTCHES}
        step={1}
        format={() => shortNumber(threshold)}
        onChange={(next) => cutTo(next === NOTCHES ? 1 : Math.max(1, from(atNotch(next))))}
      />
      <SmallNumber
        label="Edges from τ on"
        value={count}
        whole
        min={1}
        max={length}
        onChange={cutTo}
      />
      <Segmented
        label="Edges"
        value={ranks.sign}
        choices={CUT_SIGNS.map((value) => ({ value, ...SIGN[value] }))}
        onChange={ranks.setSign}
      />
      <Segmented
        label="Cut"
        value={ranks.order}
        choices={CUT_ORDERS.map((value) => ({ value, ...ORDER[value] }))}
        onChange={ranks.setOrder}
      />
      <p className="quiet">
        {edgesKept(mask).toLocaleString("en-US")} edges on a path from the input to the logits
      </p>
    </div>
  );
}

/** Three digits: "0.0123", "1.2e-5". */
export const shortNumber = (value: number): string => {
  const size = Math.abs(value);
  const text =
    size !== 0 && (size < 1e-3 || size >= 1e5)
      ? size.toExponential(2)
      : String(Number(size.toPrecision(3)));
  return value < 0 ? `−${text}` : text;
};
