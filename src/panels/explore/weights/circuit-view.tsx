/** One head's OV or QK circuit: its singular values, and its first pairs of directions as tokens. */
import { headName } from "../../../charts/head-units.ts";
import { MagnitudeBars } from "../../../charts/magnitude-bars.tsx";
import type { Circuit, HeadCircuits } from "../../../core/weights.ts";
import { circuitPython } from "../../../python/weights.ts";
import { useLab } from "../../../state/context.ts";
import { useChoice, useRead, wholeIn } from "../../../state/options-slice.ts";
import { useRunFacts } from "../../../state/run-facts.ts";
import type { Table } from "../../../ui/figure-numbers.ts";
import { Figure } from "../../../ui/figure.tsx";
import { formatPercent } from "../../../ui/format.ts";
import { Segmented } from "../../../ui/segmented.tsx";
import { WhenAsked } from "../asked-state.tsx";
import { HeadPicker, type Sizes, useShownHead } from "./head-picker.tsx";
import { PairEnds, PairTable } from "./singular-pairs.tsx";
import { StudyState } from "./study-state.tsx";
import { useStoppable } from "./use-stoppable.ts";
import { WHAT_OV, WHAT_QK } from "./what.ts";

const PAIRS = 10;
const TOKENS = 10;
const CIRCUITS = ["ov", "qk"] as const;
export type CircuitName = (typeof CIRCUITS)[number];
/** What the two directions of a pair do. */
export const SIDES = {
  ov: { u: "reads", v: "writes" },
  qk: { u: "query", v: "key" },
} as const;

export function CircuitView(sizes: Sizes) {
  const head = useShownHead(sizes);
  const basis = useLab((s) => s.basis);
  const options = { basis, ...head, pairs: PAIRS, tokens: TOKENS };
  const study = useStoppable("headCircuits", options);
  const { asked, stopped } = study;
  return (
    <>
      <StudyState study={study} />
      {(!stopped || asked.shown) && (
        <WhenAsked asked={asked} what={`The circuits of head ${headName(head)}`}>
          {(shown) => <CircuitFigure circuits={shown} sizes={sizes} />}
        </WhenAsked>
      )}
    </>
  );
}

function CircuitFigure({ circuits, sizes }: { circuits: HeadCircuits; sizes: Sizes }) {
  const [name, setName] = useChoice("weights.circuit", CIRCUITS);
  const facts = useRunFacts();
  const circuit = circuits[name];
  const { singularValues, pairs } = circuit;
  const last = Math.max(0, pairs.length - 1);
  const [pair, setPair] = useRead("weights.pair", wholeIn(0, last), 0);
  const total = singularValues.reduce((sum, s) => sum + s * s, 0);
  const words = (i: number) => {
    const s = singularValues[i] ?? 0;
    const share = total > 0 ? `, ${formatPercent((s * s) / total)} of ‖W‖²` : "";
    return `σ of pair ${i}: ${s.toPrecision(4)}${share}`;
  };
  return (
    <Figure
      title={
        <>
          {name === "ov" ? "OV" : "QK"} circuit of head{" "}
          <span className="mono">{headName(circuits)}</span>
        </>
      }
      name={`${name}-circuit-${headName(circuits)}`}
      what={name === "ov" ? WHAT_OV : WHAT_QK}
      python={() => circuitPython(facts(), circuits, name, { pairs: PAIRS, tokens: TOKENS })}
      table={() => circuitTable(circuit, SIDES[name])}
      controls={
        <div className="row">
          <Segmented
            label="Circuit"
            value={name}
            choices={[
              { value: "ov", label: "OV", title: "What it moves" },
              { value: "qk", label: "QK", title: "What it looks for" },
            ]}
            onChange={setName}
          />
          <HeadPicker {...sizes} />
        </div>
      }
    >
      <div className="circuit">
        <MagnitudeBars
          values={singularValues}
          label={`Singular values of W_${name.toUpperCase()}`}
          words={words}
          selected={pair}
          selectable={pairs.length}
          onSelect={setPair}
        />
        {pairs.length === 0 ? (
          <p>This circuit is 0: the head does nothing, and has no directions.</p>
        ) : (
          <>
            <PairEnds pair={pairs[pair]!} index={pair} sides={SIDES[name]} />
            <PairTable circuit={circuit} sides={SIDES[name]} selected={pair} onSelect={setPair} />
          </>
        )}
      </div>
    </Figure>
  );
}

function circuitTable({ singularValues, pairs }: Circuit, sides: { u: string; v: string }): Table {
  return {
    columns: ["pair", "singular value", "side", "end", "token id", "token", "dot product"],
    rows: [...singularValues].flatMap((s, i): Table["rows"] => {
      const pair = pairs[i];
      if (!pair) return [[i, s, null, null, null, null, null]];
      return (["u", "v"] as const).flatMap((side) =>
        (["plus", "minus"] as const).flatMap((end) =>
          pair[side][end].ids.map((id, t) => {
            const { strings, values } = pair[side][end];
            return [i, s, sides[side], end === "plus" ? "+" : "−", id, strings[t]!, values[t]!];
          }),
        ),
      );
    }),
  };
}
