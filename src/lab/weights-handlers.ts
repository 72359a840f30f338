/** Worker methods of the figures of the model's weights: circuits, copying scores, composition. */
import { COMPOSITIONS, type OfEach } from "../core/weights.ts";
import { allCompositions, pairComposition, unrelatedScore } from "../math/composition.ts";
import { headFactors, ovCircuit, qkCircuit } from "../math/head-factors.ts";
import type { Handlers } from "../rpc/serve.ts";
import { checkHead, composingHeads, readAttention } from "./attention-weights.ts";
import { bench } from "./bench.ts";
import { readCircuit, tokenMatrices } from "./head-circuits.ts";
import { inSlices } from "./in-slices.ts";
import { vocabularySpectra } from "./vocabulary-spectra.ts";

type Study = "headCircuits" | "vocabularySpectra" | "headComposition" | "composition";

const READING = "Reading the weights";
const COMPOSING = "Composing the heads";

export const weightsHandlers: Pick<Handlers, `study.${Study}`> = {
  "study.headCircuits": async ({ basis, layer, head, ...counts }, { signal, progress }) => {
    const model = bench.require();
    checkHead(model, { layer, head });
    const { n_embd: D, n_head } = model.info.config;
    const factors = headFactors(await readAttention(model, layer, basis), head, D, D / n_head);
    const { W_E, W_U } = await tokenMatrices(model, basis);
    const within = (begin: number) => ({
      signal,
      progress: (share: number) =>
        progress({ stage: "Reading directions as tokens", share: (begin + share) / 2 }),
    });
    const ov = { circuit: ovCircuit(factors), left: W_E, right: W_U, ...counts };
    const qk = { circuit: qkCircuit(factors), left: W_E, right: W_E, ...counts };
    const value = {
      ...{ basis, layer, head },
      ov: await readCircuit(model, ov, within(0)),
      qk: await readCircuit(model, qk, within(1)),
    };
    return { value };
  },

  "study.vocabularySpectra": async ({ basis }, context) => ({
    value: await vocabularySpectra(bench.require(), basis, context),
  }),

  "study.headComposition": async ({ basis, layer, head }, { signal, progress }) => {
    const model = bench.require();
    checkHead(model, { layer, head });
    const heads = await composingHeads(model, basis, {
      signal,
      progress: (share) => progress({ stage: READING, share }),
    });
    const { n_head, n_embd } = model.info.config;
    const one = heads[layer * n_head + head]!;
    const none = () => new Float32Array(heads.length).fill(NaN);
    const scores: OfEach<Float32Array> = { Q: none(), K: none(), V: none() };
    const pairs = function* () {
      for (const [i, other] of heads.entries()) {
        if (other.layer === layer) continue;
        const found =
          other.layer > layer ? pairComposition(one, other) : pairComposition(other, one);
        for (const kind of COMPOSITIONS) scores[kind][i] = found[kind];
        yield i / heads.length;
      }
    };
    await inSlices(pairs(), signal, (share) => progress({ stage: COMPOSING, share }));
    return {
      value: { basis, layer, head, unrelated: unrelatedScore(n_embd, basis), scores },
    };
  },

  "study.composition": async ({ basis }, { signal, progress }) => {
    const model = bench.require();
    const heads = await composingHeads(model, basis, {
      signal,
      progress: (share) => progress({ stage: READING, share }),
    });
    const { n_layer, n_head, n_embd } = model.info.config;
    const scores = await inSlices(allCompositions(heads), signal, (share) =>
      progress({ stage: COMPOSING, share }),
    );
    const unrelated = unrelatedScore(n_embd, basis);
    return { value: { basis, layers: n_layer, heads: n_head, unrelated, scores } };
  },
};
