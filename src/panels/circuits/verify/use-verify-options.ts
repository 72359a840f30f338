/** How a circuit is tested: options that travel in the link. */
import { TASK_METRICS } from "../../../core/task.ts";
import { CIRCUIT_ABLATIONS, RANDOM_BY, RANDOM_EDGES_BY } from "../../../core/verify.ts";
import { useChoice, useRead, wholeIn } from "../../../state/options-slice.ts";
import { readCount, readSeed } from "../../../state/task-slice.ts";
import { VERIFY_PROMPTS } from "../../../state/verify-slice.ts";

const ON_OFF = ["on", "off"] as const;
const COUNT = 16; // pairs that are drawn
const RANDOM = 50;
const SUBSETS = 10;
export const MOST_RANDOM = 1000;
/** Of a circuit that was found: its edges, or the nodes at their ends. */
export const TEST_AS = ["edges", "nodes"] as const;

export function useVerifyOptions() {
  const [metric, setMetric] = useChoice("circuits.metric", TASK_METRICS);
  const [ablation, setAblation] = useChoice("verify.ablation", CIRCUIT_ABLATIONS);
  const [prompts, setPrompts] = useChoice("verify.prompts", VERIFY_PROMPTS);
  const [count, setCount] = useRead("verify.count", readCount, COUNT);
  const [taskSeed] = useRead("circuits.seed", readSeed, 0);
  const [draw, setDraw] = useRead("verify.draw", readSeed, (taskSeed + 1) % 1_000_000);
  const [random, setRandom] = useRead("verify.random", wholeIn(0, MOST_RANDOM), RANDOM);
  const [by, setBy] = useChoice("verify.by", RANDOM_BY);
  const [edgesBy, setEdgesBy] = useChoice("verify.edgesBy", RANDOM_EDGES_BY);
  const [testAs, setTestAs] = useChoice("verify.as", TEST_AS);
  const [subsets, setSubsets] = useRead("verify.subsets", wholeIn(0, MOST_RANDOM), SUBSETS);
  const [greedy, setGreedy] = useChoice("verify.greedy", ON_OFF);
  const [seed, setSeed] = useRead("verify.seed", readSeed, 0);
  return {
    ...{ metric, setMetric, ablation, setAblation, prompts, setPrompts, count, setCount },
    ...{ draw, setDraw, random, setRandom, by, setBy, subsets, setSubsets, seed, setSeed },
    ...{ edgesBy, setEdgesBy, testAs, setTestAs },
    ...{ greedy: greedy === "on", setGreedy: (on: boolean) => setGreedy(on ? "on" : "off") },
  };
}
export type VerifyOptions = ReturnType<typeof useVerifyOptions>;
