/** Path patching against a float64 model whose frozen parts are put in another way, and where plain patching must agree. */
import { describe, expect, it } from "vitest";
import { circuitGraph } from "../../src/core/circuit.ts";
import type { PatchPair } from "../../src/core/patching.ts";
import {
  cellSender,
  LOGITS,
  PATH_MLPS,
  pathCells,
  type PathQuestion,
  reaches,
  readReceivers,
  receiverName,
} from "../../src/core/paths.ts";
import { channelEffects, pathSweep } from "../../src/lab/path-patching.ts";
import { patchSweep } from "../../src/lab/patching.ts";
import { keyedRandom } from "../../src/math/keyed-random.ts";
import type { LoadedModel } from "../../src/model/loaded-model.ts";
import { nodeEngine } from "../model/node-engine.ts";
import { integer, type Random } from "../model/random-models.ts";
import { tinyCheckpoint } from "../model/tiny-checkpoint.ts";
import { type ReferenceEdit, referenceRun } from "../reference/forward.ts";
import { referenceModel, type ReferenceModel } from "../reference/weights.ts";
import { engineAsModel } from "./engine-model.ts";
import { referenceMetric } from "./patch-models.ts";
import { expectNear } from "./near.ts";

const { signal } = new AbortController();

/** No two sizes are equal; weights so large that every part matters. */
async function withModel(
  options: { layers: number; heads: number; width: number; seed: number },
  body: (model: LoadedModel, reference: ReferenceModel) => Promise<void>,
) {
  const { layers, heads, width, seed } = options;
  const { config, weights } = tinyCheckpoint(
    {
      ...{ n_layer: layers, n_head: heads, n_embd: heads * width, n_inner: 13, n_positions: 9 },
      ...{ vocab_size: 61, bos_token_id: 60, activation_function: "gelu_new" },
      tie_word_embeddings: false,
    },
    { seed },
  );
  const engine = await nodeEngine(config, weights);
  try {
    await body(engineAsModel(engine), referenceModel(engine.config, engine.weight, false));
  } finally {
    await engine.release();
  }
}

function randomPair(random: Random, T: number): PatchPair {
  const tokens = () => Array.from({ length: T }, () => integer(random, 0, 59));
  return {
    ...{ clean: tokens(), corrupted: tokens(), answers: [3, 7], wrong: [5] },
    places: [[0], [1, T - 1], []],
  };
}

async function swept(model: LoadedModel, question: PathQuestion): Promise<number[][]> {
  const found = question.pairs.map(() => new Array<number>(question.sets.length).fill(NaN));
  const answer = await pathSweep(model, question, {
    signal,
    progress: ({ pair, cells, values }) =>
      cells.forEach((set, i) => (found[pair]![set] = values[i]!)),
  });
  expect(answer.runs).toBeGreaterThan(0);
  return found;
}

/**
 * By the definition: attention outputs, not heads, are held. A layer's is the receiving run's, plus what the senders in it write
 * more than there.
 */
