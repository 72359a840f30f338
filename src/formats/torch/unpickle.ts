/**
 * Reads a Python pickle without running anything: it knows the opcodes that build data, and calls nothing but the few
 * functions that it is given. A pickle that asks for any other function or class is refused by its name.
 * Source: Python's Lib/pickletools.py (opcodes and their arguments, protocols 0 to 5).
 */
import { LabError } from "../../core/lab-error.ts";
import { quoted } from "../../core/quoted.ts";

/** A name of a Python module, as data: a storage type, a dtype. What it stands for is the caller's to say. */
export class PythonName {
  readonly path: string;
  constructor(path: string) {
    this.path = path;
  }
}
export type Pickled =
  | null
  | boolean
  | number
  | string
  | Uint8Array
  | PythonName
  | Pickled[]
  | Map<Pickled, Pickled>
  | object;

export interface PickleWorld {
  /** Names that may be met; whatever else there is refused. */
  isKnown: (path: string) => boolean;
  /** What calling a known name gives. @throws for one that cannot be called, or not with these arguments */
  call: (path: string, args: Pickled[]) => Pickled;
  /** What a persistent id stands for: in PyTorch's files, a storage. */
  persistent: (id: Pickled) => Pickled;
}

const MARK = Symbol("mark");
type Slot = Pickled | typeof MARK;

