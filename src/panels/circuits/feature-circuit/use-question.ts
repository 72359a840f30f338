/** What is asked: the settings, which travel in the link, and the question that they make of the prompt on the bench. */
import { useMemo } from "react";
import { HEAD_WAYS } from "../../../core/feature-circuit.ts";
import type { SaeSummary } from "../../../core/sae.ts";
import { useLab } from "../../../state/context.ts";
import type { AskedCircuit } from "../../../state/feature-circuit-slice.ts";
import { numberIn, useChoice, useRead, useText, wholeIn } from "../../../state/options-slice.ts";
import { saeMisfit } from "../../../state/sae-fit.ts";
import { saeForPrompt } from "../../../state/sae-on-bench.ts";

/** The fewest likeliest tokens of so much of the probability, at most so many: circuit-tracer's. */
export const MASS = 0.95;
export const MOST_LOGITS = 10;
export const MOST_NODES = ["2000", "500", "5000"] as const;

export function useCircuitSettings() {
  const model = useLab((s) => s.model);
  const saes = useLab((s) => s.saes);
  const onBench = useLab(saeForPrompt);
  const [chosen, setChosen] = useText("graph.saes", "bench");
  const [target, setTarget] = useChoice("graph.target", ["top", "difference"]);
  const [token, setToken] = useText("graph.token", "");
  const [against, setAgainst] = useText("graph.against", "");
  const [heads, setHeads] = useChoice("graph.heads", HEAD_WAYS);
  const [first, setFirst] = useChoice("graph.first", ["number", "nodes"]);
  const [most, setMost] = useChoice("graph.most", MOST_NODES);
  const [nodes, setNodes] = useRead("graph.nodes", numberIn(0.05, 1), 0.8);
  const [edges, setEdges] = useRead("graph.edges", numberIn(0.05, 1), 0.98);
  const fitting = useMemo((): SaeSummary[] => {
    if (saes.status !== "ready" || model.status !== "ready") return [];
    return saes.value.filter(
      ({ config, status }) => status === "finished" && saeMisfit(config, model.value) === null,
    );
  }, [saes, model]);
  const ids = useMemo(() => {
    const wanted = chosen === "bench" ? (onBench === null ? [] : [onBench]) : chosen.split(",");
    return fitting.filter(({ id }) => wanted.includes(id)).map(({ id }) => id);
  }, [chosen, onBench, fitting]);
  const setIds = (next: readonly string[]) => setChosen(next.join(","));
  return {
    ...{ fitting, ids, setIds, target, setTarget, token, setToken, against, setAgainst },
    ...{ heads, setHeads, first, setFirst, most, setMost, nodes, setNodes, edges, setEdges },
  };
}
export type CircuitSettings = ReturnType<typeof useCircuitSettings>;

/** null while the prompt is being read, or a token is still to be typed. */
export function useAsked(settings: CircuitSettings): AskedCircuit | null {
  const tokens = useLab((s) => s.shownView?.tokens ?? null);
  const { ids: saes, target, token, against, heads, first, most, nodes, edges } = settings;
  return useMemo(() => {
    if (!tokens || (target === "difference" && (token === "" || against === ""))) return null;
    return {
      ...{ ids: tokens.ids, saes, heads, skipFirst: first === "number" },
      target:
        target === "top"
          ? { kind: "top", mass: MASS, most: MOST_LOGITS }
          : { kind: "difference", token, against },
      ...{ mostNodes: wholeIn(1, 1e6)(most)!, nodeShare: nodes, edgeShare: edges },
    };
  }, [tokens, saes, target, token, against, heads, first, most, nodes, edges]);
}
