/** A circuit tested: which one, on which prompts, against what; and what was found. */
import { useEffect, useMemo } from "react";
import { circuitReport } from "../../../charts/circuit-report.ts";
import { headCount } from "../../../core/head-circuit.ts";
import type { FoundCircuit } from "../../../core/found-circuit.ts";
import type { Gpt2Config } from "../../../core/types.ts";
import { MOST_EDGES } from "../../../core/verify.ts";
import { useLab } from "../../../state/context.ts";
import type { OpenTask } from "../../../state/task-slice.ts";
import { type VerifyAsk, verifyKey } from "../../../state/verify-slice.ts";
import { CircuitFigure } from "./circuit-figure.tsx";
import { CompletenessFigure } from "./completeness-figure.tsx";
import { FaithfulnessFigure } from "./faithfulness-figure.tsx";
import { MinimalityFigure } from "./minimality-figure.tsx";
import { useCircuit } from "./use-circuit.ts";
import { useVerifyOptions } from "./use-verify-options.ts";
import { VerdictFigure } from "./verdict-figure.tsx";
import "./verify.css";

const keptEdges = ({ mask }: FoundCircuit): number[] =>
  [...mask.keys()].filter((edge) => mask[edge] === 1);

export default function VerifyPart({ open }: { open: OpenTask }) {
  const model = useLab((s) => s.model);
  return model.status === "ready" ? <Verify open={open} config={model.value.config} /> : null;
}

function Verify({ open, config }: { open: OpenTask; config: Gpt2Config }) {
  const options = useVerifyOptions();
  const chosen = useCircuit(config, open.task.name);
  const readCircuits = useLab((s) => s.readCircuits);
  const readTests = useLab((s) => s.readVerify);
  useEffect(() => {
    void readCircuits();
    void readTests();
  }, [readCircuits, readTests]);
  const { circuit, choice } = chosen;
  const isOwnTask = open.choice === "own";
  const { found: kept } = choice;
  const edges = useMemo(
    () => (kept && options.testAs === "edges" ? keptEdges(kept) : null),
    [kept, options.testAs],
  );
  const tested = edges ? { n_layer: config.n_layer, n_head: config.n_head, edges } : circuit;
  const ask: VerifyAsk | null = tested && {
    ...{ open, circuit: tested, circuitName: choice.label },
    prompts: isOwnTask ? "own" : options.prompts,
    ...{ count: options.count, draw: options.draw },
    settings: {
      ...{ metric: options.metric, ablation: options.ablation, subsets: options.subsets },
      ...{ random: { count: options.random, by: edges ? options.edgesBy : options.by } },
      ...{ greedy: options.greedy, seed: options.seed },
    },
  };
  const key = ask && verifyKey(ask);
  const run = useLab((s) => (key === null ? undefined : s.verifyRuns[key])) ?? null;
  const runVerify = useLab((s) => s.runVerify);
  const found = run?.found;
  const report = useMemo(() => found && circuitReport(found), [found]);
  const cannot = edges
    ? edges.length === 0 || edges.length > MOST_EDGES
    : circuit !== null && headCount(circuit) === 0 && !circuit.mlps?.length;
  const shown = report && run?.asked && { report, asked: run.asked };
  return (
    <>
      <CircuitFigure
        {...{ open, chosen, options, config, run, isOwnTask, edges }}
        onRun={ask === null || key === null || cannot ? null : () => void runVerify(key, ask)}
      />
      {shown && (
        <>
          <VerdictFigure {...shown} />
          <FaithfulnessFigure {...shown} />
          {report.subsets.length > 0 && <CompletenessFigure {...shown} />}
          {report.needed.length > 0 && <MinimalityFigure {...shown} />}
        </>
      )}
    </>
  );
}
