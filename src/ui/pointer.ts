/**
 * Reading by pointer: with a mouse or pen what is under it, until it leaves; by touch what was tapped, until the next
 * tap elsewhere, since a finger leaves as soon as it is lifted.
 */
import type { PointerEvent } from "react";

export interface ReadHandlers<E extends Element> {
  onPointerMove: (e: PointerEvent<E>) => void;
  onPointerDown: (e: PointerEvent<E>) => void;
  onPointerLeave: (e: PointerEvent<E>) => void;
}
export function readByPointer<E extends Element>(
  read: (e: PointerEvent<E>) => void,
  leave: () => void,
): ReadHandlers<E> {
  return {
    onPointerMove: read,
    onPointerDown: read,
    onPointerLeave: (e) => {
      if (e.pointerType !== "touch") leave();
    },
  };
}
