/** Worker method of the logit-lens figure: what is kept of each cell's logits. */
import type { LensFacts, TokenChances } from "../core/prediction.ts";
import type { Tokens } from "../core/types.ts";
import { distributionOf, divergence, type Reference } from "../math/distribution.ts";
import { accumulatedParts } from "../math/residual-stack.ts";
import { topIndices } from "../math/softmax.ts";
import type { Handlers } from "../rpc/serve.ts";
import { bench } from "./bench.ts";
import { runForFigure } from "./figure-run.ts";
import { type LensCell, readLens } from "./lens.ts";
import { checkCount, putChances, trackedIds } from "./token-chances.ts";

const TELL_EVERY = 250; // milliseconds between two pictures of what is there so far

export const lensHandlers: Pick<Handlers, "figure.lens"> = {
  "figure.lens": async (input, { signal, progress }) => {
    const model = bench.require();
    const { n_layer, vocab_size } = model.info.config;
    const k = checkCount(input.k ?? 10, vocab_size);
    const tracked = trackedIds(model, input.track ?? []);
    const parts = accumulatedParts(n_layer, n_layer, { inclMid: input.mid ?? true });
    const hooks = parts.map(({ hook }) => hook);
    const run = await runForFigure(input, hooks, "all", signal);
    const labels = parts.map(({ label }) => label);
    const words = (ids: readonly number[]) => model.tokenizer.strings(ids);
    const lens = newLens(run.tokens, labels, { k, tracked, words });
    let last = performance.now(); // a quick answer comes whole
    await readLens(
      model,
      {
        basis: input.basis,
        states: hooks.map((hook) => run.at(hook).data),
        order: layersFirst(labels.slice(0, -1)),
        logits: run.logits!.data,
      },
      {
        signal,
        read: lens.read,
        told: (done, total, secondsLeft) => {
          const now = performance.now();
          if (now - last < TELL_EVERY && done < total) return;
          last = now;
          progress({ done, total, secondsLeft, soFar: lens.facts });
        },
      },
    );
    return { value: lens.facts };
  },
};

/** States at layers' inputs, then those after attention: half of the time gives a picture of all layers. */
const layersFirst = (labels: readonly string[]): number[] => {
  const mid = (i: number) => Number(labels[i]!.endsWith("_mid"));
  return [...labels.keys()].sort((a, b) => mid(a) - mid(b) || a - b);
};

interface LensOptions {
  k: number;
  tracked: readonly number[];
  words: (ids: readonly number[]) => string[];
}

/** Facts without a cell, and what adds one to them. */
export function newLens(tokens: Tokens, states: string[], { k, tracked, words }: LensOptions) {
  const T = tokens.ids.length;
  const cells = states.length * T;
  const unknown = (n = cells) => new Float32Array(n).fill(NaN);
  const chances = () => ({ logit: unknown(), probability: unknown(), rank: unknown() });
  const names = words(tracked);
  const facts: LensFacts = {
    ...{ tokens, states, strings: {} },
    topIds: new Int32Array(cells * k).fill(-1),
    topLogits: unknown(cells * k),
    topProbabilities: unknown(cells * k),
    entropy: unknown(),
    divergence: unknown(),
    next: chances(),
    tracked: tracked.map((id, i): TokenChances => ({ id, string: names[i]!, ...chances() })),
  };
  const read = ({ state, position }: LensCell, z: Float32Array, final: Reference) => {
    const cell = state * T + position;
    const { logSum, entropy } = distributionOf(z);
    facts.entropy[cell] = entropy / Math.LN2;
    // The last state is the model's own answer.
    const own = state === states.length - 1;
    facts.divergence[cell] = own ? 0 : divergence(final, z, logSum) / Math.LN2;
    topIndices(z, k).forEach((id, i) => {
      facts.topIds[cell * k + i] = id;
      facts.topLogits[cell * k + i] = z[id]!;
      facts.topProbabilities[cell * k + i] = Math.exp(z[id]! - logSum);
      facts.strings[id] ??= words([id])[0]!;
    });
    const next = tokens.ids[position + 1];
    const told = next === undefined ? [] : [{ ...facts.next, id: next, string: "" }];
    putChances(z, logSum, [...told, ...facts.tracked], cell);
  };
  return { facts, read };
}
