/**
 * Loops over arrays in WebAssembly with SIMD: what is done at each place is written once, as terms, and translated twice, for
 * four numbers at a time and for those that are left over. The module is put together here, byte by byte:
 * https://webassembly.github.io/spec/core/binary/
 */

/** Instructions that leave a value on the machine's stack, of the four numbers at a place or of one. */
export type Term = (wide: boolean) => number[];

/** What a loop does at each place, in this order. */
export interface Body {
  /** Puts a value into an array. */
  store: (array: number, value: Term) => void;
  /** A value that is used more than once. */
  keep: (value: Term) => Term;
  /** What is summed over all places: the loop's result. Of one loop one value only. */
  total: (value: Term) => void;
}

/** A loop over `arrays` of one length; it is called with that length, then where each array begins, then `numbers`. */
export interface Loop {
  arrays: number;
  numbers: number;
  body: (body: Body, arrays: readonly Term[], numbers: readonly Term[]) => void;
}

const [I32, F32, V128] = [0x7f, 0x7d, 0x7b];
const UNALIGNED = [0, 0];
const END = [0x0b];
const get = (local: number) => [0x20, local];
const set = (local: number) => [0x21, local];
/** −64 … 63 */
const i32 = (value: number) => [0x41, value & 0x7f];
const [ADD_I32, AND_I32, SHIFT_I32] = [[0x6a], [0x71], [0x74]];
const ZERO_F32 = [0x43, 0, 0, 0, 0];
const LOAD = { one: [0x2a, ...UNALIGNED], four: [0xfd, 0x00, ...UNALIGNED] };
const STORE = { one: [0x38, ...UNALIGNED], four: [0xfd, 0x0b, ...UNALIGNED] };
const SPLAT = [0xfd, 0x13];
const lane = (n: number) => [0xfd, 0x1f, n];

const operator =
  (one: number, ...four: number[]) =>
  (...operands: Term[]): Term =>
  (wide) => [...operands.flatMap((term) => term(wide)), ...(wide ? [0xfd, ...four] : [one])];
export const add = operator(0x92, 0xe4, 0x01);
export const sub = operator(0x93, 0xe5, 0x01);
export const mul = operator(0x94, 0xe6, 0x01);
export const div = operator(0x95, 0xe7, 0x01);
export const sqrt = operator(0x91, 0xe3, 0x01);

/** The value where a > b, else 0. */
export const whereAbove = (a: Term, b: Term, value: Term): Term => {
  const above = operator(0x5e, 0x44)(a, b);
  return (wide) =>
    wide
      ? [...above(wide), ...value(wide), 0xfd, 0x4e]
      : [...value(wide), ...ZERO_F32, ...above(wide), 0x1b];
};
/** 0 where a ≤ b, else the value: unlike `whereAbove` where either is not a number. */
export const unlessAtMost = (a: Term, b: Term, value: Term): Term => {
  const atMost = operator(0x5f, 0x45)(a, b);
  return (wide) =>
    wide
      ? [...value(wide), ...atMost(wide), 0xfd, 0x4f]
      : [...ZERO_F32, ...value(wide), ...atMost(wide), 0x1b];
};
export const constant = (value: number): Term => {
  const bytes = [...new Uint8Array(Float32Array.of(value).buffer)];
  return (wide) => (wide ? [0xfd, 0x0c, ...bytes, ...bytes, ...bytes, ...bytes] : [0x43, ...bytes]);
};

/** Does `act`, and moves all `pointers`, of which it is the first, on by so many bytes, while a pointer is below its end. */
const eachBelow = (end: number, bytes: number, pointers: readonly number[], act: number[]) => [
  ...[0x02, 0x40, 0x03, 0x40], // block, loop
  ...[...get(pointers[0]!), ...get(end), 0x4f, 0x0d, 1], // out of both if ≥, unsigned
  ...act,
  ...pointers.flatMap((pointer) => [...get(pointer), ...i32(bytes), ...ADD_I32, ...set(pointer)]),
  ...[0x0c, 0, ...END, ...END],
];