/** @throws LabError "bad-file" for what is no pickle; "unsupported" for one that is more than data */
export function unpickle(bytes: Uint8Array, file: string, world: PickleWorld): Pickled {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const stack: Slot[] = [];
  const memo = new Map<number, Pickled>();
  let at = 0;

  const bad = (why: string) => new LabError("bad-file", `${file} cannot be read: ${why}`);
  const take = (size: number): number => {
    if (size > bytes.length - at) throw bad(`it ends after ${bytes.length} bytes, inside a value`);
    at += size;
    return at - size;
  };
  const text = (size: number) => {
    const from = take(size);
    return new TextDecoder().decode(bytes.subarray(from, from + size));
  };
  const raw = (size: number) => {
    const from = take(size);
    return bytes.slice(from, from + size);
  };
  const line = () => {
    const end = bytes.indexOf(10, at);
    if (end < 0) throw bad("a name in it has no end");
    const value = text(end - at);
    at++;
    return value;
  };
  const u8 = () => view.getUint8(take(1));
  const u32 = () => view.getUint32(take(4), true);
  const u64 = () => {
    const size = view.getBigUint64(take(8), true);
    if (size > BigInt(bytes.length)) throw bad("a value in it is longer than the file");
    return Number(size);
  };
  const pop = (): Pickled => {
    const value = stack.pop();
    if (value === undefined || value === MARK) throw bad("a value is missing in it");
    return value;
  };
  const top = (): Pickled => {
    const value = pop();
    stack.push(value);
    return value;
  };
  const toMark = (): Pickled[] => {
    const mark = stack.lastIndexOf(MARK);
    if (mark < 0) throw bad("a list in it has no beginning");
    const values = stack.splice(mark).slice(1);
    return values as Pickled[];
  };
  const fill = (items: Pickled[]) => {
    const dict = top();
    if (!(dict instanceof Map) || items.length % 2 === 1)
      throw bad("a dictionary in it is damaged");
    for (let i = 0; i < items.length; i += 2) dict.set(items[i]!, items[i + 1]!);
  };
  const extend = (items: Pickled[]) => {
    const list = top();
    if (!Array.isArray(list)) throw bad("a list in it is damaged");
    for (const item of items) list.push(item);
  };
  const recall = (key: number): Pickled => {
    const value = memo.get(key);
    if (value === undefined) throw bad(`it refers to a value (${key}) that it does not have`);
    return value;
  };
  const known = (path: string): PythonName => {
    if (world.isKnown(path)) return new PythonName(path);
    throw new LabError(
      "unsupported",
      `${file} is not read: it asks Python to load ${quoted(path)}, and nothing in a file is run here`,
    );
  };
  const long = (size: number): number => {
    const digits = raw(size);
    let value = 0n;
    digits.forEach((byte, i) => (value |= BigInt(byte) << BigInt(8 * i)));
    const signed = size === 0 ? 0n : BigInt.asIntN(8 * size, value);
    const number = Number(signed);
    if (!Number.isSafeInteger(number)) throw bad("a whole number in it is too large");
    return number;
  };

  const push = (value: Slot) => void stack.push(value);
  for (;;) {
    const opcode = u8();
    switch (opcode) {
      case 0x2e: // STOP
        return pop();
      case 0x80: // PROTO
        u8();
        break;
      case 0x95: // FRAME
        u64();
        break;
      case 0x28:
        push(MARK);
        break;
      case 0x30:
        if (stack.pop() === undefined) throw bad("a value is missing in it");
        break;
      case 0x31:
        toMark();
        break;
      case 0x32: // DUP
        push(top());
        break;
      case 0x4e:
        push(null);
        break;
      case 0x88:
        push(true);
        break;
      case 0x89:
        push(false);
        break;
      case 0x4b:
        push(u8());
        break;
      case 0x4d:
        push(view.getUint16(take(2), true));
        break;
      case 0x4a:
        push(view.getInt32(take(4), true));
        break;
      case 0x8a: // LONG1
        push(long(u8()));
        break;
      case 0x47:
        push(view.getFloat64(take(8), false));
        break;
      case 0x58: // BINUNICODE
        push(text(u32()));
        break;
      case 0x8c:
        push(text(u8()));
        break;
      case 0x8d:
        push(text(u64()));
        break;
      case 0x55: // SHORT_BINSTRING
        push(text(u8()));
        break;
      case 0x54:
        push(text(u32()));
        break;
      case 0x43: // SHORT_BINBYTES
        push(raw(u8()));
        break;
      case 0x42:
        push(raw(u32()));
        break;
      case 0x7d:
        push(new Map());
        break;
      case 0x5d:
      case 0x29: // EMPTY_TUPLE: a list will do
        push([]);
        break;
      case 0x74: // TUPLE
      case 0x6c: // LIST
        push(toMark());
        break;
      case 0x85:
        push([pop()]);
        break;
      case 0x86: {
        const b = pop();
        push([pop(), b]);
        break;
      }
      case 0x87: {
        const c = pop();
        const b = pop();
        push([pop(), b, c]);
        break;
      }
      case 0x64: {
        const items = toMark();
        push(new Map());
        fill(items);
        break;
      }
      case 0x73: {
        const value = pop();
        fill([pop(), value]);
        break;
      }
      case 0x75:
        fill(toMark());
        break;
      case 0x61:
        extend([pop()]);
        break;
      case 0x65:
        extend(toMark());
        break;
      case 0x71:
        memo.set(u8(), top());
        break;
      case 0x72:
        memo.set(u32(), top());
        break;
      case 0x94:
        memo.set(memo.size, top());
        break;
      case 0x68:
        push(recall(u8()));
        break;
      case 0x6a:
        push(recall(u32()));
        break;
      case 0x63: {
        const module = line();
        push(known(`${module}.${line()}`));
        break;
      }
      case 0x93: {
        const name = pop();
        const module = pop();
        if (typeof module !== "string" || typeof name !== "string")
          throw bad("a name in it is none");
        push(known(`${module}.${name}`));
        break;
      }
      case 0x52: {
        const args = pop();
        const callee = pop();
        if (!(callee instanceof PythonName) || !Array.isArray(args)) {
          throw bad("a call in it is damaged");
        }
        push(world.call(callee.path, args));
        break;
      }
      case 0x62: // BUILD: attributes of an object; of the data read here none matters
        pop();
        top();
        break;
      case 0x51:
        push(world.persistent(pop()));
        break;
      default:
        throw bad(`opcode 0x${opcode.toString(16)} at byte ${at - 1} is none that data needs`);
    }
  }
}
