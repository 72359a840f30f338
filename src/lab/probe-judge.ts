/**
 * One probe judged: fitted on texts, its λ chosen on others, scored on yet others, and all of it once more on shuffled labels.
 * The same parts of the data and the same shuffles for every place, so that places can be compared.
 */
import { breathe } from "../core/breathe.ts";
import {
  type ClassScores,
  type FoundDirection,
  LAMBDAS,
  type NumberScores,
  PARTS,
  type ProbeQuestion,
  type ProbeResult,
} from "../core/probe.ts";
import { LabError } from "../core/lab-error.ts";
import { groupFolds } from "../math/group-folds.ts";
import { createDesign } from "../math/probe-design.ts";
import {
  classesOf,
  createFitter,
  directionsOf,
  type Probe,
  scoresOf,
  type Targets,
} from "../math/probe-fit.ts";
import {
  accuracyOf,
  areaUnderCurve,
  balancedAccuracyOf,
  confusion,
  varianceExplained,
} from "../math/probe-scores.ts";
import { labelsByType, permutedLabels } from "../math/shuffled-labels.ts";
import type { Harvested } from "./probe-harvest.ts";
import type { ProbeSet } from "./probe-set.ts";

type Labels = ProbeSet["labels"];
/** Cases by number. */
export interface Part {
  /** Chooses λ. */
  fit: Int32Array;
  choose: Int32Array;
  /** Both: what the judged probe is fitted on. */
  all: Int32Array;
  held: Int32Array;
}
export interface Plan {
  parts: readonly Part[];
  /** Labels that say nothing, by seed. */
  shuffled: readonly Labels[];
}
const WRONG_MOST = 20;

/** @throws LabError "bad-input" for too few texts; "degenerate" for a part without two classes */
export function planOf(
  set: ProbeSet,
  { folds, shuffles, request }: Pick<ProbeQuestion, "folds" | "shuffles" | "request">,
): Plan {
  const { labels, cases } = set;
  const group = Int32Array.from(cases, ({ text }) => text);
  const label = labels.kind === "classes" ? labels.y : new Int32Array(cases.length);
  const fold = groupFolds(group, label, PARTS, request.seed);
  const where = (test: (f: number) => boolean) =>
    Int32Array.from([...cases.keys()].filter((n) => test(fold[group[n]!]!)));
  const parts = Array.from({ length: folds }, (_, held): Part => {
    const next = (held + 1) % PARTS;
    return {
      fit: where((f) => f !== held && f !== next),
      choose: where((f) => f === next),
      all: where((f) => f !== held),
      held: where((f) => f === held),
    };
  });
  const shuffled: Labels[] = [];
  for (let i = 0; shuffled.length < shuffles; i++) {
    if (i > shuffles + MOST_TRIES) {
      throw new LabError(
        "degenerate",
        "shuffled labels come out all the same: there are too few different tokens or texts; give more, or shuffle 0 times",
      );
    }
    const found = shuffledLabels(set, request.seed * 100 + i);
    if (parts.every((part) => [part.all, part.held].every((at) => varies(found, at)))) {
      shuffled.push(found);
    }
  }
  return { parts, shuffled };
}
const MOST_TRIES = 50;
const varies = ({ y }: Labels, cases: Int32Array) => cases.some((n) => y[n] !== y[cases[0]!]);

/** Of tokens by their type, of texts by chance among them. */
function shuffledLabels({ unit, labels, cases, texts }: ProbeSet, seed: number): Labels {
  const types = () => cases.map(({ text, at }) => texts[text]![at!]!);
  const shuffle = (y: readonly number[]) =>
    unit === "token" ? labelsByType(types(), y, seed) : permutedLabels(y, seed);
  return labels.kind === "numbers"
    ? { ...labels, y: Float64Array.from(shuffle([...labels.y])) }
    : { ...labels, y: Int32Array.from(shuffle([...labels.y])) };
}

const targetsOf = (labels: Labels, cases: Int32Array): Targets =>
  labels.kind === "numbers"
    ? { kind: "numbers", y: Float64Array.from(cases, (n) => labels.y[n]!) }
    : {
        kind: "classes",
        y: Int32Array.from(cases, (n) => labels.y[n]!),
        K: labels.names.length,
      };

/** Accuracy or R² of a probe on some cases; null where R² cannot be said. */
function mainScore(probe: Probe, x: Float32Array, labels: Labels, cases: Int32Array) {
  const targets = targetsOf(labels, cases);
  const s = scoresOf(probe, x, cases);
  return targets.kind === "numbers"
    ? varianceExplained(s, targets.y)
    : accuracyOf(confusion(targets.y, classesOf(s, targets.K), targets.K), targets.K);
}

interface Judged {
  result: Omit<ProbeResult, "wrong">;
  /** The held-out cases that are told most wrongly. */
  wrong: readonly { n: number; told: string; by: number }[];
}

