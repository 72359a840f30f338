/**
 * What holds within one forward pass of any GPT-2, as a table of pure functions on that run's values: each names pairs of
 * arrays that must be equal. Tolerances are relative to the largest value of each pair (of its parts, for a sum): 2e-6 for
 * a few additions of float32, 2e-5 where a matrix product, an exponential or a square root lies between.
 */
import { blockHook, type BlockSite } from "../core/hooks.ts";
import type { Pair } from "../math/deviation.ts";
import {
  attend,
  attributed,
  headSum,
  logProbabilities,
  rowScales,
  rowSoftmax,
  rowSums,
  sumPair,
  unscaledNorm,
} from "../math/identity-parts.ts";
import { streamAt } from "../math/residual-stack.ts";
import type { BasisEvidence, RunEvidence } from "./self-check-run.ts";

export interface Identity {
  id: string;
  /** In words, with the formula. */
  what: string;
  /** Relative to each pair's scale. */
  tolerance: number;
  pairs: (evidence: RunEvidence) => Iterable<Pair>;
}

/** A few float32 additions. */
const ADDED = 2e-6;
/** A product of matrices, an exponential, a square root. */
const COMPUTED = 2e-5;

export const IDENTITIES: readonly Identity[] = [
  {
    id: "embeddings",
    what: "hook_embed + hook_pos_embed = the first resid_pre",
    tolerance: ADDED,
    pairs: ({ raw }) => {
      const [embed, position] = [at(raw, "hook_embed"), at(raw, "hook_pos_embed")];
      return [
        sumPair(
          blockHook(0, "hook_resid_pre"),
          at(raw, blockHook(0, "hook_resid_pre")),
          embed,
          position,
        ),
      ];
    },
  },
  {
    id: "resid-mid",
    what: "resid_pre + attn_out = resid_mid, every layer",
    tolerance: ADDED,
    pairs: (e) => residual(e, "hook_resid_mid", "hook_resid_pre", "hook_attn_out"),
  },
  {
    id: "resid-post",
    what: "resid_mid + mlp_out = resid_post, every layer",
    tolerance: ADDED,
    pairs: (e) => residual(e, "hook_resid_post", "hook_resid_mid", "hook_mlp_out"),
  },
  {
    id: "resid-next",
    what: "resid_post of a layer = resid_pre of the next",
    tolerance: 0,
    pairs: (e) =>
      layers(e)
        .slice(1)
        .map((layer) => ({
          where: blockHook(layer, "hook_resid_pre"),
          expected: of(e, layer - 1, "hook_resid_post"),
          found: of(e, layer, "hook_resid_pre"),
        })),
  },
  {
    id: "pattern-sums",
    what: "attention pattern: every row sums to 1",
    tolerance: COMPUTED,
    pairs: (e) =>
      each(e, "attn.hook_pattern", (pattern) => {
        const found = rowSums(pattern, e.ids.length);
        return { found, expected: new Float64Array(found.length).fill(1) };
      }),
  },
  {
    id: "pattern-causal",
    what: "attention pattern: no weight on later tokens",
    tolerance: 0,
    pairs: (e) =>
      each(e, "attn.hook_pattern", (pattern) => {
        const T = e.ids.length;
        const found = pattern.filter((_, i) => i % T > Math.floor(i / T) % T);
        return { found, expected: new Float64Array(found.length) };
      }),
  },
  {
    id: "softmax",
    what: "softmax(attn_scores) = pattern",
    tolerance: COMPUTED,
    pairs: (e) =>
      each(e, "attn.hook_pattern", (found, layer) => ({
        found,
        expected: rowSoftmax(of(e, layer, "attn.hook_attn_scores"), e.ids.length),
      })),
  },
  {
    id: "attended",
    what: "pattern · v = z, every head",
    tolerance: COMPUTED,
    pairs: (e) =>
      each(e, "attn.hook_z", (found, layer) => {
        const v = of(e, layer, "attn.hook_v");
        const pattern = of(e, layer, "attn.hook_pattern");
        return { found, expected: attend(pattern, v, e.ids.length, e.config.n_head) };
      }),
  },
  {
    id: "head-results",
    what: "head results + b_O = attn_out, in both bases",
    tolerance: COMPUTED,
    pairs: (e) =>
      bases(e).flatMap(([name, values]) =>
        layers(e).map((layer) => ({
          where: `${blockHook(layer, "hook_attn_out")}, ${name}`,
          expected: headSum(
            at(values, blockHook(layer, "attn.hook_result")),
            values.outputBias[layer]!,
            e.config.n_head,
          ),
          found: at(values, blockHook(layer, "hook_attn_out")),
        })),
      ),
  },
  {
    id: "norm-scale",
    what: "LayerNorm: hook_scale = √(mean (x − x̄)² + ε)",
    tolerance: COMPUTED,
    pairs: (e) =>
      norms(e).map(({ name, stream, scale }) => ({
        where: name.replace("hook_normalized", "hook_scale"),
        expected: rowScales(stream, e.config.n_embd, e.config.layer_norm_epsilon),
        found: scale,
      })),
  },
  {
    id: "norm-product",
    what: "LayerNorm: hook_scale · hook_normalized = w · (x − x̄) + b · hook_scale",
    tolerance: COMPUTED,
    pairs: (e) =>
      norms(e).map(({ name, stream, scale }) => {
        const { w, b } = e.norms.get(name)!;
        const D = e.config.n_embd;
        const found = Float64Array.from(at(e.raw, name), (y, i) => y * scale[Math.floor(i / D)]!);
        return { where: name, expected: unscaledNorm(stream, scale, w, b), found };
      }),
  },
  {
    id: "decomposition",
    what: "embeddings + attention + MLPs, over the final scale, unembedded = logits, in both bases",
    tolerance: COMPUTED,
    pairs: (e) => bases(e).map(([name, values]) => decomposition(e, values, name)),
  },
  {
    id: "same-probabilities",
    what: "both bases give the same log-probabilities",
    tolerance: COMPUTED,
    pairs: ({ raw, tl, tokens, config }) => {
      const last = ({ logits }: BasisEvidence) => logits.subarray(-config.vocab_size);
      return [
        {
          where: "last position",
          expected: logProbabilities(last(raw), tokens),
          found: logProbabilities(last(tl), tokens),
        },
      ];
    },
  },
];

