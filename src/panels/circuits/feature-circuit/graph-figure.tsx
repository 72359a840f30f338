/** The graph, what is marked in it, and what is known of the selected node. */
import { useMemo, useRef, useState } from "react";
import { shownGraph } from "../../../charts/feature-graph.ts";
import { FeatureGraphChart } from "../../../charts/feature-graph-view.tsx";
import { writeGraph } from "../../../core/graph-file.ts";
import type { SaeSummary } from "../../../core/sae.ts";
import { featureCircuitPython } from "../../../python/feature-circuit.ts";
import { useLab } from "../../../state/context.ts";
import {
  type GraphMarks,
  marksOf,
  type ShownCircuit,
} from "../../../state/feature-circuit-slice.ts";
import { numberIn, useRead, useText } from "../../../state/options-slice.ts";
import { saeFacts, useRunFacts } from "../../../state/run-facts.ts";
import { Button } from "../../../ui/button.tsx";
import { Slider } from "../../../ui/field.tsx";
import { Figure, Readout } from "../../../ui/figure.tsx";
import { formatPercent } from "../../../ui/format.ts";
import { saveFiles } from "../../../ui/save-files.ts";
import { MarksBar } from "./marks-bar.tsx";
import { NodeCard } from "./node-card.tsx";
import { labelOf, nodeName, nodeWords, WHAT } from "./words.tsx";

const NO_SAES: readonly SaeSummary[] = [];
const toggled = (ids: readonly string[], id: string): string[] =>
  ids.includes(id) ? ids.filter((other) => other !== id) : [...ids, id];

