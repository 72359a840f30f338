/** The edges of a circuit that was found, strongest first, as they are tested; they are changed in Discover. */
import { edgeName } from "../../../core/circuit.ts";
import { type FoundCircuit, graphOf } from "../../../core/found-circuit.ts";
import { useLab } from "../../../state/context.ts";
import { Button } from "../../../ui/button.tsx";
import { metricText, metricWords } from "../words.ts";

interface EdgeListProps {
  found: FoundCircuit;
  edges: readonly number[];
}

export function EdgeList({ found, edges }: EdgeListProps) {
  const setOptions = useLab((s) => s.setOptions);
  const show = useLab((s) => s.showCircuit);
  const graph = graphOf(found);
  const scoreOf = (edge: number) => found.scores?.[edge] ?? NaN;
  const size = (edge: number) => Math.abs(scoreOf(edge)) || 0;
  const { unit } = metricWords(found.metric, found.formula);
  return (
    <div className="edge-list">
      <div className="edge-list-room" tabIndex={0} role="group" aria-label="Edges of the circuit">
        <table>
          <thead>
            <tr>
              <th scope="col">Edge</th>
              <th scope="col">Score{unit && `, ${unit}`}</th>
            </tr>
          </thead>
          <tbody>
            {[...edges]
              .sort((a, b) => size(b) - size(a))
              .map((edge) => (
                <tr key={edge}>
                  <td className="mono">{edgeName(graph, edge)}</td>
                  <td className="mono">
                    {Number.isNaN(scoreOf(edge)) ? "–" : metricText(scoreOf(edge))}
                  </td>
                </tr>
              ))}
          </tbody>
        </table>
      </div>
      <Button
        kind="quiet"
        onClick={() => {
          show(found.id);
          setOptions({ "circuits.part": "discover" });
        }}
      >
        Change it in Discover
      </Button>
    </div>
  );
}
