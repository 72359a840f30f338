/** The circuit as a graph, with what can be done to it: cut, edit by hand, group, hide, undo. */
import { useMemo, useRef, useState } from "react";
import { CircuitGraph, type GraphChoice } from "../../../charts/circuit-graph.tsx";
import { circuitLayout, type DrawnEdge, type DrawnNode } from "../../../charts/circuit-layout.ts";
import { edgeName, parseEdge } from "../../../core/circuit.ts";
import { isLoss } from "../../../core/acdc.ts";
import { edgesAt, withEdges, withNode } from "../../../core/circuit-edit.ts";
import {
  type CircuitView,
  grouped,
  pinned,
  PLAIN_VIEW,
  ungrouped,
} from "../../../core/circuit-view.ts";
import { type FoundCircuit, graphOf } from "../../../core/found-circuit.ts";
import { toLabError } from "../../../core/lab-error.ts";
import { useLab } from "../../../state/context.ts";
import type { OpenTask } from "../../../state/task-slice.ts";
import { Button, IconButton } from "../../../ui/button.tsx";
import { Figure } from "../../../ui/figure.tsx";
import { useRem } from "../../../ui/use-rem.ts";
import { useSize } from "../../../ui/use-size.ts";
import { metricWords } from "../words.ts";
import { CircuitChoice } from "./circuit-choice.tsx";
import { AddForm, GroupForm, Legend } from "./circuit-forms.tsx";
import { CutControls, shortNumber } from "./cut-controls.tsx";
import { EdgeTable } from "./edge-table.tsx";
import { useCircuitPython } from "./use-circuit-python.ts";
import { useCut } from "./use-cut.ts";
import { whatAcdc, whatCircuit } from "./words.ts";

