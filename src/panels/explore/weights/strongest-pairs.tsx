/** The strongest pairs of heads, of the selected head or of all: by keyboard as well, each head of a pair can be selected. */
import type { HeadEdge } from "../../../charts/head-edges.ts";
import { useChoice } from "../../../state/options-slice.ts";
import { formatWeight } from "../../../ui/format.ts";
import { Segmented } from "../../../ui/segmented.tsx";

export interface StrongestPairsProps {
  /** The strongest first. */
  edges: readonly HeadEdge[];
  unrelated: number;
  selected: number;
  nameOf: (head: number) => string;
  onEdge: (edge: HeadEdge | null) => void;
  onSelect: (head: number) => void;
}
const LISTED = 12;

export function StrongestPairs(props: StrongestPairsProps) {
  const { edges, unrelated, selected, nameOf, onEdge, onSelect } = props;
  const [whose, setWhose] = useChoice("weights.pairs", ["all", "own"]);
  const listed = edges
    .filter(({ from, to }) => whose === "all" || from === selected || to === selected)
    .slice(0, LISTED);
  return (
    <section className="strongest" aria-label="Strongest pairs">
      <Segmented
        label="Strongest pairs"
        value={whose}
        choices={[
          { value: "all", label: "All heads" },
          { value: "own", label: nameOf(selected) },
        ]}
        onChange={setWhose}
      />
      <table onPointerLeave={() => onEdge(null)}>
        <thead>
          <tr>
            <th scope="col">writes</th>
            <th scope="col">reads</th>
            <th scope="col">score</th>
            <th scope="col" title="Times what unrelated heads have">
              × unrelated
            </th>
          </tr>
        </thead>
        <tbody>
          {listed.map((edge) => (
            <tr
              key={`${edge.from}-${edge.to}`}
              onPointerEnter={() => onEdge(edge)}
              onFocus={() => onEdge(edge)}
              onBlur={() => onEdge(null)}
            >
              {[edge.from, edge.to].map((head) => (
                <td key={head}>
                  <button
                    type="button"
                    className="button inline mono"
                    aria-pressed={head === selected}
                    onClick={() => onSelect(head)}
                  >
                    {nameOf(head)}
                  </button>
                </td>
              ))}
              <td className="mono">{formatWeight(edge.value)}</td>
              <td className="mono">{(edge.value / unrelated).toFixed(2)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {listed.length === 0 && <p className="quiet">No pair with this head is known.</p>}
    </section>
  );
}
