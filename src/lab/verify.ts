/**
 * The tests of a circuit, one after another: the whole model, the circuit and nothing; random circuits of its size; completeness
 * over parts K of it; whether each node is needed; and at last a K that is looked for step by step. What is found is told at
 * once, so that a test that is stopped has what it has.
 */
import { circuitGraph } from "../core/circuit.ts";
import { LabError } from "../core/lab-error.ts";
import {
  MOST_EDGES,
  type RANDOM_BY,
  type RANDOM_EDGES_BY,
  type UnitSet,
  type VerifyAnswer,
  type VerifyFinding,
  type VerifyProgress,
  type VerifyQuestion,
} from "../core/verify.ts";
import { incompleteness, minimality, randomCircuit, randomSubset } from "../math/circuit-tests.ts";
import { keyedRandom, permutation } from "../math/keyed-random.ts";
import { randomEdges } from "../math/random-edges.ts";
import type { LoadedModel } from "../model/loaded-model.ts";
import { type CircuitRuns, circuitRuns, type Cut } from "./circuit-alone.ts";
import type { EdgeBench } from "./edge-runs.ts";
import { edgesAlone } from "./edges-alone.ts";

/** Of the random numbers, a stream for each purpose. */
const CIRCUITS = 11;
const SUBSETS = 12;
const GREEDY = 13;
/** Circuits that are run before what was found is told. */
const TOLD = 8;
/** Steps of the search for K, and the nodes that are tried at each. */
const STEPS = 5;
const TRIED = 8;
/** Random circuits, and random K. */
const MOST = 1000;
/** Milliseconds between two words on how far it is. */
const PAUSE = 100;

interface Context {
  signal: AbortSignal;
  progress: (told: VerifyProgress) => void;
}

/** A circuit of nodes, or of edges, as it is tested. */
interface Tested<U> {
  units: readonly U[];
  runs: CircuitRuns<U>;
  /** Another circuit of its size by chance. */
  another: (random: () => number) => U[];
}

/** A circuit of nodes. @throws LabError "bad-input" for pairs, units or numbers that there are not */
export async function verifyCircuit(
  model: LoadedModel,
  question: VerifyQuestion,
  context: Context,
): Promise<VerifyAnswer> {
  const { units, random } = question;
  checkQuestion(question);
  const by = only(random.by, ["layer", "any"] satisfies typeof RANDOM_BY);
  const runs = circuitRuns(model, question, context.signal);
  const another = (chance: () => number) => randomCircuit(units, model.info.config, by, chance);
  return testCircuit({ units, runs, another }, question, context);
}

/** A circuit of edges. @throws LabError "bad-input" for pairs, edges or numbers that there are not */
export async function verifyEdges(
  model: EdgeBench,
  question: VerifyQuestion,
  context: Context,
): Promise<VerifyAnswer> {
  const { edges, random } = question;
  checkQuestion(question);
  const by = only(random.by, ["paths", "layer"] satisfies typeof RANDOM_EDGES_BY);
  const units = edges ?? [];
  const runs = await edgesAlone(model, question, context.signal);
  const graph = circuitGraph(model.info.config);
  const another = (chance: () => number) => randomEdges(graph, units, by, chance);
  return testCircuit({ units, runs, another }, question, context);
}

function only<T extends string>(by: string, known: readonly T[]): T {
  const found = known.find((one) => one === by);
  if (found !== undefined) return found;
  throw new LabError("bad-input", `random circuits are by ${known.join(" or ")}, not by ${by}`);
}

