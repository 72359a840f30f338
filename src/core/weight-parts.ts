/** Which numbers of which tensors of a checkpoint belong to what. A bias [n] counts as a matrix of one row. */
import type { TuneComponent, WeightTarget } from "./model-edit.ts";
import type { Gpt2Config } from "./types.ts";

/** Rows and columns from the first to after the last. */
export interface TensorPart {
  /** By GPT-2's own name without "transformer.". */
  tensor: string;
  rows: readonly [number, number];
  columns: readonly [number, number];
}
/** What was trained of one part: added to what is there. */
export interface Delta extends TensorPart {
  values: Float32Array;
}
type Sizes = Pick<Gpt2Config, "n_embd" | "n_head" | "n_inner">;

/** The output matrix of a layer's attention or MLP, [in, d_model], with its bias. */
export const outputOfPart = (part: "attn" | "mlp", layer: number) => ({
  matrix: `h.${layer}.${part}.c_proj.weight`,
  bias: `h.${layer}.${part}.c_proj.bias`,
});

/** Where a target writes, and which rows of the matrix are its own; `whole`: all of them and the bias. */
export function writesBy(target: WeightTarget, { n_embd, n_head, n_inner }: Sizes) {
  const isMlp = target.kind === "mlp" || target.kind === "neuron";
  const out = outputOfPart(isMlp ? "mlp" : "attn", target.layer);
  const h = n_embd / n_head;
  const rows: readonly [number, number] =
    target.kind === "head"
      ? [target.head * h, (target.head + 1) * h]
      : target.kind === "neuron"
        ? [target.neuron, target.neuron + 1]
        : [0, isMlp ? n_inner : n_embd];
  return { ...out, rows, whole: target.kind === "attn" || target.kind === "mlp" };
}

/** The parts of tensors that a component is made of; no two components share a number. */
export function partsOf(
  component: TuneComponent,
  { n_embd: d, n_head, n_inner }: Sizes,
): TensorPart[] {
  const whole = (tensor: string, rows: number, columns: number): TensorPart => ({
    ...{ tensor, rows: [0, rows], columns: [0, columns] },
  });
  switch (component.kind) {
    case "head": {
      const { layer, head } = component;
      const h = d / n_head;
      // c_attn holds queries, keys and values side by side.
      const ofThird = (third: number): TensorPart[] => {
        const columns = [third * d + head * h, third * d + (head + 1) * h] as const;
        return [
          { tensor: `h.${layer}.attn.c_attn.weight`, rows: [0, d], columns },
          { tensor: `h.${layer}.attn.c_attn.bias`, rows: [0, 1], columns },
        ];
      };
      const rows = [head * h, (head + 1) * h] as const;
      const out: TensorPart = { tensor: `h.${layer}.attn.c_proj.weight`, rows, columns: [0, d] };
      return [...[0, 1, 2].flatMap(ofThird), out];
    }
    case "attnBias":
      return [whole(`h.${component.layer}.attn.c_proj.bias`, 1, d)];
    case "mlp": {
      const h = `h.${component.layer}.mlp`;
      return [
        whole(`${h}.c_fc.weight`, d, n_inner),
        whole(`${h}.c_fc.bias`, 1, n_inner),
        whole(`${h}.c_proj.weight`, n_inner, d),
        whole(`${h}.c_proj.bias`, 1, d),
      ];
    }
    case "norms":
      return ["ln_1", "ln_2"].flatMap((norm) =>
        ["weight", "bias"].map((kind) => whole(`h.${component.layer}.${norm}.${kind}`, 1, d)),
      );
    case "finalNorm":
      return [whole("ln_f.weight", 1, d), whole("ln_f.bias", 1, d)];
  }
}

export const partSize = ({ rows, columns }: TensorPart): number =>
  (rows[1] - rows[0]) * (columns[1] - columns[0]);

/** Which numbers of the tensor's own [·, width] a part's are, in the part's order. @param width of a row of the tensor */
export function* placesOf({ rows, columns }: TensorPart, width: number): Generator<number> {
  for (let row = rows[0]; row < rows[1]; row++) {
    for (let column = columns[0]; column < columns[1]; column++) yield row * width + column;
  }
}
