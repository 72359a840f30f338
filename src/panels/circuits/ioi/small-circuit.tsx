/** The circuit of a step, to look at; it is changed in Discover. */
import { useMemo, useRef, useState } from "react";
import { CircuitGraph, type GraphChoice } from "../../../charts/circuit-graph.tsx";
import { circuitLayout } from "../../../charts/circuit-layout.ts";
import { isLoss } from "../../../core/acdc.ts";
import { PLAIN_VIEW } from "../../../core/circuit-view.ts";
import { type FoundCircuit, graphOf } from "../../../core/found-circuit.ts";
import { useLab } from "../../../state/context.ts";
import { useRem } from "../../../ui/use-rem.ts";
import { useSize } from "../../../ui/use-size.ts";
import { metricText } from "../words.ts";

interface Props {
  circuit: FoundCircuit;
  /** The published class of a head; null without one. */
  classOf: (head: { layer: number; head: number }) => string | null;
}

export function SmallCircuit({ circuit, classOf }: Props) {
  const { n_layer, n_head, mask, scores, metric, view = PLAIN_VIEW } = circuit;
  const selectHead = useLab((s) => s.selectHead);
  const [choice, setChoice] = useState<GraphChoice | null>(null);
  const box = useRef<HTMLDivElement>(null);
  const room = useSize(box)?.width ?? 0;
  const rem = useRem(1);
  const graph = useMemo(() => graphOf({ n_layer, n_head }), [n_layer, n_head]);
  const layout = useMemo(
    () => circuitLayout({ graph, mask, scores, view, room, rem }),
    [graph, mask, scores, view, room, rem],
  );
  const helps = (score: number) => (isLoss(metric) ? score > 0 : score < 0);
  const headOf = (id: string) => {
    const [, layer, head] = /^a(\d+)\.h(\d+)$/.exec(id) ?? [];
    return layer === undefined ? null : { layer: Number(layer), head: Number(head) };
  };
  const published = layout.nodes.flatMap(({ id }) => {
    const head = headOf(id);
    return head && classOf(head) !== null ? [id] : [];
  });
  return (
    <div ref={box} className="circuit-room">
      {published.length > 0 && (
        <p className="quiet">A thick border: {published.length} of the paper’s heads.</p>
      )}
      {room > 0 && (
        <CircuitGraph
          layout={layout}
          name={circuit.name}
          helps={helps}
          choice={choice}
          onChoose={setChoice}
          bold={published}
          onOpen={({ kind, id }) => {
            const head = kind === "node" ? headOf(id) : null;
            if (head) selectHead(head);
          }}
          editing={null}
          edgeWords={({ id, score }) =>
            score === null
              ? id
              : `${id}: ${metricText(score)}, ${helps(score) ? "helps" : "works against it"}`
          }
          nodeWords={({ id, label }) => {
            const head = headOf(id);
            const known = head && classOf(head);
            return `${head ? `head ${label}` : label}${known ? `: ${known} in the paper` : ""}`;
          }}
        />
      )}
    </div>
  );
}
