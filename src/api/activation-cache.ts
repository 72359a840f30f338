/**
 * The activations of a run: a Map from hook names to tensors, with TransformerLens's helpers on top.
 * `get` also takes shorthand, ("z", 5). The helpers give stacks of components with labels, in the run's own basis; sums
 * are those that TransformerLens promises. A layer of n_layer, or -1, means the input of the unembedding.
 */
import { type HookQuery, resolveHook, resolveHooks } from "../core/act-names.ts";
import type { Basis } from "../core/basis.ts";
import { parseHook } from "../core/hooks.ts";
import { LabError } from "../core/lab-error.ts";
import type { TensorData } from "../core/types.ts";
import { cutRow } from "../math/padding.ts";
import { accumulatedParts, decomposedParts } from "../math/residual-stack.ts";
import { fullDecomposition, stackHeads, stackNeurons } from "./cache-components.ts";
import { attribute } from "./cache-logits.ts";
import {
  ACCUMULATED_OPTIONS,
  DECOMPOSE_OPTIONS,
  FULL_OPTIONS,
  HEAD_OPTIONS,
  NEURON_OPTIONS,
  NORM_OPTIONS,
} from "./cache-options.ts";
import { applyNorm, layerOf, stackOfHooks } from "./cache-stack.ts";
import type {
  AccumulatedOptions,
  CacheContext,
  DecomposeOptions,
  FullOptions,
  HeadOptions,
  LogitAttribution,
  NeuronOptions,
  NormOptions,
  ResidualStack,
  TokenChoices,
} from "./cache-types.ts";
import { checkChoice, checkOptions } from "./options.ts";

export class ActivationCache extends Map<string, TensorData> {
  readonly #context: CacheContext;

  constructor(entries: Iterable<readonly [string, TensorData]>, context: CacheContext) {
    super(entries);
    this.#context = context;
  }

  get context(): CacheContext {
    return this.#context;
  }
  get basis(): Basis {
    return this.#context.basis;
  }
  /** Tokens of each prompt: what lies beyond, in a batch of unequal ones, is NaN. */
  get lengths(): readonly number[] {
    return this.#context.lengths;
  }

