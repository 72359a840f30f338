/** Direct logit attribution over a stack of components. Formulas: `math/unembedding.ts`, `math/logit-attribution.ts`. */
import { LabError } from "../core/lab-error.ts";
import type { TensorData } from "../core/types.ts";
import { attributeLogits } from "../math/logit-attribution.ts";
import { applyNorm, longest, product, rowDims, wholeStack } from "./cache-stack.ts";
import type {
  CacheReader,
  LogitAttribution,
  ResidualStack,
  TokenChoice,
  TokenChoices,
} from "./cache-types.ts";

/** See `ActivationCache.logitAttrs`. */
export async function attribute(
  cache: CacheReader,
  stack: TensorData & Partial<ResidualStack>,
  tokens: TokenChoices,
  incorrectTokens: TokenChoices | null,
): Promise<LogitAttribution> {
  const { n_embd: D, n_layer } = cache.context.config;
  const whole = wholeStack(cache, stack);
  if (whole.norm !== null && whole.norm !== "ln_final") {
    throw new LabError(
      "bad-input",
      `the stack was divided by the scale of ${whole.norm}, but logits are read after ln_final`,
    );
  }
  const scaled = whole.norm === null ? await applyNorm(cache, whole, n_layer) : whole;
  const rows = rowDims(cache, whole.positions);
  const right = await directionsOf(cache, tokens, whole);
  const wrong = incorrectTokens === null ? null : await directionsOf(cache, incorrectTokens, whole);
  const minus = (a: Float32Array, b: Float32Array | undefined) =>
    b ? a.map((x, i) => x - b[i]!) : a;
  const directions = minus(right.directions, wrong?.directions);
  return {
    data: attributeLogits(scaled.data, directions, product(rows), D),
    dims: [whole.labels.length, ...rows],
    labels: [...whole.labels],
    basis: cache.basis,
    bias: { data: minus(right.bias, wrong?.bias), dims: rows },
  };
}

/** For each row of a stack: its token's direction [R, D] and bias [R]. */
async function directionsOf(
  cache: CacheReader,
  choice: TokenChoices,
  { positions, affine }: ResidualStack,
): Promise<{ directions: Float32Array; bias: Float32Array }> {
  const { n_embd: D } = cache.context.config;
  const ids = perRow(cache, choice, positions);
  const distinct = [...new Set(ids.filter((id) => id !== null))];
  const found = await cache.context.unembedding(distinct, affine);
  const directions = new Float32Array(ids.length * D).fill(NaN);
  const bias = new Float32Array(ids.length).fill(NaN);
  ids.forEach((id, r) => {
    if (id === null) return;
    const at = distinct.indexOf(id);
    directions.set(found.directions.subarray(at * D, (at + 1) * D), r * D);
    bias[r] = found.bias[at]!;
  });
  return { directions, bias };
}

/** A token id for each row of a stack; null in the padding. */
function perRow(
  cache: CacheReader,
  choice: TokenChoices,
  positions: readonly number[] | null,
): (number | null)[] {
  const { lengths } = cache;
  const id = (token: TokenChoice) =>
    typeof token === "string" ? cache.context.tokenId(token) : token;
  const T = positions ? 1 : longest(cache);
  if (!Array.isArray(choice)) {
    return Array.from({ length: lengths.length * T }, () => id(choice as TokenChoice));
  }
  const given = choice as readonly (TokenChoice | readonly TokenChoice[])[];
  if (given.length !== lengths.length) {
    throw new LabError(
      "shape",
      `expected one token, or one for each of ${lengths.length} prompts, got ${given.length}`,
    );
  }
  return given.flatMap((row, b): (number | null)[] => {
    if (!Array.isArray(row)) return Array.from({ length: T }, () => id(row as TokenChoice));
    const each = row as readonly TokenChoice[];
    const wanted = positions ? 1 : lengths[b]!;
    if (each.length !== wanted) {
      throw new LabError(
        "shape",
        `expected ${wanted} tokens for prompt ${b}, one a position, got ${each.length}`,
      );
    }
    return Array.from({ length: T }, (_, t) => (t < wanted ? id(each[t]!) : null));
  });
}