/** The loop's signature and code. Its locals: length, arrays, numbers; two ends; numbers four times; kept values. */
function compiled({ arrays, numbers, body }: Loop): { type: number[]; code: number[] } {
  const pointers = Array.from({ length: arrays }, (_, i) => 1 + i);
  const given = (n: number) => 1 + arrays + n;
  const fours = given(numbers);
  const all = fours + 1;
  const repeated = (n: number) => all + 1 + n;
  const kept: Term[] = [];
  const totals: Term[] = [];
  // A kept value has a local for four and, further on, one for one; the first is the total.
  const first = repeated(numbers);
  const local = (n: number, wide: boolean) => first + 2 * n + (wide ? 0 : 1);
  const total: Term = (wide) => get(local(0, wide));
  const statements: Term[] = [];
  body(
    {
      store: (array, value) =>
        statements.push((wide) => [
          ...[...get(pointers[array]!), ...value(wide)],
          ...(wide ? STORE.four : STORE.one),
        ]),
      keep: (value) => {
        const n = kept.push(value);
        statements.push((wide) => [...value(wide), ...set(local(n, wide))]);
        return (wide) => get(local(n, wide));
      },
      total: (value) => {
        totals.push(add(total, value));
        statements.push((wide) => [...totals[0]!(wide), ...set(local(0, wide))]);
      },
    },
    pointers.map((pointer) => (wide) => [...get(pointer), ...(wide ? LOAD.four : LOAD.one)]),
    Array.from({ length: numbers }, (_, n) => (wide) => get(wide ? repeated(n) : given(n))),
  );
  const act = (wide: boolean) => statements.flatMap((statement) => statement(wide));
  const lanes = [0, 1, 2, 3].flatMap((n) => [...total(true), ...lane(n), 0x92]);
  const bytesOf = (places: number) => [...get(places), ...i32(2), ...SHIFT_I32];
  return {
    type: [
      ...[0x60, ...list([[I32], ...pointers.map(() => [I32]), ...times(numbers, [F32])])],
      ...list(totals.map(() => [F32])),
    ],
    code: [
      ...list([
        [2, I32],
        [numbers, V128],
        ...[total, ...kept].flatMap(() => [
          [1, V128],
          [1, F32],
        ]),
      ]),
      ...pointers.flatMap((pointer) => [...bytesOf(pointer), ...set(pointer)]),
      ...[...get(pointers[0]!), ...bytesOf(0), ...ADD_I32, ...set(all)],
      ...[...get(pointers[0]!), ...bytesOf(0), ...i32(-16), ...AND_I32, ...ADD_I32, ...set(fours)],
      ...times(numbers, []).flatMap((_, n) => [...get(given(n)), ...SPLAT, ...set(repeated(n))]),
      ...eachBelow(fours, 16, pointers, act(true)),
      ...eachBelow(all, 4, pointers, act(false)),
      ...totals.flatMap(() => [...total(false), ...lanes]),
      ...END,
    ],
  };
}

const times = (count: number, item: number[]): number[][] =>
  Array.from({ length: count }, () => item);

/** A length or a count, seven bits a byte, lowest first. */
const varint = (value: number): number[] =>
  value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...varint(value >> 7)];
const sized = (content: number[]) => [...varint(content.length), ...content];
const list = (items: number[][]) => [...varint(items.length), ...items.flat()];
const section = (id: number, items: number[][]) => [id, ...sized(list(items))];
const name = (text: string) => sized(Array.from(text, (letter) => letter.charCodeAt(0)));
const PAGES = 65536;

/** The loops by their names, over a memory. Places are told in numbers of 4 bytes, not in bytes. */
export function loopsIn<N extends string>(
  memory: WebAssembly.Memory,
  loops: Record<N, Loop>,
): Record<N, (length: number, ...places: number[]) => number> {
  const names = Object.keys(loops) as N[];
  const made = names.map((loop) => compiled(loops[loop]));
  const limits = isShared(memory) ? [0x03, 0, ...varint(PAGES)] : [0x00, 0];
  const bytes = Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0], // "\0asm", version 1
    ...section(
      1,
      made.map(({ type }) => type),
    ),
    ...section(2, [[...name("lab"), ...name("memory"), 0x02, ...limits]]),
    ...section(
      3,
      made.map((_, i) => [i]),
    ),
    ...section(
      7,
      names.map((loop, i) => [...name(loop), 0, i]),
    ),
    ...section(
      10,
      made.map(({ code }) => sized(code)),
    ),
  ]);
  const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes), { lab: { memory } });
  return instance.exports as Record<N, (...given: number[]) => number>;
}

const isShared = ({ buffer }: WebAssembly.Memory) =>
  typeof SharedArrayBuffer !== "undefined" && buffer instanceof SharedArrayBuffer;
