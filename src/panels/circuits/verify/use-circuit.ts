/** Which circuit is tested: a published one, one that was found, or one's own; as a text that travels in the link. */
import { useMemo } from "react";
import { nodesOf } from "../../../core/circuit.ts";
import { graphOf, type FoundCircuit } from "../../../core/found-circuit.ts";
import { type HeadCircuit, readHeadCircuit, writeHeadCircuit } from "../../../core/head-circuit.ts";
import { hasKnownSizes, KNOWN, KNOWN_CIRCUITS, knownOf } from "../../../core/known-circuits.ts";
import { type LabError, toLabError } from "../../../core/lab-error.ts";
import type { Gpt2Config } from "../../../core/types.ts";
import { circuitsFor } from "../../../state/circuit-slice.ts";
import { useLab } from "../../../state/context.ts";
import { useText } from "../../../state/options-slice.ts";

export const TYPED = "typed";

export interface CircuitChoice {
  value: string;
  label: string;
  /** null for one's own. */
  text: string | null;
  /** One that was found, with its edges. */
  found: FoundCircuit | null;
}
export interface ChosenCircuit {
  choices: readonly CircuitChoice[];
  choice: CircuitChoice;
  text: string;
  /** null where the text cannot be read. */
  circuit: HeadCircuit | null;
  error: LabError | null;
  choose: (value: string) => void;
  /** Makes it one's own. */
  change: (text: string) => void;
}

/** Heads and MLPs that an edge of the circuit begins or ends at; MLPs are nodes of its graph. */
export function nodeCircuit(found: FoundCircuit): HeadCircuit {
  const names = nodesOf(graphOf(found), found.mask);
  const heads = names.flatMap((name) => {
    const [, layer, head] = /^a(\d+)\.h(\d+)$/.exec(name) ?? [];
    return layer === undefined ? [] : [{ layer: Number(layer), head: Number(head) }];
  });
  const mlps = names.flatMap((name) => (name.startsWith("m") ? [Number(name.slice(1))] : []));
  return {
    classes: heads.length === 0 ? [] : [{ name: "heads", heads, roles: null }],
    mlps,
  };
}

/** @param task the open task's name: the circuit that was published for it is tested at first */
export function useCircuit(config: Gpt2Config, task: string): ChosenCircuit {
  const circuits = useLab((s) => s.circuits);
  const [of, setOf] = useText("verify.of", "");
  const [typed, setTyped] = useText("verify.circuit", "");
  const setOptions = useLab((s) => s.setOptions);
  const choices = useMemo(() => {
    const published = hasKnownSizes(config)
      ? KNOWN_CIRCUITS.map((id) => ({
          value: id,
          label: KNOWN[id].label,
          text: writeHeadCircuit(KNOWN[id].circuit),
          found: null,
        }))
      : [];
    const found = circuitsFor(circuits, config).map((one) => ({
      value: one.id,
      label: `Found: ${one.name}`,
      text: writeHeadCircuit(nodeCircuit(one)),
      found: one,
    }));
    return [...published, ...found, { value: TYPED, label: "Mine", text: null, found: null }];
  }, [circuits, config]);
  const first = knownOf(task);
  const fallback = choices.find(({ value }) => value === first) ?? choices[0]!;
  const choice = choices.find(({ value }) => value === of) ?? fallback;
  const text = choice.text ?? typed;
  const read = useMemo(() => {
    try {
      return { circuit: readHeadCircuit(text, config), error: null };
    } catch (e) {
      return { circuit: null, error: toLabError(e) };
    }
  }, [text, config]);
  return {
    ...{ choices, choice, text, ...read },
    choose: (value) => {
      setOf(value === fallback.value ? "" : value);
      // One's own begins with what was shown.
      if (value === TYPED && typed === "") setTyped(text);
    },
    change: (next) =>
      setOptions({
        "verify.of": fallback.value === TYPED ? null : TYPED,
        "verify.circuit": next === "" ? null : next,
      }),
  };
}
