/** The tensors of a PyTorch state dict by their names, each checked to be what is expected of it. */
import { LabError } from "../../core/lab-error.ts";
import { quoted, quotedShape } from "../../core/quoted.ts";
import { readTorchFile, TorchTensor } from "./torch-file.ts";

export class StateDict {
  readonly file: string;
  readonly #values: ReadonlyMap<unknown, unknown>;
  private constructor(values: ReadonlyMap<unknown, unknown>, file: string) {
    this.#values = values;
    this.file = file;
  }

  /** @throws LabError "bad-file" for a damaged file or one without names; "unsupported" for one that is more than data */
  static read(bytes: Uint8Array, file: string): StateDict {
    const state = readTorchFile(bytes, file);
    if (state instanceof Map) return new StateDict(state, file);
    throw badFile(file, "it holds no dictionary of tensors");
  }

  get names(): string[] {
    return [...this.#values.keys()].filter((name) => typeof name === "string");
  }
  has(...wanted: string[]): boolean {
    return wanted.every((name) => this.#values.has(name));
  }
  /** Whatever lies under a name: a text, a number, a dictionary; undefined if nothing does. */
  get(name: string): unknown {
    return this.#values.get(name);
  }

  /** Sizes of a matrix. */
  shape(name: string): [rows: number, columns: number] {
    const tensor = this.#values.get(name);
    const shape = tensor instanceof TorchTensor ? tensor.shape : [];
    const [rows, columns] = shape;
    if (shape.length === 2 && rows! > 0 && columns! > 0) return [rows!, columns!];
    throw badFile(this.file, `${name} has shape ${quotedShape(shape)}, not two sizes above 0`);
  }
  /** Sizes of a matrix, the one of which at `axis` its bias has too: what is stored the other way round is found out so. */
  shapeWith(name: string, bias: string, axis: 0 | 1): [rows: number, columns: number] {
    const shape = this.shape(name);
    const tensor = this.#values.get(bias);
    const length = tensor instanceof TorchTensor && tensor.shape.length === 1 && tensor.shape[0];
    if (length === shape[axis] || length !== shape[1 - axis]) return shape;
    throw badFile(
      this.file,
      `${name} is transposed: its shape is ${quotedShape(shape)}, but ${bias} has ${length} values`,
    );
  }
  /** Row-major. @throws LabError "bad-file" for another shape, NaN or infinity */
  matrix(name: string, rows: number, columns: number): Float32Array {
    const found = this.shape(name);
    if (found.join() === [rows, columns].join()) return this.#floats(name);
    const needed = quotedShape([rows, columns]);
    throw badFile(
      this.file,
      rows !== columns && found.join() === [columns, rows].join()
        ? `${name} is transposed: ${quotedShape(found)} in place of ${needed}`
        : `${name} has shape ${quotedShape(found)}, the others need ${needed}`,
    );
  }
  /** A matrix [C, R] of the file, as [R, C]. */
  transposed(name: string, R: number, C: number): Float32Array {
    const x = this.matrix(name, C, R);
    const out = new Float32Array(R * C);
    for (let c = 0; c < C; c++) for (let r = 0; r < R; r++) out[r * C + c] = x[c * R + r]!;
    return out;
  }
  vector(name: string, length: number): Float32Array {
    const tensor = this.#values.get(name);
    if (!(tensor instanceof TorchTensor) || tensor.shape.join() !== String(length)) {
      throw badFile(this.file, `${name} is not ${length} numbers`);
    }
    return this.#floats(name);
  }
  /** A tensor of one number. */
  scalar(name: string): number {
    const tensor = this.#values.get(name);
    const value = tensor instanceof TorchTensor ? tensor.floats() : [];
    if (value.length !== 1) throw badFile(this.file, `${name} is not one number`);
    return value[0]!;
  }

  #floats(name: string): Float32Array {
    const values = (this.#values.get(name) as TorchTensor).floats();
    const at = values.findIndex((v) => !Number.isFinite(v));
    if (at < 0) return values;
    throw badFile(this.file, `value ${at} of ${name} is ${values[at]}`);
  }

  /** @throws always: none of its tensors say what it is */
  refuse(): never {
    const some = this.names.slice(0, 8).map(quoted).join(", ");
    throw new LabError(
      "unsupported",
      `${this.file} holds ${some}: no dictionary that is known here`,
    );
  }
}

export const badFile = (file: string, why: string): LabError =>
  new LabError("bad-file", `${file} cannot be read: ${why}`);