async function testCircuit<U>(
  { units, runs, another }: Tested<U>,
  question: VerifyQuestion,
  { progress }: Context,
): Promise<VerifyAnswer> {
  const { pairs, random, seed } = question;
  const start = performance.now();
  const circuit = (K: readonly number[]): Cut<U> => {
    const gone = new Set(K);
    return { kept: units.filter((_, i) => !gone.has(i)) };
  };
  const both = (K: readonly number[]): [Cut<U>, Cut<U>] => [
    circuit(K),
    { removed: units.filter((_, i) => K.includes(i)) },
  ];
  const ends: readonly Cut<U>[] = [{ removed: [] }, circuit([]), { kept: [] }];
  const randoms = Array.from({ length: random.count }, (_, i): Cut<U> => ({
    kept: another(keyedRandom(seed, CIRCUITS, i)),
  }));
  const sets = setsOf(question, units.length);
  const trials = units.map((_, v) => withoutUnit(sets, v));
  const trialCuts = (v: number) =>
    trials[v]!.flatMap(({ units: K }) => [circuit(K), circuit([...K, v])]);

  let done = 0;
  let total =
    runs.cost([
      ...ends,
      ...randoms,
      ...sets.flatMap(({ units: K }) => both(K)),
      ...units.flatMap((_, v) => trialCuts(v)),
    ]) + (question.greedy ? 2 * STEPS * TRIED * pairs.length : 0);
  let told = -Infinity;
  const tell = (found: readonly VerifyFinding[], always = found.length > 0) => {
    const now = performance.now();
    if (!always && now - told < PAUSE) return;
    told = now;
    const seconds = (now - start) / 1000;
    progress({
      ...{ found, done, total },
      secondsLeft: done === 0 ? null : (seconds / done) * (total - done),
    });
  };
  const evaluate = (cuts: readonly Cut<U>[]) =>
    runs.evaluate(cuts, (prompts) => {
      done += prompts;
      tell([]);
    });

  const [full, alone, empty] = (await evaluate(ends)) as [Float64Array, Float64Array, Float64Array];
  const { leastReferences } = runs;
  tell([{ kind: "ends", full, circuit: alone, empty, leastReferences }]);
  for (const some of chunks(randoms, TOLD)) {
    const values = await evaluate(some);
    tell(values.map((one) => ({ kind: "random", values: one })));
  }
  for (const some of chunks(sets, TOLD / 2)) {
    const values = await evaluate(some.flatMap(({ units: K }) => both(K)));
    tell(
      some.map((set, i) => ({
        ...{ kind: "subset", set, circuit: values[2 * i]!, model: values[2 * i + 1]! },
      })),
    );
  }
  for (const [v, list] of trials.entries()) {
    const values = await evaluate(trialCuts(v));
    const found = list.map((set, i) => ({
      ...{ set, before: values[2 * i]!, after: values[2 * i + 1]! },
    }));
    const most = largest(found, ({ before, after }) => minimality(after, before));
    tell([{ kind: "needed", unit: v, ...most }]);
  }
  if (question.greedy) {
    total = done + 2 * STEPS * TRIED * pairs.length;
    await searchK();
  }
  total = done; // the search may end before its last step
  tell([], true);
  return { runs: done, seconds: (performance.now() - start) / 1000 };

  /** Adds to K, one at a time, the node of those tried that parts C∖K and M∖K most, until none parts them further. */
  async function searchK(): Promise<void> {
    const by = keyedRandom(seed, GREEDY);
    let K: readonly number[] = [];
    let gap = incompleteness(alone, full);
    for (let step = 0; step < STEPS; step++) {
      const tried = [...permutation(units.length, by)]
        .filter((v) => !K.includes(v))
        .slice(0, TRIED);
      if (tried.length === 0) return;
      const values = await evaluate(tried.flatMap((v) => both([...K, v])));
      const found = tried.map((v, i) => ({
        ...{ K: [...K, v], circuit: values[2 * i]!, model: values[2 * i + 1]! },
      }));
      const best = largest(found, (one) => incompleteness(one.circuit, one.model));
      const next = incompleteness(best.circuit, best.model);
      if (!(next > gap)) return;
      ({ K } = best);
      gap = next;
      const set: UnitSet = { kind: "greedy", name: `search, step ${step + 1}`, units: K };
      tell([{ kind: "subset", set, circuit: best.circuit, model: best.model }]);
    }
  }
}

/** Nothing, each class, and random parts. */
function setsOf({ classes, subsets, seed }: VerifyQuestion, count: number): UnitSet[] {
  return [
    { kind: "none", name: "nothing", units: [] },
    ...classes.map(({ name, units: of }): UnitSet => ({ kind: "class", name, units: of })),
    ...Array.from({ length: subsets }, (_, i): UnitSet => ({
      ...{ kind: "random", name: `random ${i + 1}` },
      units: randomSubset(count, keyedRandom(seed, SUBSETS, i)),
    })),
  ];
}

/** The same sets without a unit, each once. */
function withoutUnit(sets: readonly UnitSet[], unit: number): UnitSet[] {
  const found = new Map<string, UnitSet>();
  for (const set of sets) {
    const units = set.units.filter((i) => i !== unit);
    const key = [...units].sort((a, b) => a - b).join();
    if (!found.has(key)) found.set(key, { ...set, units });
  }
  return [...found.values()];
}

/** @param list not empty */
const largest = <T>(list: readonly T[], of: (one: T) => number): T =>
  list.reduce((best, one) => (of(one) > of(best) ? one : best));

function chunks<T>(list: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(list.length / size) }, (_, i) =>
    list.slice(i * size, (i + 1) * size),
  );
}

function checkQuestion({ classes, random, subsets, seed, ...of }: VerifyQuestion): void {
  const units = of.edges ?? of.units;
  const refuse = (why: string) => {
    throw new LabError("bad-input", why);
  };
  if (units.length === 0) {
    refuse(`the circuit is empty: put ${of.edges ? "an edge" : "a head or an MLP"} into it`);
  }
  if (of.edges && of.edges.length > MOST_EDGES) {
    refuse(
      `the circuit has ${of.edges.length} edges, and at most ${MOST_EDGES} are tested one by one: take a larger τ, or test its nodes`,
    );
  }
  const whole = (value: number, name: string, most: number) => {
    if (!Number.isInteger(value) || value < 0 || value > most) {
      refuse(`${name} is ${value}, not a whole number from 0 to ${most}`);
    }
  };
  whole(random.count, "the number of random circuits", MOST);
  whole(subsets, "the number of random K", MOST);
  whole(seed, "the seed", Number.MAX_SAFE_INTEGER);
  for (const { name, units: of } of classes) {
    const bad = of.find((i) => !(Number.isInteger(i) && i >= 0 && i < units.length));
    if (bad !== undefined) refuse(`class “${name}” names unit ${bad} of ${units.length}`);
  }
}
