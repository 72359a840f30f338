/** The search that found a circuit as Python, or why there is none. */
import { EAP_METHODS, MOST_EAP_STEPS } from "../../../core/edge-attribution.ts";
import type { FoundCircuit } from "../../../core/found-circuit.ts";
import { acdcPython } from "../../../python/acdc.ts";
import { eapPython } from "../../../python/eap.ts";
import { useRead, wholeIn } from "../../../state/options-slice.ts";
import { useRunFacts } from "../../../state/run-facts.ts";
import { type OpenTask, runPair } from "../../../state/task-slice.ts";
import type { Python } from "../../../ui/figure-numbers.ts";
import { STEPS_AT_FIRST } from "./eap-settings.tsx";

export function useCircuitPython(circuit: FoundCircuit, open: OpenTask): Python {
  const { method, metric, corruption, threshold, pairs: count, task } = circuit;
  const facts = useRunFacts();
  const [now] = useRead("eap.steps", wholeIn(1, MOST_EAP_STEPS), STEPS_AT_FIRST);
  const { steps = now } = circuit;
  const known = EAP_METHODS.find((each) => each === method);
  if (!known && method !== "acdc") {
    return { none: "These edges were set by hand, or came in a file: no search found them." };
  }
  if (task !== open.task.name) {
    return {
      none: `The circuit was found on another task, “${task}”: open that one for its Python.`,
    };
  }
  const pairs = open.read
    .filter(({ problem }) => problem === null)
    .map(runPair)
    .slice(0, count);
  const { acdc = { order: "normal", seed: 0, absolute: false } } = circuit;
  return known
    ? () => eapPython(facts(), { pairs, metric, method: known, steps })
    : () => acdcPython(facts(), { pairs, metric, corruption, threshold, ...acdc });
}
