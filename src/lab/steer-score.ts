/** The chances of a continuation's tokens with steering and without: one run of the whole text each, no cache. */
import type { SteerSpec } from "../core/steer.ts";
import type { DirectEdit } from "../core/edits.ts";
import { distributionOf } from "../math/distribution.ts";
import { hookReader } from "./hook-reader.ts";
import { patternEdits, patternHooks } from "./frozen-attention.ts";
import type { EditSources } from "./prepare-edits.ts";
import { isChange } from "./prepared-edit.ts";
import type { EditModel } from "./resolve-edits.ts";
import { settleChanges } from "./settle-changes.ts";
import { steerChanges } from "./steer.ts";
import { prepareParts } from "./steer-parts.ts";
import { logitsAt } from "./token-chances.ts";

/**
 * The direct edits of a steered run of a whole text, of which the first `length` tokens are the prompt.
 * @returns the edits refer to all of the text
 */
export async function steeredTextEdits(
  model: EditModel,
  text: readonly number[],
  length: number,
  { rows, attention }: SteerSpec,
  { sources, signal }: { sources: EditSources; signal: AbortSignal },
): Promise<DirectEdit[]> {
  const { config } = model.info;
  const scope = { lengths: [length], limit: config.n_positions };
  const parts = await prepareParts(model, rows, { ...{ scope, signal }, sae: sources.sae });
  if (parts.length === 0) return [];
  const frozen =
    attention === "frozen"
      ? patternHooks(
          parts.map(({ hook }) => hook),
          config,
        )
      : [];
  const read = hookReader(model, "raw", signal);
  const plain = frozen.length > 0 ? await read({ ids: [text], names: frozen, edits: [] }) : null;
  const changes = steerChanges(parts, { length, generated: true }).filter(
    // A position that this text does not reach.
    (edit) => isChange(edit) || edit.pos === undefined || edit.pos < text.length,
  );
  const patterns = plain ? patternEdits(frozen, plain, 0) : [];
  const run = { ids: [text], promptLength: length };
  return settleChanges([...patterns, ...changes], run, read, config);
}

/**
 * ln p of each token of a continuation given all before it, under softmax of the plain and of the steered logits.
 * @returns [tokens] each
 */
export async function scoreText(
  model: EditModel,
  prompt: readonly number[],
  tokens: readonly number[],
  steer: SteerSpec,
  context: { sources: EditSources; signal: AbortSignal },
): Promise<{ plain: number[]; steered: number[] }> {
  if (tokens.length === 0) return { plain: [], steered: [] };
  const text = [...prompt, ...tokens].slice(0, model.info.config.n_positions);
  const edits = await steeredTextEdits(model, text, prompt.length, steer, context);
  const { signal } = context;
  const chances = async (told: readonly DirectEdit[]) => {
    const request = { ids: [text], names: [], edits: told, logits: "all", signal } as const;
    const { data, dims } = (await model.run(request)).logits!;
    return tokens.slice(0, text.length - prompt.length).map((id, i) => {
      const z = logitsAt(data, dims[2]!, prompt.length + i - 1);
      return z[id]! - distributionOf(z).logSum;
    });
  };
  const plain = await chances([]);
  return { plain, steered: edits.length > 0 ? await chances(edits) : plain };
}