/** @throws LabError "cancelled"; "degenerate" */
export async function judgeProbe(
  set: ProbeSet,
  { place, width, x }: Harvested,
  plan: Plan,
  loss: ProbeQuestion["loss"],
  signal: AbortSignal,
): Promise<Judged> {
  const { labels } = set;
  const pause = async () => {
    await breathe();
    signal.throwIfAborted();
  };
  const lambdas: number[] = [];
  let converged = true;
  let directions: FoundDirection[] = [];
  const told: { cases: Int32Array; s: Float64Array }[] = [];
  const blind: { cases: Int32Array; s: Float64Array }[][] = plan.shuffled.map(() => []);
  for (const [i, part] of plan.parts.entries()) {
    const lambda = await chooseLambda(x, width, labels, part, loss, pause);
    lambdas.push(lambda);
    const fit = createFitter(await createDesign(x, width, part.all, pause));
    const fitted = async (of: Labels) => {
      const probe = await fit(targetsOf(of, part.all), { loss, lambda, pause });
      converged &&= probe.converged;
      return probe;
    };
    const probe = await fitted(labels);
    told.push({ cases: part.held, s: scoresOf(probe, x, part.held) });
    for (const [j, of] of plan.shuffled.entries()) {
      blind[j]!.push({ cases: part.held, s: scoresOf(await fitted(of), x, part.held) });
    }
    if (i === 0) directions = named(labels, directionsOf(probe, x, part.all));
  }
  const shuffled = plan.shuffled.map((of, j) => {
    const found = scores(of, blind[j]!, plan);
    return found.kind === "classes" ? found.accuracy : found.r2;
  });
  const held = plan.parts.reduce((n, part) => n + part.held.length, 0);
  return {
    result: {
      ...{ place, width, lambdas, converged, held, fitted: plan.parts[0]!.all.length, directions },
      scores: { ...scores(labels, told, plan), shuffled },
    },
    wrong: mostWrong(labels, told),
  };
}

/** The λ of the best accuracy or R² on the part that chooses; of equal ones the strongest. */
async function chooseLambda(
  x: Float32Array,
  D: number,
  labels: Labels,
  { fit, choose }: Part,
  loss: ProbeQuestion["loss"],
  pause: () => Promise<void>,
): Promise<number> {
  const fitter = createFitter(await createDesign(x, D, fit, pause));
  const targets = targetsOf(labels, fit);
  let best: { lambda: number; score: number } | null = null;
  let start: Float64Array | undefined;
  for (const lambda of LAMBDAS) {
    const probe = await fitter(targets, { loss, lambda, start, pause });
    start = probe.start;
    const score = mainScore(probe, x, labels, choose) ?? -Infinity;
    if (!best || score > best.score) best = { lambda, score };
  }
  return best!.lambda;
}

const named = (labels: Labels, directions: ReturnType<typeof directionsOf>): FoundDirection[] =>
  directions.map((direction, r) => ({
    ...direction,
    to:
      labels.kind === "numbers"
        ? "more"
        : labels.names.length === 2
          ? labels.names[1]!
          : labels.names[r]!,
  }));

type Scores = Omit<ClassScores, "shuffled"> | Omit<NumberScores, "shuffled">;
type Told = readonly { cases: Int32Array; s: Float64Array }[];

/** Over the held-out cases of all folds. */
function scores(labels: Labels, told: Told, { parts }: Plan): Scores {
  if (labels.kind === "numbers") {
    const y = Float64Array.from(told.flatMap(({ cases }) => [...cases].map((n) => labels.y[n]!)));
    const r2 = varianceExplained(Float64Array.from(told.flatMap(({ s }) => [...s])), y);
    const means = parts.flatMap(({ all, held }) => {
      const mean = all.reduce((sum, n) => sum + labels.y[n]!, 0) / all.length;
      return [...held].map(() => mean);
    });
    const majority = varianceExplained(Float64Array.from(means), y);
    if (r2 === null || majority === null) {
      throw new LabError("degenerate", "all held-out numbers are the same: R² is 0/0");
    }
    return { kind: "numbers", r2, majority };
  }
  const K = labels.names.length;
  const counts = new Float64Array(K * K);
  let byMajority = 0;
  let area = 0;
  told.forEach(({ cases, s }, i) => {
    const truth = Int32Array.from(cases, (n) => labels.y[n]!);
    confusion(truth, classesOf(s, K), K).forEach((n, j) => (counts[j]! += n));
    const often = new Float64Array(K);
    for (const n of parts[i]!.all) often[labels.y[n]!]! += 1;
    const most = often.indexOf(Math.max(...often));
    byMajority += truth.filter((k) => k === most).length;
    // Scores of different probes have no common scale: of folds the mean.
    area += K === 2 ? (areaUnderCurve(s, truth) ?? NaN) / told.length : NaN;
  });
  const total = counts.reduce((a, b) => a + b, 0);
  return {
    ...{ kind: "classes", classes: labels.names },
    accuracy: accuracyOf(counts, K),
    balanced: balancedAccuracyOf(counts, K),
    auc: Number.isNaN(area) ? null : area,
    majority: byMajority / total,
    confusion: counts,
  };
}

function mostWrong(labels: Labels, told: Told): Judged["wrong"] {
  const found = told.flatMap(({ cases, s }): Judged["wrong"] =>
    [...cases].flatMap((n, i) => {
      if (labels.kind === "numbers") {
        const by = Math.abs(s[i]! - labels.y[n]!);
        return [{ n, told: s[i]!.toPrecision(3), by }];
      }
      const K = labels.names.length;
      const R = K === 2 ? 1 : K;
      const own = s.subarray(i * R, (i + 1) * R);
      const k = classesOf(own, K)[0]!;
      const truth = labels.y[n]!;
      if (k === truth) return [];
      const by = K === 2 ? Math.abs(own[0]!) : own[k]! - own[truth]!;
      return [{ n, told: labels.names[k]!, by }];
    }),
  );
  return found.sort((a, b) => b.by - a.by).slice(0, WRONG_MOST);
}
