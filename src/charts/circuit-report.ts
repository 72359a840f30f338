/** What was found of a circuit, as the numbers that its figures show. Pure. */
import { type LabError, toLabError } from "../core/lab-error.ts";
import type { UnitSet, VerifyFinding } from "../core/verify.ts";
import {
  empiricalP,
  faithfulnessEnds,
  faithfulnessGap,
  faithfulnessRatio,
  incompleteness,
  LEAST_EFFECT,
  minimality,
  normalisedFaithfulness,
  shareOfModel,
} from "../math/circuit-tests.ts";
import { type MeanAndError, meanAndError, type Scale } from "../math/patching.ts";
import { binned } from "./patch-grid.ts";

export interface SubsetPoint {
  set: UnitSet;
  circuit: MeanAndError;
  model: MeanAndError;
  /** |F(C∖K) − F(M∖K)| */
  gap: number;
  /** Of the span; null where there is none. */
  share: number | null;
}
export interface NeededBar {
  unit: number;
  set: UnitSet;
  before: number;
  after: number;
  /** |F(C∖(K∪{v})) − F(C∖K)| */
  effect: number;
  /** Of the span; null where there is none. */
  share: number | null;
  /** Of |F(M)|, as the paper has it; null where that is 0. */
  ofModel: number | null;
}
export interface CircuitReport {
  full: MeanAndError;
  circuit: MeanAndError;
  empty: MeanAndError;
  gap: number;
  ratio: number | null;
  /** F(M) − F(∅), by pair. */
  span: MeanAndError;
  /** Normalised faithfulness, the two ends held fixed; null where they are equal, which `error` says. */
  share: MeanAndError | null;
  error: LabError | null;
  /** Normalised faithfulness of the random circuits, in their order. */
  random: readonly number[];
  /** How many of them do as well, and how often that is; null without any. */
  asGood: number;
  p: number | null;
  subsets: readonly SubsetPoint[];
  /** Largest effect first. */
  needed: readonly NeededBar[];
  leastReferences: number | null;
}

/** null until the ends are known. */
export function circuitReport(found: readonly VerifyFinding[]): CircuitReport | null {
  const ends = found.find((one) => one.kind === "ends");
  if (!ends) return null;
  const { full, circuit, empty, leastReferences } = ends;
  let scale: Scale | null = null;
  let error: LabError | null = null;
  try {
    scale = faithfulnessEnds(full, empty);
  } catch (e) {
    error = toLabError(e);
  }
  const span = scale && Math.abs(scale.span);
  const ofSpan = (value: number) => (span === null ? null : value / span);
  const random = found.flatMap((one) =>
    one.kind === "random" && scale ? [normalisedFaithfulness(one.values, scale)] : [],
  );
  const own = scale && normalisedFaithfulness(circuit, scale);
  return {
    ...{ full: stat(full), circuit: stat(circuit), empty: stat(empty) },
    gap: faithfulnessGap(full, circuit),
    ratio: faithfulnessRatio(full, circuit),
    span: stat(full.map((value, i) => value - empty[i]!)),
    share:
      scale && meanAndError(Array.from(circuit, (value, i) => (value - empty[i]!) / scale.span)),
    error,
    random,
    asGood: own === null ? 0 : random.filter((value) => value >= own).length,
    p: own === null || random.length === 0 ? null : empiricalP(own, random),
    subsets: found.flatMap((one) => {
      if (one.kind !== "subset") return [];
      const gap = incompleteness(one.circuit, one.model);
      const { set } = one;
      return [{ set, circuit: stat(one.circuit), model: stat(one.model), gap, share: ofSpan(gap) }];
    }),
    needed: found
      .flatMap((one): NeededBar[] => {
        if (one.kind !== "needed") return [];
        const effect = minimality(one.after, one.before);
        const { unit, set } = one;
        const [before, after] = [stat(one.before).mean, stat(one.after).mean];
        const shares = { share: ofSpan(effect), ofModel: shareOfModel(effect, full) };
        return [{ unit, set, before, after, effect, ...shares }];
      })
      .sort((a, b) => b.effect - a.effect || a.unit - b.unit),
    leastReferences,
  };
}

/** The random circuits' shares in bins that reach as far as the circuit's own, which is not counted. */
export function nullHistogram(random: readonly number[], own: number) {
  const all = binned([...random, own]);
  if (!all) return null;
  const at = Math.floor(own / all.binWidth) - all.from;
  return { ...all, counts: all.counts.map((count, i) => (i === at ? count - 1 : count)) };
}

/** Of every pair; a value that is no number would have been an error of the run. */
const stat = (byPair: ArrayLike<number> & Iterable<number>): MeanAndError =>
  meanAndError(byPair) ?? { n: 0, mean: NaN, error: null };

/** Normalised faithfulness that counts as close to the whole model, and gaps that count as close. */
const CLOSE = 0.1;
const HALF = 0.5;
const SELDOM = 0.05;

export interface Judgement {
  /** Where the share lies: up to 0.1, 0.5, 0.9, 1.1, or above. */
  faithful: "little" | "part" | "most" | "close" | "beyond" | null;
  /** Whether the share is known to less than a tenth: of one pair, or of pairs that differ much. */
  vague: boolean;
  /** Whether the whole model is hardly told apart from nothing: |F(M) − F(∅)| is below two of its standard errors. */
  faint: boolean;
  /** p ≤ 0.05; "few": with so few random circuits p cannot be. */
  special: "yes" | "no" | "few" | null;
  /** Whether of all K that were tried none parts circuit and model by more than a tenth of the span. */
  complete: "yes" | "no" | null;
  worst: SubsetPoint | null;
  /** Nodes that change the metric by less than 1 % of the span, whichever K was tried. */
  idle: readonly number[];
  /** The same of |F(M)|; null where a share of it cannot be said. */
  idleOfModel: readonly number[] | null;
}

/** null: it was not measured. */
export function judge({ share, span, random, p, subsets, needed }: CircuitReport): Judgement {
  const worst = subsets.reduce<SubsetPoint | null>(
    (most, one) => (one.set.units.length > 0 && (most === null || one.gap > most.gap) ? one : most),
    null,
  );
  return {
    faithful: share && region(share.mean),
    faint: share !== null && span.error !== null && Math.abs(span.mean) < 2 * span.error,
    vague: share !== null && (share.error === null || share.error > CLOSE),
    special:
      p === null ? null : p <= SELDOM ? "yes" : 1 / (1 + random.length) > SELDOM ? "few" : "no",
    complete: worst && worst.share !== null ? (worst.share <= CLOSE ? "yes" : "no") : null,
    worst,
    idle: needed.flatMap(({ unit, share: effect }) =>
      effect !== null && effect < LEAST_EFFECT ? [unit] : [],
    ),
    idleOfModel: needed.some(({ ofModel }) => ofModel === null)
      ? null
      : needed.flatMap(({ unit, ofModel }) => (ofModel! < LEAST_EFFECT ? [unit] : [])),
  };
}

function region(share: number): NonNullable<Judgement["faithful"]> {
  if (share > 1 + CLOSE) return "beyond";
  if (share >= 1 - CLOSE) return "close";
  if (share >= HALF) return "most";
  return share >= CLOSE ? "part" : "little";
}
