/**
 * The products of edge attribution patching of a layer's heads, by a small graph of its own: Σ change_sender · gradient_receiver,
 * in float32 on all of the CPU's threads. `math/edge-attribution.ts` has the definition. It holds no weights and is fed a layer's
 * at a time. Axis letters: B runs side by side, T positions, D d_model, H heads, h d_head, n = 3H receivers, S senders.
 */
import type { InferenceSession, TensorConstructor } from "onnxruntime-web";
import { LabError } from "../core/lab-error.ts";
import type { Gpt2Config } from "../core/types.ts";
import { GraphBuilder, type Value } from "./graph-builder.ts";
import { toTensorData } from "./runtime.ts";

export interface HeadEdges {
  /** d metric / d q, k and v, [B, T, H, h] each. */
  gradients: readonly Float32Array[];
  /** The stream that the layer reads, [B, T, D]. */
  x: Float32Array;
  /** `c_attn.weight`, [D, 3D], and the weight of `ln_1`, [D]. */
  W: Float32Array;
  w: Float32Array;
  /** Of the senders before the layer, [S, T·D]. */
  changes: Float32Array;
  B: number;
  T: number;
}
export interface EdgeScores {
  /** [n, S], n by head, then q, k, v; summed over the runs. @throws LabError "shape" */
  ofHeads(edges: HeadEdges): Promise<Float32Array>;
  dispose(): Promise<void>;
}

export async function openEdgeScores(
  open: (graph: Uint8Array) => Promise<InferenceSession>,
  Tensor: TensorConstructor,
  config: Gpt2Config,
): Promise<EdgeScores> {
  const session = await open(edgeScoresGraph(config));
  const { n_embd: D, n_head: H } = config;
  const float = (data: Float32Array, dims: readonly number[]) => new Tensor("float32", data, dims);
  return {
    async ofHeads({ gradients, x, W, w, changes, B, T }) {
      const S = changes.length / (T * D);
      if (x.length !== B * T * D || !Number.isInteger(S)) {
        throw new LabError(
          "shape",
          `expected a stream [${B}, ${T}, ${D}] and whole senders, got ${x.length} and ${changes.length} numbers`,
        );
      }
      const [q, k, v] = gradients.map((grad) => float(grad, [B, T, H, D / H]));
      const out = await session.run({
        ...{ q: q!, k: k!, v: v! },
        x: float(x, [B, T, D]),
        W: float(W, [D, 3 * H, D / H]),
        w: float(w, [D]),
        changes: float(changes, [S, T * D]),
      });
      return toTensorData(out["scores"]!).data;
    },
    dispose: () => session.release(),
  };
}

function edgeScoresGraph({
  n_embd: D,
  n_head: H,
  layer_norm_epsilon,
}: Gpt2Config): Uint8Array<ArrayBuffer> {
  const g = new GraphBuilder();
  const [n, h] = [3 * H, D / H];
  const mul = (a: Value, b: Value) => g.op("Mul", [a, b]);
  const sub = (a: Value, b: Value) => g.op("Sub", [a, b]);
  const mean = (value: Value) => g.op("ReduceMean", [value], { ints: { axes: [-1] } });
  const perm = (value: Value, order: number[]) =>
    g.op("Transpose", [value], { ints: { perm: order } });
  const reshape = (value: Value, shape: Value) => g.op("Reshape", [value, shape]);

  const x = g.input("x", "float", ["B", "T", D]);
  const centred = sub(x, mean(x));
  const variance = mean(mul(centred, centred));
  const deviation = g.op("Sqrt", [g.op("Add", [variance, g.float(layer_norm_epsilon)])]);
  const unit = g.op("Div", [centred, deviation]);

  // Receivers lie by channel, as W has them: so each transposition moves one axis alone, which is the fast kind.
  const each = ["q", "k", "v"].map((name) => g.input(name, "float", ["B", "T", H, h]));
  const together = g.op("Concat", each, { ints: { axis: 2 } }); // [B, T, n, h]
  const deviations = g.op("Unsqueeze", [deviation, g.ints([3])]);
  const scaled = g.op("Div", [together, deviations]);
  const gradients = reshape(perm(scaled, [2, 0, 1, 3]), g.ints([n, -1, h]));
  const W = perm(g.input("W", "float", [D, n, h]), [1, 0, 2]);
  const read = g.op("FusedMatMul", [gradients, W], {
    ints: { transB: 1 },
    domain: "com.microsoft",
  });
  const product = mul(read, g.input("w", "float", [D])); // [n, B·T, D]
  const shape = g.op("Concat", [g.ints([n]), g.op("Shape", [x])], { ints: { axis: 0 } });
  const before = reshape(product, shape);
  // Back through the LayerNorm, as `addNormBackward` does it, the deviation divided by already.
  const along = mul(unit, mean(mul(before, unit)));
  const back = sub(sub(before, mean(before)), along);
  const summed = g.op("ReduceSum", [back, g.ints([1])], { ints: { keepdims: 0 } });
  const receivers = reshape(summed, g.ints([n, -1]));
  const changes = g.input("changes", "float", ["S", "N"]);
  const byChannel = g.op("Gemm", [receivers, changes], { ints: { transB: 1 } });
  const apart = reshape(byChannel, g.ints([3, H, -1]));
  g.op("Reshape", [perm(apart, [1, 0, 2]), g.ints([n, -1])], { as: "scores" });
  g.output("scores", [n, "S"]);
  return g.finish();
}
