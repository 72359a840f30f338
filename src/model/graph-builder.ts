/**
 * Writes an ONNX graph node by node. A value in the graph is known by its name; every method that makes one returns it,
 * so that a layer reads like the formula it computes. Weights are not copied in: an initializer says where in the
 * checkpoint's file its bytes lie (ONNX "external data").
 */
import { LabError } from "../core/lab-error.ts";
import type { Dtype } from "../formats/dtypes.ts";
import { bytes, concat, float, int, message, text } from "./onnx-bytes.ts";

/** The name of a tensor in the graph. */
export type Value = string;
/** A size, or the name of one that is known only when the graph runs. */
export type Dim = number | string;
export interface Placement {
  dtype: Dtype;
  shape: readonly number[];
  /** Under which name the session is given the weight file. */
  file: string;
  /** First byte of the tensor in that file, and the one after its last. */
  begin: number;
  end: number;
}
interface NodeOptions {
  /** Name of the result. */
  as?: Value;
  ints?: Record<string, number | readonly number[]>;
  floats?: Record<string, number>;
  /** `com.microsoft` for ONNX Runtime's own operators. */
  domain?: string;
}

/** The name under which the session is given the weight file of a checkpoint that has only one. */
export const WEIGHT_FILE = "model.safetensors";

const ELEMENT = { float: 1, int64: 7 } as const;
type ElementType = keyof typeof ELEMENT;
/** Codes of `TensorProto.DataType` for what a checkpoint may hold; all but F32 are cast when the session is made. */
const STORED: Partial<Record<Dtype, number>> = { F32: 1, F16: 10 };

export class GraphBuilder {
  #nodes: Uint8Array[] = [];
  #initializers: Uint8Array[] = [];
  #inputs: Uint8Array[] = [];
  #outputs: Uint8Array[] = [];
  #made = new Map<string, Value>();
  #count = 0;

  input(name: Value, type: ElementType, dims: readonly Dim[]): Value {
    this.#inputs.push(valueInfo(11, name, type, dims));
    return name;
  }

  output(name: Value, dims: readonly Dim[]): Value {
    this.#outputs.push(valueInfo(12, name, "float", dims));
    return name;
  }

  /** One operator with one result. */
  op(type: string, inputs: readonly Value[], options: NodeOptions = {}): Value {
    const result = options.as ?? `${type}_${this.#count}`;
    this.#node(type, inputs, [result], options);
    return result;
  }

  /** One operator with several results. */
  ops(type: string, inputs: readonly Value[], count: number, options: NodeOptions = {}): Value[] {
    const results = Array.from({ length: count }, (_, i) => `${type}_${this.#count}_${i}`);
    this.#node(type, inputs, results, options);
    return results;
  }

  /** A constant vector of int64. */
  ints(values: readonly number[]): Value {
    return this.#int64(values, [values.length]);
  }

  /** A constant int64 without axes. */
  int(value: number): Value {
    return this.#int64([value], []);
  }

  /** A constant float32 without axes. */
  float(value: number): Value {
    return this.#constant(`float ${value}`, "float", [], float32(value));
  }

  /** A tensor of the checkpoint as float32. */
  weight(name: string, { dtype, shape, file, begin, end }: Placement): Value {
    const type = STORED[dtype];
    if (type === undefined) {
      throw new LabError(
        "unsupported",
        `tensor "${name}" is stored as ${dtype}; the lab reads ${Object.keys(STORED).join(", ")}`,
      );
    }
    return this.#once(`weight ${name}`, () => {
      const place = { location: file, offset: String(begin), length: String(end - begin) };
      this.#initializers.push(
        message(5, [
          ...shape.map((size) => int(1, size)),
          int(2, type),
          text(8, name),
          ...Object.entries(place).map(([key, value]) =>
            message(13, [text(1, key), text(2, value)]),
          ),
          int(14, 1), // external
        ]),
      );
      return dtype === "F32" ? name : this.op("Cast", [name], { ints: { to: ELEMENT.float } });
    });
  }

  /** The serialised model. IR version 8, operators of ONNX 1.12 (opset 17). */
  finish(): Uint8Array<ArrayBuffer> {
    const graph = [
      ...this.#nodes,
      text(2, "gpt2"),
      ...this.#initializers,
      ...this.#inputs,
      ...this.#outputs,
    ];
    return concat([
      int(1, 8),
      text(2, "glassroom"),
      message(7, graph),
      message(8, [text(1, ""), int(2, 17)]),
      message(8, [text(1, "com.microsoft"), int(2, 1)]),
    ]);
  }

  #node(type: string, inputs: readonly Value[], outputs: readonly Value[], o: NodeOptions): void {
    const attributes = [
      ...Object.entries(o.ints ?? {}).map(([name, value]) =>
        typeof value === "number"
          ? message(5, [text(1, name), int(3, value), int(20, 2)])
          : message(5, [text(1, name), ...value.map((v) => int(8, v)), int(20, 7)]),
      ),
      ...Object.entries(o.floats ?? {}).map(([name, value]) =>
        message(5, [text(1, name), float(2, value), int(20, 1)]),
      ),
    ];
    this.#nodes.push(
      message(1, [
        ...inputs.map((name) => text(1, name)),
        ...outputs.map((name) => text(2, name)),
        text(3, `node_${this.#count++}`),
        text(4, type),
        ...attributes,
        ...(o.domain ? [text(7, o.domain)] : []),
      ]),
    );
  }

  #int64(values: readonly number[], dims: readonly number[]): Value {
    const raw = new Uint8Array(BigInt64Array.from(values, BigInt).buffer);
    return this.#constant(`int64 ${dims.length} ${values.join(" ")}`, "int64", dims, raw);
  }

  #constant(key: string, type: ElementType, dims: readonly number[], raw: Uint8Array): Value {
    return this.#once(key, () => {
      const name = `constant_${this.#made.size}`;
      const shape = dims.map((size) => int(1, size));
      this.#initializers.push(
        message(5, [...shape, int(2, ELEMENT[type]), text(8, name), bytes(9, raw)]),
      );
      return name;
    });
  }

  #once(key: string, make: () => Value): Value {
    const known = this.#made.get(key);
    if (known !== undefined) return known;
    const value = make();
    this.#made.set(key, value);
    return value;
  }
}

const float32 = (value: number) => new Uint8Array(Float32Array.of(value).buffer);

/** ValueInfoProto as field 11 (input) or 12 (output) of the graph. */
function valueInfo(field: number, name: string, type: ElementType, dims: readonly Dim[]) {
  const shape = dims.map((dim) =>
    message(1, [typeof dim === "number" ? int(1, dim) : text(2, dim)]),
  );
  return message(field, [
    text(1, name),
    message(2, [message(1, [int(1, ELEMENT[type]), message(2, shape)])]),
  ]);
}
