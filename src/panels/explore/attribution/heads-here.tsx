/** What every head writes at the selected position, layers by heads, and what of attention no head writes. */
import { useState } from "react";
import { besideAttention, headGrid, sumOf } from "../../../charts/attribution.ts";
import { headName } from "../../../charts/head-units.ts";
import { Matrix } from "../../../charts/matrix.tsx";
import { jointScale, type MatrixCell, signedScale } from "../../../charts/matrix-cells.ts";
import type { Attribution } from "../../../core/attribution.ts";
import { useLab } from "../../../state/context.ts";
import { Readout } from "../../../ui/figure.tsx";
import { formatSigned } from "../../../ui/format.ts";
import type { HereProps } from "./here.ts";
import { SumLine } from "./parts.tsx";
import { SidesHere } from "./sides-here.tsx";

export function HeadsHere({ sides, at }: HereProps<Attribution>) {
  const head = useLab((s) => s.head);
  const selectHead = useLab((s) => s.selectHead);
  const selectLayerPart = useLab((s) => s.selectLayerPart);
  const [cell, setCell] = useState<MatrixCell | null>(null);
  const [L, H] = sides.a.heads.dims as [number, number, number];
  const grids = ([sides.a, sides.b] as const).map((facts, i) => {
    const position = i === 0 ? at.a : at.b;
    return facts && position !== null && facts.targets[position] ? headGrid(facts, position) : null;
  });
  const scale = jointScale(grids.flatMap((grid) => (grid ? [signedScale(grid)] : [])));
  const name = ({ row, column }: MatrixCell) =>
    column < H
      ? headName({ layer: row, head: column })
      : `attention of layer ${row}, beside its heads`;
  const draw = (grid: Float32Array, ends = scale) => {
    const value = ({ row, column }: MatrixCell) => grid[row * (H + 1) + column]!;
    return (
      <>
        <Readout>
          {cell
            ? `${name(cell)}: ${formatSigned(value(cell), 3)}`
            : "Point at a head to read it; click to select it."}
        </Readout>
        <Matrix
          values={grid}
          rows={Array.from({ length: L }, (_, l) => `L${l}`)}
          columns={[...Array.from({ length: H }, (_, h) => `H${h}`), "no head"]}
          ramp="signed"
          scale={ends}
          name="What each head writes, in logits"
          cellWords={(of) => `${name(of)}: ${formatSigned(value(of), 3)}`}
          cellText={(of) => formatSigned(value(of), 2)}
          cell={cell}
          onCell={setCell}
          onSelect={({ row, column }) => {
            if (column < H) selectHead({ layer: row, head: column });
            else selectLayerPart({ kind: "attn", layer: row });
          }}
          selectedCell={head && head.head < H ? { row: head.layer, column: head.head } : null}
        />
      </>
    );
  };
  return (
    <SidesHere
      sides={sides}
      at={at}
      targetOf={({ targets }, position) => targets[position]!}
      difference={() => {
        const change = grids[1]!.map((value, i) => value - grids[0]![i]!);
        if (change.some(Number.isNaN)) return <p className="quiet">computing …</p>;
        return draw(change, signedScale(change));
      }}
    >
      {({ facts, position }) => {
        const grid = headGrid(facts, position);
        if (grid.some(Number.isNaN)) return <p className="quiet">computing …</p>;
        return (
          <>
            {draw(grid)}
            <SumLine
              terms={[
                { name: "heads", value: sumOf(grid.filter((_, i) => i % (H + 1) < H)) },
                { name: "no head", value: sumOf(grid.filter((_, i) => i % (H + 1) === H)) },
                { name: "beside attention", value: besideAttention(facts, position) },
              ]}
              bias={facts.bias[position]!}
              logit={facts.logits[position]!}
            />
          </>
        );
      }}
    </SidesHere>
  );
}
