/** The states of the stream at every position: how long they are, or how far each turns to the next. */
import { consecutiveCosines } from "../../../charts/stream.ts";
import type { StreamFacts } from "../../../core/residual.ts";
import { residualPython } from "../../../python/residual.ts";
import type { Sides } from "../../../state/figures-slice.ts";
import { useChoice } from "../../../state/options-slice.ts";
import { useRunFacts } from "../../../state/run-facts.ts";
import { Segmented } from "../../../ui/segmented.tsx";
import { PositionsFigure } from "../positions-figure.tsx";
import { WHAT_STREAM, WHAT_TURN } from "./what.ts";

const SHOWN = {
  length: { label: "Length", title: "‖x‖₂ of each state" },
  turn: { label: "Turn", title: "Cosine of each state with the next" },
} as const;

export function StatesFigure({ sides }: { sides: Sides<StreamFacts> }) {
  const [show, setShow] = useChoice("residual.states", ["length", "turn"]);
  const runFacts = useRunFacts();
  const python = () => residualPython(runFacts(), show);
  const controls = (
    <Segmented
      label="What of the states"
      value={show}
      choices={(["length", "turn"] as const).map((value) => ({ value, ...SHOWN[value] }))}
      onChange={setShow}
    />
  );
  if (show === "length") {
    return (
      <PositionsFigure
        title="Length of the residual stream"
        name="residual-norms"
        what={WHAT_STREAM}
        sides={sides}
        rows={({ states }) => states}
        values={({ stateNorms }) => stateNorms.data}
        quantity="norm"
        python={python}
        controls={controls}
      />
    );
  }
  return (
    <PositionsFigure
      title="Each state and the next"
      name="residual-turns"
      what={WHAT_TURN}
      sides={sides}
      rows={({ states }) => states.slice(1).map((next, s) => `${states[s]!} → ${next}`)}
      values={consecutiveCosines}
      quantity="cosine"
      signed
      digits={3}
      emptyBecause="a vector of length 0 has no direction"
      python={python}
      controls={controls}
    />
  );
}