export function CircuitFigure({ circuit, open }: { circuit: FoundCircuit; open: OpenTask }) {
  const { id, n_layer, n_head, scores, metric, view = PLAIN_VIEW } = circuit;
  const edit = useLab((s) => s.editCircuit);
  const undo = useLab((s) => s.undoCircuit);
  const redo = useLab((s) => s.redoCircuit);
  const steps = useLab((s) => s.circuitSteps[id]);
  const cut = useCut(circuit);
  const python = useCircuitPython(circuit, open);
  const box = useRef<HTMLDivElement>(null);
  const groupName = useRef<HTMLInputElement>(null);
  /** Where the keyboard goes on when what it was at is gone. */
  const toGraph = () => box.current?.querySelector<HTMLElement>(".circuit-focus")?.focus();
  const room = useSize(box)?.width ?? 0;
  const rem = useRem(1);
  const [choice, setChoice] = useState<GraphChoice | null>(null);
  const [opened, setOpened] = useState<GraphChoice | null>(null);
  const [marked, setMarked] = useState<readonly string[]>([]);
  const graph = useMemo(() => graphOf({ n_layer, n_head }), [n_layer, n_head]);
  const { mask } = cut;
  const layout = useMemo(
    () => circuitLayout({ graph, mask, scores, view, room, rem }),
    [graph, mask, scores, view, room, rem],
  );
  const helps = (score: number) => (isLoss(metric) ? score > 0 : score < 0);
  const unit = metricWords(metric, circuit.formula).unit;
  const scoreWords = (score: number | null) =>
    score === null
      ? "no score"
      : `${shortNumber(score)}${unit && ` ${unit}`}, ${helps(score) ? "helps" : "works against it"}`;
  const edgeWords = ({ id: name, edges, score }: DrawnEdge) =>
    `${name}${edges.length > 1 ? ` (${edges.length} edges)` : ""}: ${scoreWords(score)}`;
  const nodeWords = ({ label, kind, members, into, out }: DrawnNode) => {
    const what =
      kind === "head"
        ? `head ${label}`
        : kind === "group"
          ? `${label}: ${members.join(", ")}`
          : label;
    return `${what}; ${into} in, ${out} out`;
  };
  const change = (next: Parameters<typeof edit>[1]) => {
    cut.settle();
    void edit(id, next);
  };
  const look = (next: CircuitView) => change({ view: next });
  const namesOf = (node: string) => view.groups.find(({ name }) => name === node)?.nodes ?? [node];
  const leave = () => {
    setChoice(null);
    setOpened(null);
    toGraph();
  };
  const remove = ({ kind, id: name }: GraphChoice) => {
    const edges =
      kind === "edge"
        ? (layout.edges.find((edge) => edge.id === name)?.edges ?? [])
        : name === "input" || name === "logits"
          ? []
          : edgesAt(graph, namesOf(name));
    if (edges.length === 0) return;
    change({ mask: withEdges(mask, edges, false) });
    leave();
  };
  const isFixed = (name: string) => name === "input" || name === "logits";
  const hide = (name: string) => {
    if (isFixed(name)) return;
    look({ ...view, hidden: [...view.hidden, name] });
    setMarked((now) => now.filter((each) => each !== name));
    leave();
  };
  const mark = (name: string) => {
    if (isFixed(name)) return;
    setMarked((now) => (now.includes(name) ? now.filter((each) => each !== name) : [...now, name]));
  };
  const select = useSelection();
  const openChoice = (next: GraphChoice) => {
    setOpened(next);
    if (next.kind === "node") select(next.id);
  };
  const shown =
    opened && (opened.kind === "node" ? layout.nodes : layout.edges).some((x) => x.id === opened.id)
      ? opened
      : null;
  return (
    <Figure
      title={circuit.name}
      name="circuit"
      what={circuit.method === "acdc" ? whatAcdc(circuit) : whatCircuit(circuit)}
      python={python}
      table={() => ({
        columns: ["edge", `score${unit && ` (${unit})`}`, "in the circuit"],
        rows: tableRows(circuit, graph, mask),
      })}
      controls={
        <>
          <IconButton
            icon="undo"
            label="Undo the change of the circuit"
            disabled={!steps?.past.length}
            onClick={() => void undo(id)}
          />
          <IconButton
            icon="redo"
            label="Redo the change of the circuit"
            disabled={!steps?.future.length}
            onClick={() => void redo(id)}
          />
        </>
      }
    >
      <CutControls cut={cut} circuit={circuit} />
      <div ref={box} className="circuit-room">
        {room > 0 && (
          <CircuitGraph
            layout={layout}
            name={circuit.name}
            helps={helps}
            choice={choice}
            onChoose={setChoice}
            onOpen={openChoice}
            editing={{
              ...{ marked, onMark: mark, onRemove: remove },
              onHide: hide,
              onGroup: () => groupName.current?.focus(),
              onStep: (way) => void (way === "undo" ? undo(id) : redo(id)),
              onPin: (name, at) => look(pinned(view, name, at)),
            }}
            edgeWords={edgeWords}
            nodeWords={nodeWords}
          />
        )}
      </div>
      {layout.left > 0 && (
        <p className="quiet">
          Drawn are the {layout.edges.length.toLocaleString("en-US")} strongest edges; the other{" "}
          {layout.left.toLocaleString("en-US")} are under “All edges”.
        </p>
      )}
      <Legend />
      {shown && (
        <CircuitChoice
          choice={shown}
          layout={layout}
          marked={marked.includes(shown.id)}
          prompt={open.task.pairs[0]?.clean ?? null}
          scoreWords={scoreWords}
          onOpen={(next) => {
            setChoice(next);
            openChoice(next);
          }}
          onRemove={() => remove(shown)}
          onHide={() => hide(shown.id)}
          onUnpin={view.pins[shown.id] ? () => look(pinned(view, shown.id, null)) : null}
          onMark={() => mark(shown.id)}
          onUngroup={
            view.groups.some(({ name }) => name === shown.id)
              ? () => {
                  look(ungrouped(view, namesOf(shown.id)));
                  leave();
                }
              : null
          }
          onClose={() => {
            setOpened(null);
            toGraph();
          }}
        />
      )}
      <div className="row circuit-tools">
        {marked.length > 0 && (
          <GroupForm
            count={marked.flatMap(namesOf).length}
            field={groupName}
            onGroup={(name) => {
              look(grouped(view, name, marked.flatMap(namesOf)));
              setMarked([]);
              setChoice({ kind: "node", id: name });
              toGraph();
            }}
            onClear={() => {
              setMarked([]);
              toGraph();
            }}
            onLeave={toGraph}
          />
        )}
        {view.hidden.length > 0 && (
          <Button
            kind="quiet"
            onClick={() => {
              look({ ...view, hidden: [] });
              toGraph();
            }}
          >
            Show {view.hidden.length} hidden
          </Button>
        )}
        {Object.keys(view.pins).length > 0 && (
          <Button kind="quiet" onClick={() => look({ ...view, pins: {} })}>
            Unpin all
          </Button>
        )}
        <AddForm
          onAdd={(text) => {
            try {
              const next = text.includes("->")
                ? withEdges(mask, [parseEdge(graph, text)], true)
                : withNode(graph, mask, text, scores);
              change({ mask: next });
              return null;
            } catch (e) {
              return toLabError(e).message;
            }
          }}
        />
      </div>
      <EdgeTable
        graph={graph}
        mask={mask}
        scores={scores}
        scoreWords={scoreWords}
        onSet={(edge, kept) => change({ mask: withEdges(mask, [edge], kept) })}
      />
    </Figure>
  );
}

/** The inspector and the other views show what is chosen here. */
function useSelection() {
  const selectHead = useLab((s) => s.selectHead);
  const selectPart = useLab((s) => s.selectLayerPart);
  return (name: string) => {
    const [, layer, head] = /^a(\d+)\.h(\d+)$/.exec(name) ?? [];
    const [, mlp] = /^m(\d+)$/.exec(name) ?? [];
    if (layer !== undefined) selectHead({ layer: Number(layer), head: Number(head) });
    if (mlp !== undefined) selectPart({ kind: "mlp", layer: Number(mlp) });
  };
}

function tableRows({ scores }: FoundCircuit, graph: ReturnType<typeof graphOf>, mask: Uint8Array) {
  const rows: (string | number | null)[][] = [];
  mask.forEach((kept, edge) => {
    const score = scores?.[edge] ?? NaN;
    if (kept || !Number.isNaN(score)) {
      rows.push([edgeName(graph, edge), Number.isNaN(score) ? null : score, kept]);
    }
  });
  return rows;
}
