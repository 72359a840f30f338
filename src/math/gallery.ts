/** Whether a known behaviour shows in a run. Probabilities are softmax(logits) over the whole vocabulary at the last token. */
import type {
  Claim,
  ClaimFinding,
  GalleryFinding,
  GalleryQuestion,
  HeadRule,
  HeadRuleScore,
  TokenPlace,
} from "../core/gallery.ts";
import type { TensorData } from "../core/types.ts";
import { detectHead, detectionCells, queryMeans } from "./head-scores.ts";
import { softmax, topIndices } from "./softmax.ts";

export interface GalleryRun {
  ids: readonly number[];
  strings: readonly string[];
  /** After softmax, of each layer [H, T, T]. */
  patterns: readonly TensorData[];
  /** [V], at the last token */
  logits: Float32Array;
  /** The ids of a text, without BOS. */
  idsOf: (text: string) => readonly number[];
  /** The token of an id. */
  stringOf: (id: number) => string;
}

export function findInRun(
  run: GalleryRun,
  { claims, otherClaims, head, position }: GalleryQuestion,
): GalleryFinding {
  const p = softmax(run.logits);
  const place = position === "last" ? null : placeOf(run.strings, position);
  return {
    claims: claims.map((claim) => decide(claim, run, p)),
    otherClaims: otherClaims.map((claim) => decide(claim, run, p)),
    head: head && bestHead(run, head),
    position: place ?? run.ids.length - 1,
  };
}

/** null if the prompt has no such token. */
export function placeOf(strings: readonly string[], { token, nth }: TokenPlace): number | null {
  const found = strings.flatMap((string, i) => (string === token ? [i] : []));
  return found.at(nth) ?? null;
}

/** The head that does most of what the rule names; null if no head can be said to. */
export function bestHead(run: GalleryRun, rule: HeadRule): GalleryFinding["head"] {
  const T = run.ids.length;
  const to = rule.rule === "looks" ? placeOf(run.strings, rule.to) : null;
  if (rule.rule === "looks" && to === null) return null;
  let best: GalleryFinding["head"] = null;
  for (const [layer, { data, dims }] of run.patterns.entries()) {
    for (let head = 0; head < dims[0]!; head++) {
      const A_QK = data.subarray(head * T * T, (head + 1) * T * T);
      const weight =
        rule.rule === "score" ? scoreOf(rule.score, A_QK, run.ids) : A_QK[(T - 1) * T + to!]!;
      if (weight !== null && weight > (best?.weight ?? -1)) best = { layer, head, weight };
    }
  }
  return best;
}

const EVERYTHING = { excludeFirst: false, excludeCurrent: false };

/** null where it cannot be said of these tokens. */
function scoreOf(score: HeadRuleScore, A_QK: Float32Array, ids: readonly number[]): number | null {
  if (score === "first") return queryMeans(A_QK, ids.length)?.first ?? null;
  return detectHead(A_QK, ids.length, detectionCells(score, ids), EVERYTHING);
}

const unsaid = (why: string): ClaimFinding => ({ holds: null, why, numbers: [] });

function decide(claim: Claim, run: GalleryRun, p: Float32Array): ClaimFinding {
  switch (claim.claim) {
    case "prefers":
      return prefers(claim.tokens, claim.over, run, p);
    case "later":
      return later(claim.than, run, p);
    case "among": {
      const top = topIndices(p, claim.within).map((id) => ({
        name: run.stringOf(id),
        value: p[id]!,
        unit: "token" as const,
      }));
      const holds = top.some(({ name }) => name.includes(claim.text)) !== (claim.not ?? false);
      return { holds, why: null, numbers: top };
    }
    case "head": {
      const best = bestHead(run, claim.head);
      if (!best) return unsaid("the prompt has no such token for this model");
      const { layer, head, weight } = best;
      const name = `L${layer}H${head}`;
      const numbers = [{ name, value: weight, unit: "weight" as const }];
      return { holds: weight >= claim.least, why: null, numbers };
    }
  }
}

function prefers(
  tokens: readonly string[],
  over: readonly string[],
  run: GalleryRun,
  p: Float32Array,
): ClaimFinding {
  const of = (text: string) => ({ text, ids: run.idsOf(text) });
  const [these, those] = [tokens.map(of), over.map(of)];
  const split = [...these, ...those].find(({ ids }) => ids.length !== 1);
  if (split) return unsaid(`“${split.text}” is not one token of this model`);
  const summed = (list: typeof these): ClaimFinding["numbers"][number] => ({
    name: list.map(({ text }) => text).join(","),
    value: list.reduce((total, { ids }) => total + p[ids[0]!]!, 0),
    unit: list.length === 1 ? "token" : "together",
  });
  const numbers = [summed(these), summed(those)];
  return { holds: numbers[0]!.value > numbers[1]!.value, why: null, numbers };
}

function later(than: number, run: GalleryRun, p: Float32Array): ClaimFinding {
  const sums = { above: 0, others: 0 };
  for (let year = 0; year < 100; year++) {
    const ids = run.idsOf(String(year).padStart(2, "0"));
    if (ids.length !== 1)
      return unsaid("this model does not write a year’s last two digits as one token");
    sums[year > than ? "above" : "others"] += p[ids[0]!]!;
  }
  const end = String(than).padStart(2, "0");
  return {
    holds: sums.above > sums.others,
    why: null,
    numbers: [
      { name: `above ${end}`, value: sums.above, unit: "together" },
      { name: `${end} or below`, value: sums.others, unit: "together" },
    ],
  };
}
