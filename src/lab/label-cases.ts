/**
 * Pieces of text to judge a label of a feature by: some where it is active, of every strength, and some where it is nowhere
 * active. Read from the corpus in an order that a seed decides; pieces that show one of the dashboard's examples, from which a
 * label may have been made, are passed over. Sizes and sampling: Delphi (Paulo et al. 2024, arXiv:2410.13928), 32 tokens a
 * piece, active ones evenly by quantile of their largest activation.
 */
import { breathe } from "../core/breathe.ts";
import { CASE_TOKENS, type LabelCases } from "../core/label-work.ts";
import { LabError } from "../core/lab-error.ts";
import { keyedRandom, permutation } from "../math/keyed-random.ts";

import type { LoadedModel } from "../model/loaded-model.ts";
import type { Corpus } from "./corpus.ts";
import type { StoredExample } from "./stored-dashboards.ts";
import { largest } from "./direct-effects.ts";
import { nameOf } from "./rule-score.ts";

/** Active pieces to choose from, for each that is wanted. */
const CHOICE = 5;

export interface CasesInput {
  model: Pick<LoadedModel, "harvest"> & { tokenizer: Pick<LoadedModel["tokenizer"], "strings"> };
  corpus: Corpus;
  hook: string;
  /** Rows of the hook → f */
  read: (rows: Float32Array) => Float32Array;
  feature: number;
  examples: readonly StoredExample[];
  /** Pieces of each kind. */
  count: number;
  /** Read no more than so many tokens. */
  tokens: number;
  seed: number;
  signal: AbortSignal;
  onShare: (share: number) => void;
}

interface Piece {
  ids: Int32Array;
  activations: Float32Array;
  peak: number;
}

/** @throws LabError "cancelled"; "degenerate" where no active, or no inactive, piece was found */
export async function labelCases(input: CasesInput): Promise<LabelCases> {
  const { model, corpus, hook, count, seed, signal, feature } = input;
  const T = corpus.contextSize;
  const random = keyedRandom(seed, feature);
  const order = permutation(corpus.shards, keyedRandom(seed));
  const known = new Set(input.examples.map(({ ids, peak }) => nameOf(feature, ids, peak)));
  const active: Piece[] = [];
  const inactive: Piece[] = [];
  let passed = 0; // inactive pieces met so far
  let tokens = 0;
  for (const shard of order) {
    const contexts = await corpus.contexts(shard);
    for (let at = 0; at < contexts.length; at += T) {
      const ids = contexts.slice(at, at + T);
      const f = input.read((await model.harvest(ids, 1, [hook], null))![0]!);
      tokens += T - 1;
      for (const piece of piecesOf(ids, f)) {
        if (piece.activations[piece.peak]! > 0) {
          const shown = piece.ids.some(
            (_, t) => piece.activations[t]! > 0 && known.has(nameOf(feature, piece.ids, t)),
          );
          if (!shown) active.push(piece);
          continue;
        }
        // A random sample of all that come by, of fixed size: Vitter's algorithm R.
        passed += 1;
        if (inactive.length < count) inactive.push(piece);
        else {
          const place = Math.floor(random() * passed);
          if (place < count) inactive[place] = piece;
        }
      }
      await breathe();
      if (signal.aborted) throw new LabError("cancelled", "cancelled");
      const enough = active.length >= CHOICE * count && inactive.length >= count;
      input.onShare(Math.max(tokens / input.tokens, active.length / (CHOICE * count)));
      if (enough || tokens >= input.tokens) return answer();
    }
  }
  return answer();

  function answer(): LabelCases {
    for (const [kind, found] of Object.entries({ active, "not active": inactive })) {
      if (found.length > 0) continue;
      throw new LabError(
        "degenerate",
        `feature ${feature} was ${kind} on no piece of ${tokens.toLocaleString("en-US")} tokens, its own examples left out: a label cannot be scored on them`,
      );
    }
    const example = ({ ids, ...rest }: Piece) => ({
      ...{ tokens: model.tokenizer.strings([...ids]), ...rest },
    });
    return {
      active: byQuantile(active, count).map(example),
      inactive: inactive.map(example),
      tokens,
    };
  }
}

/** A context without its BOS in pieces of 32 tokens; what is left at its end is dropped. */
function* piecesOf(context: Int32Array, f: Float32Array): Generator<Piece> {
  for (let at = 1; at + CASE_TOKENS <= context.length; at += CASE_TOKENS) {
    // A piece over the end of a document has a BOS in it, where activations are unlike all others.
    if (context.subarray(at, at + CASE_TOKENS).includes(context[0]!)) continue;
    const activations = f.slice(at, at + CASE_TOKENS);
    yield {
      ids: context.slice(at, at + CASE_TOKENS),
      ...{ activations, peak: largest(activations, 1)[0] ?? 0 },
    };
  }
}

/** `count` of them, evenly spaced in the order of their largest activations; all, if there are not so many. */
export function byQuantile<P extends { activations: Float32Array; peak: number }>(
  pieces: readonly P[],
  count: number,
): P[] {
  const size = ({ activations, peak }: P) => activations[peak]!;
  const sorted = [...pieces].sort((a, b) => size(a) - size(b));
  if (sorted.length <= count) return sorted;
  return Array.from({ length: count }, (_, i) => {
    return sorted[Math.floor(((i + 0.5) * sorted.length) / count)]!;
  });
}
