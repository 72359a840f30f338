/**
 * The logit lens: every state of the residual stream as if it were the last, through the final LayerNorm, computed anew for
 * each state, and the unembedding. Source: nostalgebraist 2020, "interpreting GPT: the logit lens".
 *
 * The model's own graph does it. A state's vector at one position is an experiment of one token whose last resid_post is
 * replaced by that vector: what comes before is the same for all of them and is computed once for a single token
 * (`model/row-plan.ts`), and what comes after has no attention, so the position does not matter. The last state's logits are
 * those of the run itself, with edits of ln_final; the other states are read through ln_final as it is.
 *
 * Logits are there for some cells at a time. Only the run's own, [T, V], stay as long as the lens is computed.
 */
import type { Basis } from "../core/basis.ts";
import { breathe } from "../core/breathe.ts";
import { parseHook } from "../core/hooks.ts";
import { toLabError } from "../core/lab-error.ts";
import type { DirectEdit } from "../core/edits.ts";
import type { Gpt2Config } from "../core/types.ts";
import { type Reference, referenceInto } from "../math/distribution.ts";
import { streamAt } from "../math/residual-stack.ts";
import type { LoadedModel } from "../model/loaded-model.ts";
import { ChunkSize } from "./chunk-size.ts";
import { rowBudget, rowBytes } from "./row-bytes.ts";
import { runInBasis } from "./run-in-basis.ts";
import { logitsAt } from "./token-chances.ts";

/** A state at a position: indices. */
export interface LensCell {
  state: number;
  position: number;
}
export interface LensRequest {
  basis: Basis;
  /** Each state's vectors, [T, D]; the last is final_post. */
  states: readonly Float32Array[];
  /** The order in which the other states are computed: indices. */
  order: readonly number[];
  /** The run's own, [T, V]. */
  logits: Float32Array;
}
export interface LensContext {
  signal: AbortSignal;
  /** A cell's logits [V], and the probabilities of the model's own at the position. */
  read: (cell: LensCell, logits: Float32Array, final: Reference) => void;
  /** After each chunk. */
  told: (done: number, total: number, secondsLeft: number | null) => void;
}

const POSITIONS = 64; // of a block, whose final probabilities are kept
const CELLS = 64; // of a run at most, so that rows are seen to fill and a cancel is heard

export async function readLens(
  model: LoadedModel,
  { basis, states, order, logits }: LensRequest,
  { signal, read, told }: LensContext,
): Promise<void> {
  const { config } = model.info;
  const { vocab_size: V, n_embd: D } = config;
  const T = logits.length / V;
  const total = states.length * T;
  const size = new ChunkSize(Math.min(CELLS, rowBudget(model.info) / cellBytes(config)));
  const finals = new Float32Array(Math.min(POSITIONS, T) * V);
  let done = 0;
  for (let from = 0; from < T; from += POSITIONS) {
    const positions = Array.from({ length: Math.min(POSITIONS, T - from) }, (_, i) => from + i);
    const final = positions.map((position) => {
      const z = logitsAt(logits, V, position);
      const reference = referenceInto(z, logitsAt(finals, V, position - from));
      read({ state: states.length - 1, position }, z, reference);
      return reference;
    });
    done += positions.length;
    told(done, total, null);
    const cells = order.flatMap((state) => positions.map((position) => ({ state, position })));
    for (let at = 0; at < cells.length;) {
      await breathe();
      signal.throwIfAborted();
      const chunk = cells.slice(at, at + size.size);
      const start = performance.now();
      const vectors = chunk.map(({ state, position }) =>
        states[state]!.subarray(position * D, (position + 1) * D),
      );
      const found = await unembedded(model, basis, vectors, signal).catch((e: unknown) => {
        if (toLabError(e).code !== "out-of-memory" || !size.tooLarge(chunk.length)) throw e;
        return null;
      });
      if (!found) continue;
      chunk.forEach((cell, i) => read(cell, logitsAt(found, V, i), final[cell.position - from]!));
      size.took(chunk.length, performance.now() - start);
      at += chunk.length;
      done += chunk.length;
      told(done, total, ((total - done) * size.msPerRow!) / 1000);
    }
  }
}

/** Residual vectors → their logits, [N, V], by the model itself. */
export async function unembedded(
  model: LoadedModel,
  basis: Basis,
  vectors: readonly Float32Array[],
  signal: AbortSignal,
): Promise<Float32Array> {
  const { config } = model.info;
  const hook = lastStream(config);
  const edits = vectors.map((value, row): DirectEdit => ({ hook, op: "replace", value, row }));
  const ids = vectors.map(() => [config.bos_token_id]);
  const run = await runInBasis(model, basis, { ids, names: [], edits, logits: "all", signal });
  return run.logits!.data;
}

const lastStream = ({ n_layer }: Gpt2Config) => streamAt(n_layer, n_layer);

const cellBytes = (config: Gpt2Config): number =>
  rowBytes(config, { T: 1, names: [], edited: [parseHook(lastStream(config), config)], logits: 1 });
