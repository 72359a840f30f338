/** What is chosen in the graph: a node's edges, or an edge's ends and score, and what can be done with it. */
import type { GraphChoice } from "../../../charts/circuit-graph.tsx";
import type { CircuitLayout, DrawnEdge } from "../../../charts/circuit-layout.ts";
import { useLab } from "../../../state/context.ts";
import { Button, IconButton } from "../../../ui/button.tsx";

interface ChoiceProps {
  choice: GraphChoice;
  layout: CircuitLayout;
  marked: boolean;
  /** A prompt to show a head's pattern on. */
  prompt: string | null;
  scoreWords: (score: number | null) => string;
  onOpen: (choice: GraphChoice) => void;
  onRemove: () => void;
  onHide: () => void;
  onUnpin: (() => void) | null;
  onMark: () => void;
  onUngroup: (() => void) | null;
  onClose: () => void;
}
const LISTED = 12;

export function CircuitChoice(props: ChoiceProps) {
  const { choice, layout, scoreWords, onOpen } = props;
  const setText = useLab((s) => s.setText);
  const setView = useLab((s) => s.setExploreView);
  const edge = choice.kind === "edge" ? layout.edges.find(({ id }) => id === choice.id) : undefined;
  const node = choice.kind === "node" ? layout.nodes.find(({ id }) => id === choice.id) : undefined;
  const isFixed = node?.kind === "input" || node?.kind === "logits";
  const strongest = (edges: readonly DrawnEdge[]) =>
    [...edges].sort((a, b) => Math.abs(b.score ?? 0) - Math.abs(a.score ?? 0));
  const toNode = (id: string) => (
    <Button kind="quiet" onClick={() => onOpen({ kind: "node", id })}>
      {id}
    </Button>
  );
  return (
    <section className="circuit-choice" aria-label={`Chosen: ${choice.id}`}>
      <div className="row">
        <strong className="mono">{node?.label ?? choice.id}</strong>
        {node?.kind === "head" && props.prompt !== null && (
          <Button
            kind="quiet"
            icon="explore"
            title="Explore shows the head’s pattern on the task’s first clean prompt"
            onClick={() => {
              setText(props.prompt!);
              setView("attention");
            }}
          >
            Its pattern
          </Button>
        )}
        {node && !isFixed && (
          <>
            <Button kind="quiet" aria-pressed={props.marked} onClick={props.onMark}>
              {props.marked ? "Unmark" : "Mark to group"}
            </Button>
            <Button kind="quiet" onClick={props.onHide}>
              Hide
            </Button>
          </>
        )}
        {props.onUngroup && (
          <Button kind="quiet" onClick={props.onUngroup}>
            Ungroup
          </Button>
        )}
        {props.onUnpin && (
          <Button kind="quiet" onClick={props.onUnpin}>
            Unpin
          </Button>
        )}
        {!isFixed && (
          <Button kind="quiet" icon="trash" onClick={props.onRemove}>
            Take out
          </Button>
        )}
        <IconButton icon="close" label="Close what is chosen" onClick={props.onClose} />
      </div>
      {node && node.members.length > 0 && <p className="mono">{node.members.join(", ")}</p>}
      {edge && (
        <p>
          {toNode(edge.from)} → {toNode(edge.to)}
          {edge.channel && ` by ${edge.channel}`}: {scoreWords(edge.score)}
          {edge.edges.length > 1 && `; ${edge.edges.length} edges`}
        </p>
      )}
      {node && (
        <div className="circuit-ends">
          <Ends
            title="Reads"
            edges={strongest(layout.edges.filter(({ to }) => to === node.id))}
            count={node.into}
            name={({ from, channel }) => `${from}${channel ? ` by ${channel}` : ""}`}
            {...{ onOpen, scoreWords }}
          />
          <Ends
            title="Is read by"
            edges={strongest(layout.edges.filter(({ from }) => from === node.id))}
            count={node.out}
            name={({ to, channel }) => `${to}${channel ? ` by ${channel}` : ""}`}
            {...{ onOpen, scoreWords }}
          />
        </div>
      )}
    </section>
  );
}

interface EndsProps {
  title: string;
  /** Those that are drawn, the strongest first; and how many there are. */
  edges: readonly DrawnEdge[];
  count: number;
  name: (edge: DrawnEdge) => string;
  onOpen: (choice: GraphChoice) => void;
  scoreWords: (score: number | null) => string;
}
function Ends({ title, edges, count, name, onOpen, scoreWords }: EndsProps) {
  if (count === 0) return null;
  const listed = edges.slice(0, LISTED);
  const others = count - listed.length;
  return (
    <div>
      <h3 className="small-title">{title}</h3>
      <ul>
        {listed.map((edge) => (
          <li key={edge.id}>
            <Button kind="quiet" onClick={() => onOpen({ kind: "edge", id: edge.id })}>
              {name(edge)}
            </Button>{" "}
            <span className="quiet">{scoreWords(edge.score)}</span>
          </li>
        ))}
      </ul>
      {others > 0 && <p className="quiet">and {others} weaker ones</p>}
    </div>
  );
}
