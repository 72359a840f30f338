/**
 * The two inner loops of products over few features, in WebAssembly with SIMD: four numbers at a time, in the memory where
 * TensorFlow.js has its tensors. In JavaScript, which computes every number in float64, they take some seven times as long.
 * The module is written out here, byte by byte: https://webassembly.github.io/spec/core/binary/
 */

/** Places and lengths in numbers of 4 bytes. */
export interface RowLoops {
  /** out[i] += factor · row[i] */
  addRow: (out: number, factor: number, row: number, length: number) => void;
  /** Σ a[i] b[i] */
  dot: (a: number, b: number, length: number) => number;
}

export function rowLoopsIn(memory: WebAssembly.Memory): RowLoops {
  const { addRow, dot } = new WebAssembly.Instance(
    new WebAssembly.Module(moduleBytes(isShared(memory))),
    { lab: { memory } },
  ).exports as unknown as RowLoops;
  return {
    addRow: (out, factor, row, length) => addRow(4 * out, factor, 4 * row, length),
    dot: (a, b, length) => dot(4 * a, 4 * b, length),
  };
}

const isShared = ({ buffer }: WebAssembly.Memory) =>
  typeof SharedArrayBuffer !== "undefined" && buffer instanceof SharedArrayBuffer;

const I32 = 0x7f;
const F32 = 0x7d;
const V128 = 0x7b;
/** Operands before the operator, as on the machine's stack. */
const get = (local: number) => [0x20, local];
const set = (local: number) => [0x21, local];
/** −64 … 63 */
const i32 = (value: number) => [0x41, value & 0x7f];
const [ADD, AND, SHIFT] = [[0x6a], [0x71], [0x74]];
const [ADD_F32, MULTIPLY_F32] = [[0x92], [0x94]];
const UNALIGNED = [0, 0];
const [LOAD_F32, STORE_F32] = [
  [0x2a, ...UNALIGNED],
  [0x38, ...UNALIGNED],
];
const [LOAD_4, STORE_4] = [
  [0xfd, 0x00, ...UNALIGNED],
  [0xfd, 0x0b, ...UNALIGNED],
];
const SPLAT = [0xfd, 0x13];
const [ADD_4, MULTIPLY_4] = [
  [0xfd, 0xe4, 0x01],
  [0xfd, 0xe6, 0x01],
];
const lane = (n: number) => [0xfd, 0x1f, n];
const END = [0x0b];

/** While a pointer is below another: does `body`, and moves all `pointers`, of which it is the first, on by so many bytes. */
const eachBelow = (end: number, bytes: number, pointers: number[], body: number[]) => [
  ...[0x02, 0x40, 0x03, 0x40], // block, loop
  ...[...get(pointers[0]!), ...get(end), 0x4f, 0x0d, 1], // out of both if ≥, unsigned
  ...body,
  ...pointers.flatMap((pointer) => [...get(pointer), ...i32(bytes), ...ADD, ...set(pointer)]),
  ...[0x0c, 0, ...END, ...END],
];
/** The ends of `length` numbers from a pointer on: of those that go in fours, and of all. */
const ends = (pointer: number, length: number, fours: number, all: number) => [
  ...[...get(pointer), ...get(length), ...i32(-4), ...AND, ...i32(2), ...SHIFT, ...ADD],
  ...set(fours),
  ...[...get(pointer), ...get(length), ...i32(2), ...SHIFT, ...ADD, ...set(all)],
];

function addRowCode(): number[] {
  const [out, factor, row, length, fours, all, factors] = [0, 1, 2, 3, 4, 5, 6] as const;
  const added = (load: number[], by: number, multiply: number[], add: number[]) => [
    ...[...get(out), ...get(out), ...load, ...get(row), ...load],
    ...[...get(by), ...multiply, ...add],
  ];
  return [
    ...[2, 2, I32, 1, V128], // the locals after the parameters
    ...ends(out, length, fours, all),
    ...[...get(factor), ...SPLAT, ...set(factors)],
    ...eachBelow(fours, 16, [out, row], [...added(LOAD_4, factors, MULTIPLY_4, ADD_4), ...STORE_4]),
    ...eachBelow(
      all,
      4,
      [out, row],
      [...added(LOAD_F32, factor, MULTIPLY_F32, ADD_F32), ...STORE_F32],
    ),
    ...END,
  ];
}

function dotCode(): number[] {
  const [a, b, length, fours, all, sums, rest] = [0, 1, 2, 3, 4, 5, 6] as const;
  const added = (to: number, load: number[], multiply: number[], add: number[]) => [
    ...[...get(to), ...get(a), ...load, ...get(b), ...load, ...multiply, ...add, ...set(to)],
  ];
  const lanes = [0, 1, 2, 3].flatMap((n) => [...get(sums), ...lane(n), ...ADD_F32]);
  return [
    ...[3, 2, I32, 1, V128, 1, F32],
    ...ends(a, length, fours, all),
    ...eachBelow(fours, 16, [a, b], added(sums, LOAD_4, MULTIPLY_4, ADD_4)),
    ...eachBelow(all, 4, [a, b], added(rest, LOAD_F32, MULTIPLY_F32, ADD_F32)),
    ...[...get(rest), ...lanes, ...END],
  ];
}

/** A length or a count, seven bits a byte, lowest first. */
const varint = (value: number): number[] =>
  value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...varint(value >> 7)];
const sized = (content: number[]) => [...varint(content.length), ...content];
const list = (items: number[][]) => [...varint(items.length), ...items.flat()];
const section = (id: number, items: number[][]) => [id, ...sized(list(items))];
const name = (text: string) => sized(Array.from(text, (letter) => letter.charCodeAt(0)));
const PAGES = 65536;

function moduleBytes(shared: boolean): Uint8Array<ArrayBuffer> {
  const limits = shared ? [0x03, 0, ...varint(PAGES)] : [0x00, 0];
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0], // "\0asm", version 1
    ...section(1, [
      [0x60, 4, I32, F32, I32, I32, 0],
      [0x60, 3, I32, I32, I32, 1, F32],
    ]),
    ...section(2, [[...name("lab"), ...name("memory"), 0x02, ...limits]]),
    ...section(3, [[0], [1]]),
    ...section(7, [
      [...name("addRow"), 0, 0],
      [...name("dot"), 0, 1],
    ]),
    ...section(10, [sized(addRowCode()), sized(dotCode())]),
  ]);
}
