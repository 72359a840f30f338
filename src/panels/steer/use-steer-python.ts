/** Python for what is turned up or down on the bench. */
import { useContext } from "react";
import { dosePython, steerPython, steerTextPython, type SteerPython } from "../../python/steer.ts";
import { StoreContext } from "../../state/context.ts";
import { saeFacts, useRunFacts } from "../../state/run-facts.ts";
import { samplingOf } from "../../state/sampling.ts";
import { steerSpec } from "../../state/steer-slice.ts";
import { sampleCount } from "../../state/steer-text-slice.ts";
import type { SteerSpec } from "../../core/steer.ts";
import type { Dose } from "../../core/dose.ts";

/** Asked when Python is, without following every change. */
export function useSteerPython() {
  const store = useContext(StoreContext)!;
  const facts = useRunFacts();
  const steering = ({ rows: all, attention = "free" }: SteerSpec): SteerPython => {
    const { saes } = store.getState();
    const rows = all.filter(({ on }) => on);
    const used = rows.flatMap(({ source }) => (source.kind === "feature" ? [source.sae] : []));
    const shelf = saes.status === "ready" ? saes.value : [];
    return { rows, attention, saes: shelf.filter(({ id }) => used.includes(id)).map(saeFacts) };
  };
  const now = () => steering(steerSpec(store.getState()));
  return {
    next: () => steerPython(facts(), now()),
    text: () => {
      const state = store.getState();
      return steerTextPython(facts(), now(), samplingOf(state), sampleCount(state));
    },
    dose: (dose: Dose) => {
      const { rows, attention } = dose;
      // Rows that are off are not in the program: the one that is swept has another number there.
      const swept = rows.map((row, i) => (i === dose.row ? { ...row, on: true } : row));
      const row = dose.row === null ? null : swept.slice(0, dose.row).filter(({ on }) => on).length;
      return dosePython(facts(), steering({ rows: swept, attention }), {
        ...{ row, doses: dose.doses, unit: dose.unit, text: dose.text },
        tokens: dose.tokens.map(({ id }) => id),
      });
    },
  };
}
