/**
 * Steering rows by their formulas, one token after another in float64, on a text that is run alone: what the resolver is compared
 * with. Every mode is written as what it makes of x, not as an amount of a direction.
 */
import type { SteerRow, SteerSource } from "../../src/core/steer.ts";
import type { Sae } from "../../src/math/feature-change.ts";
import { referenceRun, type ReferenceEdit } from "./forward.ts";
import type { ReferenceModel } from "./weights.ts";

type Token = number[];
const dot = (a: Token, b: Token) => a.reduce((sum, v, i) => sum + v * b[i]!, 0);
const plus = (a: Token, c: number, b: Token) => a.map((v, i) => v + c * b[i]!);

interface Direction {
  hook: string;
  /** Where it is read, if elsewhere. */
  from?: string;
  d: Token;
  read: (x: Token) => number;
}

/** @param length of the prompt, the start of the text */
export function steeringReference(
  rows: readonly SteerRow[],
  text: readonly number[],
  length: number,
  model: ReferenceModel,
  saes: Record<string, Sae>,
  frozen: boolean,
): ReferenceEdit[] {
  const on = rows
    .filter((row) => row.on)
    .map((row) => ({ row, ...directionOf(row.source, model, saes) }));
  const plain = referenceRun(model, [text]);
  /** What the run had at the hooks that it came by. */
  const seen = new Map<string, Float64Array>();
  const first = Math.min(...on.map(({ hook }) => Number(hook.split(".")[1])));
  return [
    {
      apply: (name, x, dims) => {
        seen.set(name, x);
        const [, layer] = /^blocks\.(\d+)\.attn\.hook_pattern$/.exec(name) ?? [];
        if (frozen && Number(layer) >= first) return plain.get(name).value;
        const here = on.filter(({ hook }) => hook === name);
        if (here.length === 0) return x;
        const size = x.length / dims[1]!;
        const out = x.slice();
        for (let t = 0; t < text.length; t++) {
          const token = [...x.subarray(t * size, (t + 1) * size)];
          let changed = token;
          for (const { row, d, read, from } of here) {
            if (!holds(row, t, length)) continue;
            const other = seen.get(from ?? name)!;
            const width = other.length / text.length;
            const reading = read([...other.subarray(t * width, (t + 1) * width)]);
            const to = steered(row, token, d, reading);
            changed = changed.map((v, i) => v + to[i]! - token[i]!);
          }
          out.set(changed, t * size);
        }
        return out;
      },
    },
  ];
}

const holds = ({ at }: SteerRow, t: number, length: number) =>
  at === "all" ||
  (at === "generated" ? t >= length : at.includes(t) || (t < length && at.includes(t - length)));

/** What one row alone makes of x. */
function steered({ mode, amount: c }: SteerRow, x: Token, d: Token, r: number) {
  const n = Math.sqrt(dot(d, d));
  const unit = d.map((v) => v / n);
  const without = plus(x, -dot(x, unit), unit);
  switch (mode) {
    case "add":
      return plus(x, c, d);
    case "clamp":
      return plus(plus(x, -r, d), c, d);
    case "multiply":
      return plus(plus(x, -r, d), c * r, d);
    case "ablate":
      return plus(x, -r, d);
    case "replace":
      return plus(without, c, unit);
    case "most":
      return dot(x, unit) > c ? plus(without, c, unit) : x;
    case "least":
      return dot(x, unit) < c ? plus(without, c, unit) : x;
  }
}

function directionOf(
  source: SteerSource,
  model: ReferenceModel,
  saes: Record<string, Sae>,
): Direction {
  const raw = (hook: string, v: Token): Direction => {
    const n = Math.sqrt(dot(v, v));
    const d = v.map((value) => value / n);
    return { hook, d, read: (x) => dot(x, d) };
  };
  switch (source.kind) {
    case "feature": {
      const { config, weights } = saes[source.sae]!;
      const { dIn, dSae, out } = config;
      const hook = out?.hook ?? config.hook;
      const width = out?.width ?? dIn;
      const d = [...weights.W_dec.slice(source.feature * width, (source.feature + 1) * width)];
      const read = (x: Token) => {
        const pre = Array.from({ length: dSae }, (_, f) =>
          x.reduce((sum, v, i) => sum + v * weights.W_enc[i * dSae + f]!, weights.b_enc[f]!),
        );
        const least =
          config.variant === "topk" ? [...pre].sort((a, b) => b - a)[config.k - 1]! : -Infinity;
        const own = pre[source.feature]!;
        return own >= least ? Math.max(0, own) : 0;
      };
      return { hook, d, read, from: config.hook };
    }
    case "neuron": {
      const d = Array.from({ length: model.config.n_inner }, (_, i) => +(i === source.neuron));
      return raw(`blocks.${source.layer}.mlp.hook_post`, d);
    }
    case "vector":
      return raw(source.hook, source.vector);
    case "head":
    case "difference":
      throw new Error("the reference reads no phrases");
  }
}
