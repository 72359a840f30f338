/**
 * The entries of a zip archive that holds its files uncompressed, as `torch.save` writes it: views of the archive's own
 * bytes, so that a large file is not in memory twice.
 * Source: PKWARE APPNOTE 6.3.10, §4.3 (local header, central directory, end records, their Zip64 forms).
 */
import { LabError } from "../../core/lab-error.ts";
import { quoted } from "../../core/quoted.ts";

const END = 0x06054b50;
const END_64 = 0x06064b50;
const LOCATOR_64 = 0x07064b50;
const CENTRAL = 0x02014b50;
const LOCAL = 0x04034b50;
const END_SIZE = 22;
/** The end record may be followed by a comment of so many bytes. */
const COMMENT_MOST = 65535;

export const isZip = (bytes: Uint8Array): boolean =>
  bytes.length > 4 && new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true) === LOCAL;

/** @throws LabError "bad-file" if it is no archive, or damaged; "unsupported" for a compressed entry */
export function readStoredZip(bytes: Uint8Array, file: string): Map<string, Uint8Array> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const broken = (why: string) => new LabError("bad-file", `${file} cannot be read: ${why}`);
  const need = (at: number, size: number, what: string) => {
    if (!Number.isSafeInteger(at) || at < 0 || at + size > bytes.length) {
      throw broken(`its ${what} lies outside the file, which has ${bytes.length} bytes`);
    }
    return at;
  };
  const { count, start } = directory(view, broken, need);
  const entries = new Map<string, Uint8Array>();
  let at = start;
  for (let i = 0; i < count; i++) {
    need(at, 46, "directory");
    if (view.getUint32(at, true) !== CENTRAL)
      throw broken(`entry ${i} of its directory is damaged`);
    const method = view.getUint16(at + 10, true);
    const [nameSize, extraSize, commentSize] = [28, 30, 32].map((o) =>
      view.getUint16(at + o, true),
    );
    const end = at + 46 + nameSize! + extraSize! + commentSize!;
    need(at, end - at, "directory");
    const name = new TextDecoder().decode(bytes.subarray(at + 46, at + 46 + nameSize!));
    const extra = at + 46 + nameSize!;
    const { size, packed, offset } = sizes(view, at, extra, extraSize!);
    if (method !== 0 || size !== packed) {
      throw new LabError(
        "unsupported",
        `${file} cannot be read: its entry ${quoted(name)} is compressed, which torch.save does not do`,
      );
    }
    need(offset, 30, `entry ${quoted(name)}`);
    if (view.getUint32(offset, true) !== LOCAL)
      throw broken(`its entry ${quoted(name)} is damaged`);
    const data =
      offset + 30 + view.getUint16(offset + 26, true) + view.getUint16(offset + 28, true);
    entries.set(name, bytes.subarray(need(data, size, `entry ${quoted(name)}`), data + size));
    at = end;
  }
  return entries;
}

type Broken = (why: string) => LabError;
type Need = (at: number, size: number, what: string) => number;

/** Where the directory begins, and how many entries it has. */
function directory(view: DataView, broken: Broken, need: Need): { count: number; start: number } {
  const first = Math.max(0, view.byteLength - END_SIZE - COMMENT_MOST);
  let end = view.byteLength - END_SIZE;
  while (end >= first && view.getUint32(end, true) !== END) end--;
  if (end < first) throw broken("it has no zip directory; perhaps it was cut off");
  const count = view.getUint16(end + 10, true);
  const start = view.getUint32(end + 16, true);
  if (count !== 0xffff && start !== 0xffffffff) return { count, start };
  const locator = need(end - 20, 20, "directory");
  if (view.getUint32(locator, true) !== LOCATOR_64) throw broken("its directory is damaged");
  const end64 = need(Number(view.getBigUint64(locator + 8, true)), 56, "directory");
  if (view.getUint32(end64, true) !== END_64) throw broken("its directory is damaged");
  return {
    count: Number(view.getBigUint64(end64 + 32, true)),
    start: Number(view.getBigUint64(end64 + 48, true)),
  };
}

/** Sizes and offset of an entry; those that do not fit 32 bits are in its extra field. */
function sizes(view: DataView, at: number, extra: number, extraSize: number) {
  const plain = {
    packed: view.getUint32(at + 20, true),
    size: view.getUint32(at + 24, true),
    offset: view.getUint32(at + 42, true),
  };
  for (let p = extra; p + 4 <= extra + extraSize;) {
    const [id, length] = [view.getUint16(p, true), view.getUint16(p + 2, true)];
    if (id === 1 && p + 4 + length <= extra + extraSize) {
      let next = p + 4;
      const take = (value: number): number => {
        if (value !== 0xffffffff || next + 8 > p + 4 + length) return value;
        next += 8;
        return Number(view.getBigUint64(next - 8, true));
      };
      const size = take(plain.size);
      const packed = take(plain.packed);
      return { size, packed, offset: take(plain.offset) };
    }
    p += 4 + length;
  }
  return plain;
}
