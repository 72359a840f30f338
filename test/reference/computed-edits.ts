/**
 * Computed edits by their formulas, one token after another in float64, on a row that is run alone: what the resolver is
 * compared with. Projections by the normal equations, not by an orthonormal basis.
 */
import type { ComputedEdit, DirectEdit, SteerFeature } from "../../src/core/edits.ts";
import type { Sae } from "../../src/math/feature-change.ts";
import { referenceEdit } from "./edits.ts";
import { referenceRun, type ReferenceEdit } from "./forward.ts";
import type { ReferenceModel } from "./weights.ts";

type Token = number[];

/** @param length of the row, which is alone */
export function computedReference(
  edit: ComputedEdit,
  length: number,
  model: ReferenceModel,
  saes: Record<string, Sae>,
): ReferenceEdit {
  if (edit.op === "mean" || edit.op === "resample") {
    return referenceEdit(fromOtherRuns(edit, length, model), [length]);
  }
  const change = edit.op === "project" ? projectOut(edit.directions) : featureEdit(edit, saes);
  /** Visits the parts of all that is changed: each begins at `from`, and is `size` long. */
  const forParts = (all: number, last: number, visit: (from: number, size: number) => void) => {
    const width = all / length;
    const size = edit.op === "project" ? last : width;
    for (let t = 0; t < length; t++) {
      const pos = edit.pos !== undefined && edit.pos < 0 ? edit.pos + length : edit.pos;
      if (pos !== undefined && pos !== t) continue;
      for (let i = 0; i < width / size; i++) {
        if (edit.head === undefined || edit.head === i) visit(t * width + i * size, size);
      }
    }
  };
  let seen = new Float64Array(0);
  return {
    apply: (name, x, dims) => {
      if (name !== edit.hook) return x;
      seen = x.slice();
      const out = x.slice();
      forParts(x.length, dims.at(-1)!, (from, size) => {
        out.set(change([...x.subarray(from, from + size)]), from);
      });
      return out;
    },
    pullback: (name, grad, dims) => {
      if (name !== edit.hook) return grad;
      const out = grad.slice();
      forParts(grad.length, dims.at(-1)!, (from, size) => {
        const x = [...seen.subarray(from, from + size)];
        out.set(slopes(change, x, [...grad.subarray(from, from + size)]), from);
      });
      return out;
    },
  };
}

/** Σ g · ∂change/∂x by central differences: exact to rounding where the change is piecewise linear. */
function slopes(change: (x: Token) => Token, x: Token, g: Token): Token {
  const step = 1e-6;
  const along = (at: Token) => change(at).reduce((sum, v, i) => sum + g[i]! * v, 0);
  return x.map((_, d) => {
    const moved = (by: number) => along(x.map((v, i) => (i === d ? v + by : v)));
    return (moved(step) - moved(-step)) / (2 * step);
  });
}

/** x − A(AᵀA)⁻¹Aᵀx */
function projectOut(directions: Float32Array | readonly Float32Array[]): (x: Token) => Token {
  const A = (directions instanceof Float32Array ? [directions] : directions).map((v) => [...v]);
  const dot = (a: Token, b: Token) => a.reduce((sum, v, i) => sum + v * b[i]!, 0);
  return (x) => {
    const system = A.map((a) => [...A.map((b) => dot(a, b)), dot(a, x)]);
    const coefficients = solve(system);
    return x.map((v, d) => v - A.reduce((sum, a, k) => sum + coefficients[k]! * a[d]!, 0));
  };
}

/** Gauss and Jordan, with pivots. */
function solve(rows: number[][]): number[] {
  const n = rows.length;
  for (let c = 0; c < n; c++) {
    const rest = rows.slice(c).map((row) => Math.abs(row[c]!));
    const pivot = c + rest.indexOf(Math.max(...rest));
    [rows[c], rows[pivot]] = [rows[pivot]!, rows[c]!];
    const head = rows[c]!.map((v) => v / rows[c]![c]!);
    rows.forEach((row, r) => {
      rows[r] = r === c ? head : row.map((v, i) => v - row[c]! * head[i]!);
    });
  }
  return rows.map((row) => row[n]!);
}