  /** A tensor by its hook's full name or by shorthand: get("z", 5), get("resid_post", -1), get("scale", 2, "ln1"). */
  override get(name: string, layer?: number, layerType?: string): TensorData | undefined {
    const own = super.get(name);
    if (own !== undefined || layer === undefined) return own ?? super.get(this.#short(name));
    return super.get(resolveHook([name, layer, layerType ?? ""], this.#context.hooks));
  }

  /** `get` that insists. @throws LabError "not-found" for what the run did not keep, "bad-input" for no hook point */
  need(name: string, layer?: number, layerType?: string): TensorData {
    const query: HookQuery = layer === undefined ? name : [name, layer, layerType ?? ""];
    const hook = resolveHook(query, this.#context.hooks);
    const found = super.get(hook);
    if (found) return found;
    throw new LabError("not-found", `the run did not keep ${hook}; add it to "names"`);
  }

  /** One prompt of a batch, its padding cut off: what a run of it alone gives. Negative counts from the last. */
  row(index: number): ActivationCache {
    const { lengths, config } = this.#context;
    const row = index < 0 ? index + lengths.length : index;
    const length = lengths[row];
    if (length === undefined) {
      throw new LabError("bad-input", `there is no row ${index}; the run had ${lengths.length}`);
    }
    const tensors = [...this].map(([name, tensor]) => {
      const axis = parseHook(name, config).axes[0] === "T" ? 1 : 2;
      return [name, cutRow(tensor, axis, row, length)] as const;
    });
    return new ActivationCache(tensors, { ...this.#context, lengths: [length] });
  }

  /** The residual stream at each layer's input: 0_pre, 1_pre, … final_post. With `applyLn` at the end, the logit lens. */
  async accumulatedResid(
    layer?: number | null,
    options: AccumulatedOptions = {},
  ): Promise<ResidualStack> {
    checkOptions<AccumulatedOptions>("accumulatedResid", options, ACCUMULATED_OPTIONS);
    const { n_layer } = this.#context.config;
    const at = layerOf(layer, n_layer);
    const stack = stackOfHooks(this, accumulatedParts(at, n_layer, options), options);
    return this.#normed(stack, at, { ...options, recomputeLn: at === n_layer });
  }

  /** What each layer wrote into the stream: embed, pos_embed, 0_attn_out, 0_mlp_out, … They sum to the stream. */
  async decomposeResid(
    layer?: number | null,
    options: DecomposeOptions = {},
  ): Promise<ResidualStack> {
    checkOptions<DecomposeOptions>("decomposeResid", options, DECOMPOSE_OPTIONS);
    checkChoice('"mode"', options.mode ?? "all", ["all", "attn", "mlp"]);
    const at = layerOf(layer, this.#context.config.n_layer, options.mlpInput);
    return this.#normed(stackOfHooks(this, decomposedParts(at, options), options), at, options);
  }

  /** What each head wrote, L0H0, L0H1, …, from `hook_result` or from z·W_O; with the remainder they sum to the stream. */
  async stackHeadResults(layer?: number | null, options: HeadOptions = {}): Promise<ResidualStack> {
    checkOptions<HeadOptions>("stackHeadResults", options, HEAD_OPTIONS);
    const at = layerOf(layer, this.#context.config.n_layer);
    return this.#normed(await stackHeads(this, at, options), at, options);
  }

  /** What each neuron wrote, L0N0, L0N1, … Large: choose `pos` and `neurons`, or `projectOnto` a direction. */
  async stackNeuronResults(
    layer?: number | null,
    options: NeuronOptions = {},
  ): Promise<ResidualStack> {
    checkOptions<NeuronOptions>("stackNeuronResults", options, NEURON_OPTIONS);
    const at = layerOf(layer, this.#context.config.n_layer, options.mlpInput);
    return stackNeurons(this, at, options);
  }

  /** Heads, then neurons (or MLPs), embed, pos_embed, and the sum of all biases: they sum to the stream. */
  async fullResidDecomposition(
    layer?: number | null,
    options: FullOptions = {},
  ): Promise<ResidualStack> {
    checkOptions<FullOptions>("fullResidDecomposition", options, FULL_OPTIONS);
    const at = layerOf(layer, this.#context.config.n_layer, options.mlpInput);
    return fullDecomposition(this, at, options);
  }

  /** (component − its mean) / the run's own scale at the LayerNorm that reads `layer`'s input; linear, so sums are kept. */
  async applyLnToStack(
    stack: TensorData & Partial<ResidualStack>,
    layer?: number | null,
    options: NormOptions = {},
  ): Promise<ResidualStack> {
    checkOptions<NormOptions>("applyLnToStack", options, NORM_OPTIONS);
    const at = layerOf(layer, this.#context.config.n_layer, options.mlpInput);
    return applyNorm(this, stack, at, options);
  }

  /**
   * How much of a token's logit each component writes, or of its difference to another token's. Components that make up
   * the final stream, plus `bias`, sum to the logit.
   */
  async logitAttrs(
    stack: TensorData & Partial<ResidualStack>,
    tokens: TokenChoices,
    incorrectTokens: TokenChoices | null = null,
  ): Promise<LogitAttribution> {
    return attribute(this, stack, tokens, incorrectTokens);
  }

  #normed(
    stack: ResidualStack,
    layer: number,
    options: NormOptions & { applyLn?: boolean },
  ): Promise<ResidualStack> | ResidualStack {
    return options.applyLn === true ? applyNorm(this, stack, layer, options) : stack;
  }

  /** The full name that shorthand without a layer of its own argument stands for ("z5", "embed"); else the name itself. */
  #short(name: string): string {
    const { hooks } = this.#context;
    try {
      const [only, ...others] = resolveHooks(name, hooks);
      return others.length === 0 ? only! : name;
    } catch (e) {
      if (e instanceof LabError) return name;
      throw e;
    }
  }
}
