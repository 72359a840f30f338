/** The selected node: its facts, what comes in and goes out, and the ways to go on from it. */
import { useState } from "react";
import { type Connection, connections, type ShownGraph } from "../../../charts/feature-graph.ts";
import type { EditTarget } from "../../../core/bench-edit.ts";
import type { GraphNode } from "../../../core/feature-circuit.ts";
import { useLab } from "../../../state/context.ts";
import { Button } from "../../../ui/button.tsx";
import { formatPercent } from "../../../ui/format.ts";
import { tokenText } from "../../../ui/token-text.ts";
import { type NotesBySae, nodeWords, shownName } from "./words.tsx";

interface NodeCardProps {
  view: ShownGraph;
  node: number;
  tokens: readonly string[];
  notes: NotesBySae;
  /** What was read from a file may be of another model. */
  isOfBench: boolean;
  isPinned: boolean;
  isChosen: boolean;
  onSelect: (node: number) => void;
  onPin: () => void;
  onHide: () => void;
  onChoose: () => void;
}

export function NodeCard(props: NodeCardProps) {
  const { view, node, tokens, notes, isOfBench } = props;
  const shown = view.nodes[node]!;
  const { inputs, outputs } = connections(view, node);
  return (
    <section className="node-card" aria-label="Selected node">
      <h3 className="small-title">{shownName(notes, shown)}</h3>
      <p>{nodeWords(notes, shown, tokens)}</p>
      {!shown.node && (
        <ul className="node-members">
          {shown.members.map((member) => (
            <li key={member.id}>
              {nodeWords(
                notes,
                {
                  ...shown,
                  kind: member.kind,
                  node: member,
                  pos: member.pos,
                  influence: member.influence,
                },
                tokens,
              )}
            </li>
          ))}
        </ul>
      )}
      <div className="row">
        {isOfBench && shown.node && <GoOn node={shown.node} />}
        <Button onClick={props.onPin}>{props.isPinned ? "Unpin" : "Pin"}</Button>
        {shown.node && (
          <Button onClick={props.onChoose}>
            {props.isChosen ? "Not in the group" : "Into a group"}
          </Button>
        )}
        {shown.kind !== "logit" && <Button onClick={props.onHide}>Hide</Button>}
      </div>
      <div className="two-lists">
        <Connections title="Comes in" {...props} list={inputs} />
        <Connections title="Goes out" {...props} list={outputs} />
      </div>
    </section>
  );
}

/** The feature's dashboard, a steering row, an edit on the bench. */
function GoOn({ node }: { node: GraphNode }) {
  const { kind, layer, pos, index, sae } = node;
  const openFeature = useLab((s) => s.openFeature);
  const setLab = useLab((s) => s.setLab);
  const addEdit = useLab((s) => s.addEdit);
  const addSteer = useLab((s) => s.addSteer);
  const selectHead = useLab((s) => s.selectHead);
  const target: EditTarget | null =
    kind === "feature" && sae !== null
      ? { kind, sae, feature: index }
      : kind === "head"
        ? { kind, layer, head: index }
        : kind === "mlp"
          ? { kind, layer }
          : null;
  return (
    <>
      {kind === "feature" && sae !== null && (
        <>
          <Button
            kind="primary"
            onClick={() => {
              setLab("features");
              void openFeature(sae, index);
            }}
          >
            Open its dashboard
          </Button>
          <Button
            onClick={() => {
              addSteer(index, sae);
              setLab("steer");
            }}
          >
            Steer
          </Button>
        </>
      )}
      {kind === "head" && (
        <Button onClick={() => selectHead({ layer, head: index })}>Show in the inspector</Button>
      )}
      {target && (
        <Button
          title="An edit at the foot of the window, at this position"
          onClick={() => addEdit({ target, op: "zero", amount: 0, pos })}
        >
          Ablate here
        </Button>
      )}
    </>
  );
}

const FIRST = 12; // connections shown at once

interface ConnectionsProps extends NodeCardProps {
  title: string;
  list: readonly Connection[];
}
function Connections({ title, list, view, tokens, notes, onSelect }: ConnectionsProps) {
  const [all, setAll] = useState(false);
  const rows = all ? list : list.slice(0, FIRST);
  return (
    <section>
      <h4 className="small-title">
        {title} <span className="quiet">{list.length}</span>
      </h4>
      {list.length === 0 && <p className="quiet">Nothing that is shown.</p>}
      <ol className="connections">
        {rows.map(({ node, weight, share }) => {
          const other = view.nodes[node]!;
          return (
            <li key={other.id}>
              <button type="button" className="connection" onClick={() => onSelect(node)}>
                <span className="connection-name">
                  {shownName(notes, other)}{" "}
                  <span className="quiet mono">{tokenText(tokens[other.pos] ?? "")}</span>
                </span>
                <span className={`mono ${weight < 0 ? "minus" : "plus"}`}>
                  {weight < 0 ? "−" : "+"}
                  {Math.abs(weight).toPrecision(3)}
                </span>
                <span className="quiet mono">{formatPercent(share)}</span>
              </button>
            </li>
          );
        })}
      </ol>
      {list.length > FIRST && (
        <Button kind="quiet" onClick={() => setAll(!all)}>
          {all ? `The strongest ${FIRST}` : `All ${list.length}`}
        </Button>
      )}
    </section>
  );
}