function featureEdit(
  edit: Exclude<ComputedEdit, { op: "mean" | "resample" | "project" }>,
  saes: Record<string, Sae>,
): (x: Token) => Token {
  const { config, weights } = saes[edit.sae]!;
  const { dIn, dSae } = config;
  const features: readonly SteerFeature[] =
    edit.op === "splice"
      ? (edit.features ?? [])
      : [
          {
            feature: edit.feature,
            mode: edit.op === "steer" ? "add" : "clamp",
            coefficient: edit.op === "ablate" ? 0 : edit.value,
          },
        ];
  const decode = (f: number[]) =>
    Array.from({ length: dIn }, (_, d) =>
      f.reduce((sum, v, i) => sum + v * weights.W_dec[i * dIn + d]!, weights.b_dec[d]!),
    );
  return (x) => {
    const pre = Array.from({ length: dSae }, (_, f) =>
      x.reduce((sum, v, d) => sum + v * weights.W_enc[d * dSae + f]!, weights.b_enc[f]!),
    );
    const least =
      config.variant !== "topk" ? -Infinity : [...pre].sort((a, b) => b - a)[config.k - 1]!;
    const f = pre.map((v) => (v >= least ? Math.max(v, 0) : 0));
    const changed = f.slice();
    for (const { feature, mode, coefficient } of features) {
      changed[feature]! += mode === "add" ? coefficient : coefficient - f[feature]!;
    }
    const [plain, spliced] = [decode(f), decode(changed)];
    const keepsError = edit.op !== "splice" || edit.error === true;
    return spliced.map((v, d) => (keepsError ? v + x[d]! - plain[d]! : v));
  };
}

function fromOtherRuns(
  edit: Extract<ComputedEdit, { op: "mean" | "resample" }>,
  length: number,
  model: ReferenceModel,
): DirectEdit {
  const prompts = (edit.op === "mean" ? edit.over : [edit.from]) as readonly (readonly number[])[];
  const { hook, head, pos, neuron } = edit;
  const values = prompts.map((ids) => referenceRun(model, [ids]).get(hook));
  const attention = /hook_(pattern|attn_scores)$/.test(hook);
  /** The value at a position (of attention at a head, a query and a key), over those that have it. */
  const mean = (there: (i: number) => boolean, at: (i: number) => number): number => {
    const has = prompts.map((_, i) => i).filter(there);
    return has.reduce((sum, i) => sum + at(i), 0) / has.length;
  };
  const place = {
    hook,
    ...(head !== undefined && { head }),
    ...(pos !== undefined && { pos }),
    ...(neuron !== undefined && { neuron }),
  };
  const replace = (value: number[]): DirectEdit => ({
    ...place,
    op: "replace",
    value: Float32Array.from(value),
  });
  if (attention) {
    const H = model.config.n_head;
    const cells = Array.from({ length: H * length * length }, (_, c) => {
      const [h, t, s] = [
        Math.floor(c / length ** 2),
        Math.floor(c / length) % length,
        c % length,
      ] as const;
      const size = (i: number) => prompts[i]!.length;
      if (s > t) return 0;
      return mean(
        (i) => size(i) > t,
        (i) => values[i]!.value[(h * size(i) + t) * size(i) + s]!,
      );
    });
    return replace(cells.map((v) => (Number.isNaN(v) ? 0 : v)));
  }
  const W = values[0]!.dims.slice(2).reduce((a, b) => a * b, 1);
  if (edit.op === "mean" && edit.per !== "position") {
    const from = edit.skip ?? 1;
    const tokens = values.flatMap(({ value }) =>
      Array.from({ length: value.length / W }, (_, t) => [
        ...value.slice(t * W, (t + 1) * W),
      ]).slice(from),
    );
    return replace(
      Array.from({ length: W }, (_, d) => tokens.reduce((a, v) => a + v[d]! / tokens.length, 0)),
    );
  }
  const at = (t: number) =>
    Array.from({ length: W }, (_, d) =>
      mean(
        (i) => prompts[i]!.length > t,
        (i) => values[i]!.value[t * W + d]!,
      ),
    );
  if (edit.op === "resample" && edit.fromPos !== undefined) {
    return replace(at(edit.fromPos < 0 ? edit.fromPos + prompts[0]!.length : edit.fromPos));
  }
  if (pos !== undefined) return replace(at(pos < 0 ? pos + length : pos));
  return replace(Array.from({ length }, (_, t) => at(t)).flat());
}
