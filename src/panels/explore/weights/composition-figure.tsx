/** Composition of heads as a graph or a matrix, for one kind at a time, with the strongest pairs listed. */
import { useMemo, useState } from "react";
import { headName } from "../../../charts/head-units.ts";
import { edgesFrom, headEdges, type HeadEdge } from "../../../charts/head-edges.ts";
import { HeadGraph } from "../../../charts/head-graph.tsx";
import { COMPOSITIONS, type CompositionScores } from "../../../core/weights.ts";
import { compositionPython } from "../../../python/weights.ts";
import { useLab } from "../../../state/context.ts";
import { numberIn, useChoice, useRead } from "../../../state/options-slice.ts";
import type { HeadId } from "../../../state/view-slice.ts";
import { useRunFacts } from "../../../state/run-facts.ts";
import { Slider } from "../../../ui/field.tsx";
import { Figure, Readout } from "../../../ui/figure.tsx";
import { formatWeight } from "../../../ui/format.ts";
import { Segmented } from "../../../ui/segmented.tsx";
import { CompositionMatrix } from "./composition-matrix.tsx";
import { HeadPicker, useShownHead } from "./head-picker.tsx";
import { StrongestPairs } from "./strongest-pairs.tsx";
import { WHAT_COMPOSITION } from "./what.ts";

export interface CompositionProps {
  composition: CompositionScores;
  /** The one head whose pairs are known as yet; null if all are. */
  partOf: HeadId | null;
}
const FORMS = ["graph", "matrix"] as const;
const KIND = {
  Q: { label: "Q", title: "Read as a query" },
  K: { label: "K", title: "Read as a key" },
  V: { label: "V", title: "Read as a value, and moved on" },
};
const DRAWN = 300; // edges at most
const AT_FIRST = 40; // edges, until the threshold is moved

export function CompositionFigure({ composition, partOf }: CompositionProps) {
  const { layers, heads, basis, unrelated } = composition;
  const [kind, setKind] = useChoice("weights.kind", COMPOSITIONS);
  const [form, setForm] = useChoice("weights.form", FORMS);
  const head = useShownHead({ layers, heads });
  const selectHead = useLab((s) => s.selectHead);
  const facts = useRunFacts();
  const [edge, setEdge] = useState<HeadEdge | null>(null);
  const [cellWords, setCellWords] = useState<string | null>(null);
  const [pointed, setPointed] = useState<number | null>(null);
  const N = layers * heads;
  const values = composition.scores[kind];
  const edges = useMemo(() => headEdges(values, N), [values, N]);
  const drawn = useThreshold(edges);

  const idOf = (i: number): HeadId => ({ layer: Math.floor(i / heads), head: i % heads });
  const nameOf = (i: number) => headName(idOf(i));
  const edgeWords = ({ from, to, value }: HeadEdge) =>
    `${nameOf(from)} → ${nameOf(to)}: ${kind}-composition ${formatWeight(value)}, ` +
    `${(value / unrelated).toFixed(2)} × unrelated heads`;
  const headWords = (i: number) => {
    const own = edges.filter(({ from, to }) => from === i || to === i);
    const best = own[0];
    return best ? `${nameOf(i)}, most: ${edgeWords(best)}` : `${nameOf(i)}: not known yet`;
  };
  const select = (i: number) => selectHead(idOf(i));
  const selected = head.layer * heads + head.head;
  const said = cellWords ?? (edge ? edgeWords(edge) : pointed !== null ? headWords(pointed) : null);

  return (
    <Figure
      title={`${kind}-composition ${partOf ? `of head ${headName(partOf)}` : "of all heads"}`}
      name={`${kind}-composition`}
      what={WHAT_COMPOSITION}
      python={() => compositionPython(facts(), kind)}
      table={() => ({
        columns: ["basis", "kind", "writes", "reads", "score"],
        rows: COMPOSITIONS.flatMap((each) =>
          headEdges(composition.scores[each], N).map(({ from, to, value }) => [
            ...[basis, each, nameOf(from), nameOf(to)],
            value,
          ]),
        ),
      })}
      controls={
        <div className="row">
          <Segmented
            label="Kind of composition"
            value={kind}
            choices={COMPOSITIONS.map((value) => ({ value, ...KIND[value] }))}
            onChange={setKind}
          />
          <Segmented
            label="Form"
            value={form}
            choices={FORMS.map((value) => ({ value, label: value }))}
            onChange={(next) => {
              setCellWords(null);
              setForm(next);
            }}
          />
          <HeadPicker layers={layers} heads={heads} />
        </div>
      }
    >
      <Readout>
        {said ??
          `Unrelated heads have ${formatWeight(unrelated)}. ${partOf ? "Only this head’s pairs are known yet." : "Point at an edge or a head to read it."}`}
      </Readout>
      <div className="composition">
        {form === "graph" ? (
          <div className="stack">
            <Slider
              label="Edges from"
              value={drawn.threshold}
              min={0}
              max={drawn.most}
              step={drawn.most / 200}
              format={(value) =>
                `${formatWeight(value)}: ${drawn.shown.length} of ${edges.length}${drawn.cut ? `, the strongest ${DRAWN} at most` : ""}`
              }
              onChange={drawn.set}
            />
            <HeadGraph
              layers={layers}
              heads={heads}
              edges={drawn.shown}
              name={`${kind}-composition`}
              headWords={headWords}
              selected={selected}
              onSelect={select}
              edge={edge}
              onEdge={setEdge}
              onHead={setPointed}
            />
          </div>
        ) : (
          <CompositionMatrix
            values={values}
            unrelated={unrelated}
            kind={kind}
            nameOf={nameOf}
            heads={heads}
            edge={edge}
            onEdge={setEdge}
            onWords={setCellWords}
            onSelect={select}
            selected={selected}
          />
        )}
        <StrongestPairs
          edges={edges}
          unrelated={unrelated}
          selected={selected}
          nameOf={nameOf}
          onEdge={setEdge}
          onSelect={select}
        />
      </div>
    </Figure>
  );
}

/** Which edges are drawn: from a chosen score on, at first the strongest few. */
function useThreshold(edges: readonly HeadEdge[]) {
  const most = edges[0]?.value ?? 1;
  const atFirst = edges[Math.min(AT_FIRST, edges.length) - 1]?.value ?? 0;
  const [chosen, set] = useRead("weights.threshold", numberIn(0, 1), atFirst, (v) => v.toFixed(4));
  const threshold = Math.min(most, chosen);
  const shown = useMemo(() => edgesFrom(edges, threshold, DRAWN), [edges, threshold]);
  const cut = shown.length === DRAWN && (edges[DRAWN]?.value ?? -1) >= threshold;
  return { most, threshold, shown, cut, set };
}
