/** How many tokens all attention patterns of a model have room for: L·H·T² floats grow fast. */
import type { Gpt2Config } from "./types.ts";

/** The most that one view's attention patterns may take, in bytes. */
const PATTERN_BYTES = 2 ** 28;

/** The embedded model's whole context fits; of GPT-2's 1024 positions, 682. */
export const viewLimit = ({ n_layer, n_head, n_positions }: Gpt2Config): number =>
  Math.min(n_positions, Math.floor(Math.sqrt(PATTERN_BYTES / (4 * n_layer * n_head))));

/** The longest n of which twice n tokens, after BOS if there is one, fit. */
export const longestRepeat = (config: Gpt2Config, prependBos: boolean): number =>
  Math.floor((viewLimit(config) - Number(prependBos)) / 2);