function referencePath(
  reference: ReferenceModel,
  question: PathQuestion,
  pair: PatchPair,
  set: readonly number[],
) {
  const { config, blocks } = reference;
  const { n_head: H, n_embd: D, vocab_size: V } = config;
  const h = D / H;
  const [into, from] =
    question.direction === "noise" ? [pair.clean, pair.corrupted] : [pair.corrupted, pair.clean];
  const [own, other] = [referenceRun(reference, [into]), referenceRun(reference, [from])];
  const senders = set
    .map((cell) => cellSender(config, question.byPlace ? pair.places.length : null, cell))
    .map(({ place, ...rest }) => ({
      ...rest,
      at: place === null ? into.map((_, t) => t) : pair.places[place]!,
    }));
  if (senders.every(({ at }) => at.length === 0)) return NaN;
  const first: ReferenceEdit = {
    apply: (name, x) => {
      const [, digits, site] = /^blocks\.(\d+)\.(hook_attn_out|hook_mlp_out)$/.exec(name) ?? [];
      if (site === undefined) return x;
      const isAttention = site === "hook_attn_out";
      const here = senders.filter(
        ({ layer, head }) => layer === Number(digits) && (head !== null) === isAttention,
      );
      if (!isAttention && here.length === 0 && question.mlps === "recompute") return x;
      const out =
        isAttention || question.mlps === "freeze" ? own.get(name).value.slice() : x.slice();
      for (const { layer, head, at } of here) {
        for (const t of at) {
          for (let d = 0; d < D; d++) {
            if (head === null) {
              out[t * D + d] = other.get(name).value[t * D + d]!;
              continue;
            }
            for (let i = head * h; i < (head + 1) * h; i++) {
              const z = `blocks.${layer}.attn.hook_z`;
              const more = other.get(z).value[t * D + i]! - own.get(z).value[t * D + i]!;
              out[t * D + d]! += more * blocks[layer]!.out.W[i * D + d]!;
            }
          }
        }
      }
      return out;
    },
  };
  const measured = (run: ReturnType<typeof referenceRun>) =>
    referenceMetric(
      question.metric,
      run.get("logits").value,
      V,
      pair,
      referenceRun(reference, [pair.clean]).get("logits").value,
    );
  const recorded = referenceRun(reference, [into], [first]);
  if (question.receivers[0] === LOGITS) return measured(recorded);
  const second: ReferenceEdit = {
    apply: (name, x) => {
      const out = x.slice();
      for (const receiver of question.receivers) {
        const [, layer, head, channel] = /^a(\d+)\.h(\d+)<([qkv])>$/.exec(receiver) ?? [];
        const [, mlp] = /^m(\d+)$/.exec(receiver) ?? [];
        const hook =
          mlp === undefined ? `blocks.${layer}.attn.hook_${channel}` : `blocks.${mlp}.mlp.hook_pre`;
        if (name !== hook) continue;
        recorded.get(name).value.forEach((v, i) => {
          if (mlp !== undefined || Math.floor((i % D) / h) === Number(head)) out[i] = v;
        });
      }
      return out;
    },
  };
  return measured(referenceRun(reference, [into], [second]));
}

const alone = (model: LoadedModel, receivers: readonly string[], places: number | null) => {
  const { config } = model.info;
  const graph = circuitGraph(config);
  const read = readReceivers(config, receivers);
  return Array.from({ length: pathCells(config, places) }, (_, cell) => cell)
    .filter((cell) => reaches(graph, read, cellSender(config, places, cell)))
    .map((cell) => [cell]);
};

describe.each([
  { layers: 3, heads: 2, width: 5, seed: 1 },
  { layers: 2, heads: 3, width: 4, seed: 2 },
])("a model of $layers layers and $heads heads", (options) => {
  const last = options.layers - 1;
  it.each([
    [[LOGITS]],
    [[`a${last}.h1<q>`]],
    [[`a${last}.h0<k>`, `a${last}.h1<v>`]],
    [[`m${last}`]],
    [[`a${last}.h1<q>`, `m${last - 1}`, `a${last - 1}.h0<v>`]],
  ])("into %s: each sender is two runs of its own", async (receivers) => {
    await withModel(options, async (model, reference) => {
      const random = keyedRandom(options.seed, receivers.length);
      const pairs = [randomPair(random, 7), randomPair(random, 5)];
      for (const mlps of PATH_MLPS) {
        for (const direction of ["noise", "denoise"] as const) {
          const byPlace = (mlps === "freeze") === (direction === "noise");
          const sets = alone(model, receivers, byPlace ? 3 : null);
          const together = sets.slice(0, 3).flat();
          const question: PathQuestion = {
            ...{ pairs, metric: "logitDiff", direction, receivers, mlps, byPlace },
            sets: [...sets, together],
          };
          const found = await swept(model, question);
          pairs.forEach((pair, i) => {
            const expected = question.sets.map((set) =>
              referencePath(reference, question, pair, set),
            );
            expect(expected.some((v) => !Number.isNaN(v))).toBe(true);
            expectNear(found[i]!, expected, `${mlps} ${direction} pair ${i}`);
          });
        }
      }
    });
  });
});

describe("where nothing is between a sender and the logits", () => {
  it("the path is the whole effect: heads and MLP of the last layer as in plain patching", async () => {
    await withModel({ layers: 2, heads: 3, width: 4, seed: 5 }, async (model) => {
      const pair = randomPair(keyedRandom(3), 6);
      const patched = async (unit: "z" | "mlp_out", cells: number[]) => {
        const values = new Map<number, number>();
        const sweep = { unit, byPlace: false, layer: null };
        const places = [Array.from({ length: 6 }, (_, t) => t)];
        await patchSweep(
          model,
          { ...{ pairs: [{ ...pair, places }], metric: "prob", direction: "noise" }, sweep, cells },
          {
            signal,
            progress: (told) => told.cells.forEach((c, i) => values.set(c, told.values[i]!)),
          },
        );
        return cells.map((cell) => values.get(cell)!);
      };
      const sets = [[4], [5], [6], [7], [0]]; // heads 1.0 – 1.2, MLP 1, head 0.0
      const [found] = await swept(model, {
        ...{ pairs: [pair], metric: "prob", direction: "noise", receivers: [LOGITS] },
        ...{ mlps: "recompute", byPlace: false, sets },
      });
      const expected = [...(await patched("z", [3, 4, 5])), ...(await patched("mlp_out", [1]))];
      expectNear(found!.slice(0, 4), expected, "last layer");
      const [whole] = await patched("z", [0]);
      expect(Math.abs(found![4]! - whole!)).toBeGreaterThan(1e-4); // an earlier head has other ways
    });
  });
});

