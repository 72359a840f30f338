/** The heads of a circuit by layer and head, and its MLPs: a cell is in it or not. One Tab stop; the arrow keys go over the cells. */
import { type KeyboardEvent, useRef, useState } from "react";
import {
  type HeadCircuit,
  sameHead,
  toggleHead,
  toggleMlp,
  UNNAMED,
} from "../../../core/head-circuit.ts";
import type { Gpt2Config } from "../../../core/types.ts";

interface HeadGridProps {
  circuit: HeadCircuit;
  config: Gpt2Config;
  onChange: (circuit: HeadCircuit) => void;
}

export function HeadGrid({ circuit, config, onChange }: HeadGridProps) {
  const { n_layer, n_head } = config;
  const [at, setAt] = useState({ row: 0, column: 0 });
  const table = useRef<HTMLTableElement>(null);
  const row = Math.min(at.row, n_layer - 1);
  const column = Math.min(at.column, n_head);
  const into = circuit.classes.at(-1)?.name ?? UNNAMED;
  const classOf = (layer: number, head: number) =>
    circuit.classes.filter(({ heads }) => heads.some((own) => sameHead(own, { layer, head })));
  const onKeyDown = (e: KeyboardEvent) => {
    const to: Record<string, readonly [row: number, column: number]> = {
      ArrowUp: [row - 1, column],
      ArrowDown: [row + 1, column],
      ArrowLeft: [row, column - 1],
      ArrowRight: [row, column + 1],
      Home: [row, 0],
      End: [row, n_head],
    };
    const found = to[e.key];
    if (!found) return;
    const [r, c] = found;
    e.preventDefault();
    const next = {
      row: Math.min(n_layer - 1, Math.max(0, r)),
      column: Math.min(n_head, Math.max(0, c)),
    };
    setAt(next);
    const line = table.current?.querySelectorAll("tr")[next.row + 1];
    line?.querySelectorAll("button")[next.column]?.focus();
  };
  const cell = (layer: number, index: number, isIn: boolean, name: string, toggle: () => void) => (
    <td key={index}>
      <button
        type="button"
        className={isIn ? "head-cell in" : "head-cell"}
        aria-pressed={isIn}
        aria-label={name}
        title={name}
        tabIndex={layer === row && index === column ? 0 : -1}
        onFocus={() => setAt({ row: layer, column: index })}
        onClick={toggle}
      />
    </td>
  );
  return (
    <div className="head-grid-room" onKeyDown={onKeyDown}>
      <table ref={table} className="head-grid">
        <caption className="visually-hidden">Heads and MLPs of the circuit</caption>
        <thead>
          <tr>
            <td />
            {Array.from({ length: n_head }, (_, h) => (
              <th key={h} scope="col">
                {h}
              </th>
            ))}
            <th scope="col">MLP</th>
          </tr>
        </thead>
        <tbody>
          {Array.from({ length: n_layer }, (_, layer) => (
            <tr key={layer}>
              <th scope="row">L{layer}</th>
              {Array.from({ length: n_head }, (_, head) => {
                const classes = classOf(layer, head);
                const names = classes.map(({ name, roles }) =>
                  roles ? `${name} at ${roles.join(" ")}` : name,
                );
                return cell(
                  layer,
                  head,
                  classes.length > 0,
                  `Head ${layer}.${head}${names.length > 0 ? `, ${names.join(", ")}` : ""}`,
                  () => onChange(toggleHead(circuit, { layer, head }, into)),
                );
              })}
              {cell(
                layer,
                n_head,
                circuit.mlps?.includes(layer) ?? true,
                `MLP ${layer}${circuit.mlps ? "" : ", stays as all MLPs do"}`,
                () => onChange(toggleMlp(circuit, layer, config)),
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
