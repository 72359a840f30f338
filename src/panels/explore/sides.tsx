/** The sides of a comparison beside each other, with their difference; or the only one, without a word about sides. */
import type { ReactNode } from "react";
import { sideNames } from "../../state/compare-slice.ts";
import { useLab } from "../../state/context.ts";
import type { Sides } from "../../state/figures-slice.ts";

export interface SidesProps<T> {
  sides: Sides<T>;
  children: (data: T, side: "a" | "b") => ReactNode;
  /** Draws b − a. */
  difference: (a: T, b: T) => ReactNode;
}

export function SidesView<T>({ sides, children, difference }: SidesProps<T>) {
  const shown = useLab((s) => s.shownSides);
  const otherText = useLab((s) => s.otherText);
  const { a, b } = sides;
  if (b === null) return children(a, "a");
  const names = sideNames({ otherText });
  const parts = [
    { id: "a", name: names.a, draw: () => children(a, "a") },
    { id: "b", name: names.b, draw: () => children(b, "b") },
    { id: "difference", name: `${names.b} − ${names.a}`, draw: () => difference(a, b) },
  ];
  return (
    <div className="sides">
      {parts
        .filter(({ id }) => shown === "all" || shown === id)
        .map(({ id, name, draw }) => (
          <div key={id} role="group" aria-label={name}>
            <h3>{name}</h3>
            {draw()}
          </div>
        ))}
    </div>
  );
}