export function GraphFigure({ shown }: { shown: ShownCircuit }) {
  const { graph, facts: told, from } = shown;
  const facts = useRunFacts();
  const shelf = useLab((s) => (s.saes.status === "ready" ? s.saes.value : NO_SAES));
  const notes = useLab((s) => s.notes);
  const marks = useLab(marksOf);
  const mark = useLab((s) => s.markGraph);
  const undo = useLab((s) => s.undoMarks);
  const redo = useLab((s) => s.redoMarks);
  const box = useRef<HTMLDivElement>(null);
  const toGraph = () => box.current?.querySelector<HTMLElement>(".feature-graph-focus")?.focus();
  const toName = () => box.current?.querySelector<HTMLElement>(".graph-marks input")?.focus();
  const [selectedId, select] = useText("graph.node", ""); // of another graph it names nothing
  const selectHead = useLab((s) => s.selectHead);
  const [wanted, setWanted] = useRead("graph.shown", numberIn(0, 1), 1);
  const [pointed, setPointed] = useState<number | null>(null);
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const threshold = Math.min(wanted, graph.nodeShare);
  const view = useMemo(() => shownGraph(graph, { threshold, ...marks }), [graph, threshold, marks]);
  const found = view.nodes.findIndex(
    ({ id, members }) => id === selectedId || members.some((member) => member.id === selectedId),
  );
  const selected = found < 0 ? null : found;
  const about = pointed !== null && pointed < view.nodes.length ? pointed : selected;
  const idsOf = (i: number) => view.nodes[i]!.members.map(({ id }) => id);
  const change = (patch: (now: GraphMarks) => Partial<GraphMarks>) =>
    mark((now) => ({ ...now, ...patch(now) }));
  const pick = (i: number | null) => {
    const node = i === null ? null : view.nodes[i]!;
    select(node && i !== selected ? node.id : "");
    if (from === "bench" && node?.kind === "head" && node.node) {
      selectHead({ layer: node.layer, head: node.node.index });
    }
  };
  const pin = (i: number) => {
    const ids = idsOf(i);
    const all = ids.every((id) => marks.pinned.includes(id));
    change(({ pinned }) => ({
      pinned: all ? pinned.filter((id) => !ids.includes(id)) : [...new Set([...pinned, ...ids])],
    }));
  };
  const hide = (i: number) => {
    if (view.nodes[i]!.kind === "logit") return; // what the graph is about
    change(({ hidden }) => ({ hidden: [...new Set([...hidden, ...idsOf(i)])] }));
  };
  const choose = (i: number) => {
    if (view.nodes[i]!.node) setChosen(toggled(chosen, view.nodes[i]!.id));
  };
  const save = () => {
    const marked = { ...graph, pinned: marks.pinned, supernodes: marks.groups };
    const clicked = selected === null ? "" : (view.nodes[selected]!.node?.id ?? "");
    const text = writeGraph(marked, {
      clicked,
      labelOf: (node) => labelOf(notes, node),
      time: Date.now(),
    });
    const name = `${graph.slug}.json`;
    saveFiles([new File([text], name, { type: "application/json" })]);
  };
  const { scores } = graph;
  return (
    <Figure
      title="Feature circuit"
      name="feature-circuit"
      what={WHAT}
      python={
        shown.question === null
          ? { none: "The graph is from a file, which does not tell how it was made." }
          : () => {
              const { saes: ids } = shown.question!;
              const used = shelf.filter(({ id }) => ids.includes(id)).map(saeFacts);
              return featureCircuitPython(facts(), used, shown.question!);
            }
      }
      table={() => ({
        columns: [
          ...["from", "from position", "to", "to position", "weight"],
          ...["influence of source (cumulative)", "activation of source", "effect of source"],
        ],
        rows: graph.links.map(({ source, target, weight }) => {
          const [a, b] = [graph.nodes[source]!, graph.nodes[target]!];
          return [
            ...[nodeName(notes, a), a.pos, nodeName(notes, b), b.pos, weight],
            ...[a.influence, a.activation, a.effect],
          ];
        }),
      })}
      controls={
        <Button kind="quiet" icon="download" onClick={save}>
          Graph JSON
        </Button>
      }
    >
      <dl className="facts graph-scores">
        <dt>replacement</dt>
        <dd className="mono">{scoreWords(scores?.replacement)}</dd>
        <dt>completeness</dt>
        <dd className="mono">{scoreWords(scores?.completeness)}</dd>
        <dt>shown</dt>
        <dd>
          <span className="mono">
            {view.nodes.length.toLocaleString("en-US")} nodes,{" "}
            {view.links.length.toLocaleString("en-US")} links
          </span>
          {told &&
            ` of ${told.nodes.toLocaleString("en-US")}, ${told.edges.toLocaleString("en-US")}`}
        </dd>
        {told && told.leftOut > 0 && (
          <>
            <dt>left out</dt>
            <dd>
              {(told.candidates - told.computed).toLocaleString("en-US")} of{" "}
              {told.candidates.toLocaleString("en-US")} features, heads and MLPs, with{" "}
              {formatPercent(told.leftOut)} of what comes to the logits: raise “most nodes”
            </dd>
          </>
        )}
        {shown.lostLinks > 0 && (
          <>
            <dt>lost</dt>
            <dd>{shown.lostLinks.toLocaleString("en-US")} links to nodes that the file lacks</dd>
          </>
        )}
      </dl>
      {from === "file" && (
        <p className="quiet">
          From a file: {graph.model}, “{graph.prompt.slice(0, 200)}”
        </p>
      )}
      <Slider
        label="Influence up to"
        min={0.05}
        max={graph.nodeShare}
        step={0.01}
        value={threshold}
        format={(v) => formatPercent(v)}
        onChange={(v) => setWanted(v >= graph.nodeShare ? 1 : Number(v.toFixed(2)))}
      />
      <div ref={box} className="graph-room">
        <MarksBar
          marks={marks}
          chosen={chosen}
          onGroup={(name) => {
            change(({ groups }) => ({
              groups: [
                ...groups
                  .map((group) => ({
                    ...group,
                    members: group.members.filter((id) => !chosen.includes(id)),
                  }))
                  .filter((group) => group.members.length > 0 && group.name !== name),
                {
                  name,
                  members: [
                    ...(groups.find((group) => group.name === name)?.members ?? []),
                    ...chosen,
                  ],
                },
              ],
            }));
            setChosen([]);
            toGraph();
          }}
          onUngroup={(name) => {
            change(({ groups }) => ({ groups: groups.filter((group) => group.name !== name) }));
            toGraph();
          }}
          onClear={() => {
            setChosen([]);
            toGraph();
          }}
          onShowAll={() => {
            change(() => ({ hidden: [] }));
            toGraph();
          }}
        />
        <Readout>
          {about === null
            ? "Point at a node to read it; click it for what comes in and goes out."
            : nodeWords(notes, view.nodes[about]!, graph.tokens)}
        </Readout>
        <FeatureGraphChart
          graph={view}
          tokens={graph.tokens}
          layers={graph.layers}
          name="Feature circuit"
          words={(i) => nodeWords(notes, view.nodes[i]!, graph.tokens)}
          selected={selected}
          chosen={new Set(chosen)}
          pinned={new Set(marks.pinned)}
          onSelect={pick}
          onPin={pin}
          onHide={hide}
          onChoose={choose}
          onName={toName}
          onStep={(way) => (way === "undo" ? undo() : redo())}
          onPoint={setPointed}
        />
      </div>
      <p className="quiet graph-keys">
        ■ token, logit · <span className="key-feature">●</span> feature ·{" "}
        <span className="key-head">▲</span> head · ▬ MLP · ◆ error. Ctrl-click pins, Shift-click
        groups; on the keyboard arrows, Enter, P, H, G, N to name the group, Ctrl+Z.
      </p>
      {selected !== null && (
        <NodeCard
          view={view}
          node={selected}
          tokens={graph.tokens}
          notes={notes}
          isOfBench={from === "bench"}
          isPinned={idsOf(selected).every((id) => marks.pinned.includes(id))}
          isChosen={chosen.includes(view.nodes[selected]!.id)}
          onSelect={pick}
          onPin={() => pin(selected)}
          onHide={() => {
            hide(selected);
            toGraph();
          }}
          onChoose={() => choose(selected)}
        />
      )}
    </Figure>
  );
}

const scoreWords = (score: number | null | undefined): string =>
  score === null || score === undefined ? "not told" : formatPercent(score);