const at = ({ cache }: BasisEvidence, name: string): Float32Array => cache.get(name)!.data;
const of = ({ raw }: RunEvidence, layer: number, site: BlockSite) =>
  at(raw, blockHook(layer, site));
const layers = ({ config }: RunEvidence) => Array.from({ length: config.n_layer }, (_, l) => l);
const bases = ({ raw, tl }: RunEvidence) =>
  [
    ["raw", raw],
    ["TransformerLens", tl],
  ] as const;

function each(
  e: RunEvidence,
  site: BlockSite,
  compare: (value: Float32Array, layer: number) => Omit<Pair, "where">,
): Pair[] {
  return layers(e).map((layer) => ({
    where: blockHook(layer, site),
    ...compare(of(e, layer, site), layer),
  }));
}

const residual = (e: RunEvidence, sum: BlockSite, ...parts: BlockSite[]): Pair[] =>
  layers(e).map((layer) =>
    sumPair(blockHook(layer, sum), of(e, layer, sum), ...parts.map((site) => of(e, layer, site))),
  );

/** Every LayerNorm with what it reads. */
function norms(e: RunEvidence) {
  const { n_layer } = e.config;
  return [...e.norms.keys()].map((name) => {
    const [, layer, which] = /^blocks\.(\d+)\.ln([12])\./.exec(name) ?? [];
    const stream = streamAt(layer === undefined ? n_layer : Number(layer), n_layer, which === "2");
    const scale = at(e.raw, name.replace("hook_normalized", "hook_scale"));
    return { name, stream: at(e.raw, stream), scale };
  });
}

function decomposition(e: RunEvidence, values: BasisEvidence, basis: string): Pair {
  const { n_embd: D, vocab_size: V } = e.config;
  const written = ["hook_attn_out", "hook_mlp_out"] as const;
  const names = [
    "hook_embed",
    "hook_pos_embed",
    ...layers(e).flatMap((layer) => written.map((site) => blockHook(layer, site))),
  ];
  const components = names.map((name) => at(values, name).subarray(-D));
  const scale = at(values, "ln_final.hook_scale").at(-1)!;
  const { directions, bias } = values.unembedding;
  const { logits, largest } = attributed(components, scale, directions, bias);
  const last = values.logits.subarray(-V);
  return {
    where: `logits of the ${e.tokens.length} likeliest tokens, ${basis} basis`,
    expected: e.tokens.map((token) => last[token]!),
    found: logits,
    scale: largest,
  };
}
