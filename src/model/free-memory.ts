/**
 * Gives an array's memory back now, where the browser can: a garbage collector that sees no shortage may leave half a
 * gigabyte lying for minutes. Afterwards the array is empty.
 */
export function freeMemory({ buffer }: Uint8Array<ArrayBuffer>): void {
  (buffer as ArrayBuffer & { transfer?: (length: number) => ArrayBuffer }).transfer?.(0);
}
