/** Which numbers of which tensors of a checkpoint belong to what. A bias [n] counts as a matrix of one row. */
import { LabError } from "./lab-error.ts";
import type { BiasVector, TuneComponent, WeightTarget } from "./model-edit.ts";
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

/** The bias that a vector at a hook point is added to. */
export interface BiasPlace {
  tensor: string;
  /** Which of its numbers change, from the first to after the last. */
  columns: readonly [number, number];
  /** How many numbers the vector has. */
  width: number;
  /** What the vector goes through on its way there: rows of a matrix, as many as it has numbers. */
  through: { matrix: string; rows: readonly [number, number] } | null;
}

/** @throws LabError "unsupported" for a hook point that no bias is added at, or where one does nothing; "bad-input" for a head that is not there */
export function biasPlace(
  { hook, head }: Pick<BiasVector, "hook" | "head">,
  { n_layer, n_head, n_embd: d, n_inner }: Sizes & Pick<Gpt2Config, "n_layer">,
): BiasPlace {
  const [, text, site = ""] = /^blocks\.(\d{1,6})\.([\w.]+)$/.exec(hook) ?? [];
  const layer = Number(text);
  const h = d / n_head;
  const ofHeads = /^attn\.hook_[qkvz]$/.test(site);
  if (head !== undefined && (!ofHeads || head >= n_head)) {
    const why = ofHeads ? `its heads are 0 … ${n_head - 1}` : "it has no heads";
    throw new LabError("bad-input", `there is no head ${head} at ${hook}: ${why}`);
  }
  const rows: readonly [number, number] = head === undefined ? [0, d] : [head * h, (head + 1) * h];
  const width = rows[1] - rows[0];
  const plain = (tensor: string, count = d): BiasPlace => ({
    ...{ tensor: `${tensor}.bias`, columns: [0, count], width: count, through: null },
  });
  const block = `h.${layer}`;
  if (layer < n_layer) {
    switch (site) {
      case "ln1.hook_normalized":
        return plain(`${block}.ln_1`);
      case "attn.hook_k":
        throw new LabError(
          "unsupported",
          `the same vector added to all keys at ${hook} changes nothing: every score of a query moves by the same number`,
        );
      case "attn.hook_q":
      case "attn.hook_v": {
        // c_attn holds queries, keys and values side by side.
        const from = "qkv".indexOf(site.at(-1)!) * d + rows[0];
        return { ...plain(`${block}.attn.c_attn`), columns: [from, from + width], width };
      }
      case "attn.hook_z": {
        const { matrix } = outputOfPart("attn", layer);
        return { ...plain(`${block}.attn.c_proj`), width, through: { matrix, rows } };
      }
      case "hook_attn_out":
      case "hook_resid_mid":
        return plain(`${block}.attn.c_proj`);
      case "ln2.hook_normalized":
        return plain(`${block}.ln_2`);
      case "mlp.hook_pre":
        return plain(`${block}.mlp.c_fc`, n_inner);
      case "mlp.hook_post": {
        const { matrix } = outputOfPart("mlp", layer);
        const through = { matrix, rows: [0, n_inner] } as const;
        return { ...plain(`${block}.mlp.c_proj`), width: n_inner, through };
      }
      case "hook_mlp_out":
      case "hook_resid_post":
        return plain(`${block}.mlp.c_proj`);
      case "hook_resid_pre":
        if (layer > 0) return plain(`h.${layer - 1}.mlp.c_proj`);
    }
  }
  throw new LabError(
    "unsupported",
    `a vector at ${hook} goes into no bias: this model has one before every hook point of blocks 0 … ${n_layer - 1} ` +
      "where values are vectors, but for the stream before block 0, which has none",
  );
}

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