describe("channels", () => {
  it("are plain patches of all heads at once", async () => {
    await withModel({ layers: 2, heads: 3, width: 4, seed: 6 }, async (model, reference) => {
      const pair = randomPair(keyedRandom(4), 6);
      const heads = [
        { layer: 1, head: 0 },
        { layer: 0, head: 2 },
      ];
      const found = await channelEffects(
        model,
        { ...{ pairs: [pair, pair], metric: "logitDiff", direction: "denoise" }, heads },
        signal,
      );
      const clean = referenceRun(reference, [pair.clean]);
      for (const channel of ["q", "k", "v"] as const) {
        const edit: ReferenceEdit = {
          apply: (name, x) => {
            const hit = heads.find(({ layer }) => name === `blocks.${layer}.attn.hook_${channel}`);
            if (!hit) return x;
            return x.map((v, i) =>
              Math.floor((i % 12) / 4) === hit.head ? clean.get(name).value[i]! : v,
            );
          },
        };
        const logits = referenceRun(reference, [pair.corrupted], [edit]).get("logits").value;
        const expected = referenceMetric("logitDiff", logits, 61, pair, logits);
        expectNear(found[channel], [expected, expected], channel);
      }
    });
  });
});

describe("questions that cannot be asked", () => {
  it("senders after the receivers, receivers that are not there, logits beside others, no set", async () => {
    await withModel({ layers: 2, heads: 3, width: 4, seed: 7 }, async (model) => {
      const pair = randomPair(keyedRandom(5), 5);
      const ask = (patch: Partial<PathQuestion>) =>
        swept(model, {
          ...{ pairs: [pair], metric: "logitDiff", direction: "noise", receivers: [LOGITS] },
          ...{ mlps: "recompute", byPlace: false, sets: [[0]] },
          ...patch,
        });
      await expect(ask({ receivers: ["a0.h1<q>"] })).rejects.toThrow(/head 0\.0 comes after every/);
      await expect(ask({ receivers: ["m0"], sets: [[3]] })).rejects.toThrow(/MLP of layer 0 comes/);
      await expect(ask({ receivers: ["a2.h0<q>"] })).rejects.toThrow(/"a2\.h0<q>" is no receiver/);
      await expect(ask({ receivers: [LOGITS, "m1"] })).rejects.toThrow(/receiver of their own/);
      await expect(ask({ receivers: [] })).rejects.toThrow(/no receiver/);
      await expect(ask({ sets: [[8]] })).rejects.toThrow(/cell 8/);
      await expect(ask({ sets: [] })).rejects.toThrow(/no sender/);
      await expect(ask({ sets: [[2]], byPlace: true })).rejects.toThrow(/no pair has the place/);
    });
  });

  it("stops when it is cancelled; names go there and back", async () => {
    await withModel({ layers: 2, heads: 3, width: 4, seed: 8 }, async (model) => {
      const abort = new AbortController();
      const pair = randomPair(keyedRandom(6), 5);
      let told = 0;
      const run = pathSweep(
        model,
        {
          ...{ pairs: [pair, pair], metric: "logitDiff", direction: "noise", receivers: [LOGITS] },
          ...{ mlps: "recompute", byPlace: false, sets: alone(model, [LOGITS], null) },
        },
        {
          signal: abort.signal,
          progress: () => {
            told++;
            abort.abort();
          },
        },
      );
      await expect(run).rejects.toThrow(/abort/i);
      expect(told).toBe(1);
      for (const { node, channel } of circuitGraph(model.info.config).receivers) {
        const name = receiverName({ node, channel });
        expect(readReceivers(model.info.config, [name]).map(receiverName)).toEqual([name]);
      }
    });
  });
});
