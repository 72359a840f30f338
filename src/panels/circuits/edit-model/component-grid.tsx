/** What is trained, as a grid: layers by heads, b_O, MLP and LayerNorms. Arrows move, space and Enter choose. */
import { type KeyboardEvent, useRef, useState } from "react";
import { componentName, sameComponent, type TuneComponent } from "../../../core/model-edit.ts";
import type { Gpt2Config } from "../../../core/types.ts";

interface ComponentGridProps {
  config: Gpt2Config;
  chosen: readonly TuneComponent[];
  onChange: (chosen: TuneComponent[]) => void;
}

export function ComponentGrid({ config, chosen, onChange }: ComponentGridProps) {
  const { n_layer, n_head } = config;
  const [at, setAt] = useState<readonly [row: number, column: number]>([0, 0]);
  const table = useRef<HTMLTableElement>(null);
  const columns = [
    ...Array.from({ length: n_head }, (_, head) => String(head)),
    "b_O",
    "MLP",
    "LN",
  ];
  const componentAt = (layer: number, column: number): TuneComponent => {
    if (column < n_head) return { kind: "head", layer, head: column };
    return { kind: (["attnBias", "mlp", "norms"] as const)[column - n_head]!, layer };
  };
  const isChosen = (component: TuneComponent) =>
    chosen.some((other) => sameComponent(other, component));
  const toggle = (component: TuneComponent) =>
    onChange(
      isChosen(component)
        ? chosen.filter((other) => !sameComponent(other, component))
        : [...chosen, component],
    );
  const onKeyDown = (e: KeyboardEvent) => {
    const [row, column] = at;
    const moves: Record<string, readonly [number, number]> = {
      ArrowUp: [row - 1, column],
      ArrowDown: [row + 1, column],
      ArrowLeft: [row, column - 1],
      ArrowRight: [row, column + 1],
      Home: [row, 0],
      End: [row, columns.length - 1],
    };
    const to = moves[e.key];
    if (!to) return;
    e.preventDefault();
    const next = [clamp(to[0], n_layer - 1), clamp(to[1], columns.length - 1)] as const;
    setAt(next);
    table.current?.querySelector<HTMLElement>(`[data-cell="${next.join()}"]`)?.focus();
  };
  return (
    <div className="component-room">
      <table
        ref={table}
        className="component-grid"
        role="grid"
        aria-label="What is trained"
        onKeyDown={onKeyDown}
      >
        <thead>
          <tr>
            <td />
            {columns.map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {Array.from({ length: n_layer }, (_, layer) => (
            <tr key={layer}>
              <th scope="row">L{layer}</th>
              {columns.map((name, column) => {
                const component = componentAt(layer, column);
                const on = isChosen(component);
                return (
                  <td key={name} role="gridcell" aria-selected={on}>
                    <button
                      type="button"
                      className={on ? "component chosen" : "component"}
                      aria-label={componentName(component)}
                      aria-pressed={on}
                      title={componentName(component)}
                      data-cell={`${layer},${column}`}
                      tabIndex={at[0] === layer && at[1] === column ? 0 : -1}
                      onFocus={() => setAt([layer, column])}
                      onClick={() => toggle(component)}
                    >
                      {on ? "✓" : ""}
                    </button>
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

const clamp = (value: number, most: number) => Math.min(most, Math.max(0, value));
