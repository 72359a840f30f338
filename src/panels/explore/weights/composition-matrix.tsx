/** Composition of every earlier head (row) with every later one (column); if wished, less what unrelated heads have. */
import { useMemo, useState } from "react";
import type { HeadEdge } from "../../../charts/head-edges.ts";
import { Matrix } from "../../../charts/matrix.tsx";
import { type MatrixCell, sequentialScale, signedScale } from "../../../charts/matrix-cells.ts";
import type { CompositionKind } from "../../../core/weights.ts";
import { useChoice } from "../../../state/options-slice.ts";
import { Checkbox } from "../../../ui/field.tsx";
import { formatSigned, formatWeight } from "../../../ui/format.ts";

export interface CompositionMatrixProps {
  /** [N, N]; NaN where the column is in no later layer */
  values: Float32Array;
  unrelated: number;
  kind: CompositionKind;
  heads: number;
  nameOf: (head: number) => string;
  edge: HeadEdge | null;
  onEdge: (edge: HeadEdge | null) => void;
  /** What the cell says that is pointed at, also one without a value. */
  onWords: (words: string | null) => void;
  selected: number;
  onSelect: (head: number) => void;
}

export function CompositionMatrix(props: CompositionMatrixProps) {
  const { values, unrelated, kind, heads, nameOf, edge, onEdge, onWords, selected, onSelect } =
    props;
  const [base, setBase] = useChoice("weights.base", ["zero", "unrelated"]);
  const [cell, setCell] = useState<MatrixCell | null>(null);
  const N = Math.sqrt(values.length);
  const less = base === "unrelated";
  // The last layer's heads write for none, the first layer's read from none.
  const [rows, columns] = [N - heads, N - heads];
  const drawn = useMemo(
    () =>
      Float32Array.from({ length: rows * columns }, (_, i) => {
        const value = values[Math.floor(i / columns) * N + heads + (i % columns)]!;
        return less ? value - unrelated : value;
      }),
    [values, rows, columns, N, heads, less, unrelated],
  );
  const edgeAt = ({ row, column }: MatrixCell): HeadEdge | null => {
    const value = values[row * N + heads + column]!;
    return Number.isNaN(value) ? null : { from: row, to: heads + column, value };
  };
  const words = (cell: MatrixCell) => {
    const [from, to] = [nameOf(cell.row), nameOf(heads + cell.column)];
    const at = edgeAt(cell);
    if (!at) return `${from}, ${to}: no value, the reader must be in a later layer`;
    const excess = less ? `, ${formatSigned(at.value - unrelated, 3)} to unrelated heads` : "";
    return `${from} → ${to}: ${kind}-composition ${formatWeight(at.value)}${excess}`;
  };
  return (
    <div className="stack">
      <Checkbox
        label="less what unrelated heads have"
        title="The score minus 1/√d_model: blue is more than unrelated heads, vermilion less"
        checked={less}
        onChange={(on) => setBase(on ? "unrelated" : "zero")}
      />
      <Matrix
        values={drawn}
        rows={Array.from({ length: rows }, (_, i) => nameOf(i))}
        columns={Array.from({ length: columns }, (_, i) => nameOf(heads + i))}
        ramp={less ? "signed" : "feature"}
        scale={less ? signedScale(drawn) : sequentialScale(drawn)}
        name={`${kind}-composition: rows write, columns read`}
        cellWords={words}
        cell={cell ?? (edge && { row: edge.from, column: edge.to - heads })}
        onCell={(to) => {
          setCell(to);
          onEdge(to && edgeAt(to));
          onWords(to && words(to));
        }}
        onSelect={({ column }) => onSelect(heads + column)}
        selectedRow={selected < rows ? selected : null}
        selectedColumn={selected >= heads ? selected - heads : null}
        leastWidth={0.3}
      />
    </div>
  );
}
