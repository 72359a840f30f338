/** Tokens with their chances at one place, as tables and comparisons need them. Pure. */
import type { TokenChances } from "../../core/prediction.ts";
import type { Prediction } from "../../core/types.ts";

export const LISTED_COLUMNS = ["rank", "id", "token", "logit", "probability"] as const;
/** A row for each listed token, in the columns above. */
export const listedRows = ({ ids, strings, logits, probabilities }: Prediction) =>
  ids.map((id, i) => [i + 1, id, strings[i]!, logits[i]!, probabilities[i]!]);

/** Tokens that either side lists. */
export const eitherLists = (...lists: (Pick<Prediction, "ids"> | null | undefined)[]): number[] =>
  [...new Set(lists.flatMap((list) => list?.ids ?? []))].sort((a, b) => a - b);

/** Given tokens at one index of their chances; null until those of all are there. */
export function chancesAt(
  tracked: readonly TokenChances[] | undefined,
  ids: readonly number[],
  index: number,
): Prediction | null {
  const known = new Map(tracked?.map((token) => [token.id, token]));
  const listed = ids.flatMap((id) => known.get(id) ?? []);
  if (ids.length === 0 || listed.length < ids.length || !(index in listed[0]!.logit)) return null;
  return {
    ids: [...ids],
    strings: listed.map(({ string }) => string),
    logits: listed.map(({ logit }) => logit[index]!),
    probabilities: listed.map(({ probability }) => probability[index]!),
  };
}
