/** All scored edges, the strongest first, page by page: which are in the circuit, and put in or taken out by hand. */
import { useMemo, useState } from "react";
import { type CircuitGraph, edgeName, type EdgeMask } from "../../../core/circuit.ts";
import { Button } from "../../../ui/button.tsx";

interface TableProps {
  graph: CircuitGraph;
  mask: EdgeMask;
  scores: Float64Array | null;
  scoreWords: (score: number | null) => string;
  onSet: (edge: number, kept: boolean) => void;
}
const PAGE = 25;

export function EdgeTable({ graph, mask, scores, scoreWords, onSet }: TableProps) {
  const [open, setOpen] = useState(false);
  const [page, setPage] = useState(0);
  const [filter, setFilter] = useState("");
  const ranked = useMemo(() => {
    if (!open) return [];
    const size = (edge: number) => Math.abs(scores?.[edge] ?? NaN);
    const edges = [...mask.keys()].filter((edge) => mask[edge] === 1 || !Number.isNaN(size(edge)));
    const rank = (edge: number) => (Number.isNaN(size(edge)) ? Infinity : size(edge));
    return edges.sort((a, b) => (rank(a) === rank(b) ? a - b : rank(b) - rank(a)));
  }, [open, mask, scores]);
  const text = filter.trim().toLowerCase();
  const found = useMemo(
    () => (text === "" ? ranked : ranked.filter((edge) => edgeName(graph, edge).includes(text))),
    [ranked, text, graph],
  );
  const pages = Math.max(1, Math.ceil(found.length / PAGE));
  const at = Math.min(page, pages - 1);
  return (
    <details className="edge-table" onToggle={(e) => setOpen(e.currentTarget.open)}>
      <summary>All edges</summary>
      <div className="row">
        <input
          className="input mono"
          aria-label="Edges whose name has"
          placeholder="a3.h1"
          value={filter}
          onChange={(e) => {
            setFilter(e.target.value);
            setPage(0);
          }}
        />
        <Button kind="quiet" disabled={at === 0} onClick={() => setPage(at - 1)}>
          Stronger
        </Button>
        <Button kind="quiet" disabled={at >= pages - 1} onClick={() => setPage(at + 1)}>
          Weaker
        </Button>
        <span className="quiet" role="status">
          {found.length === 0
            ? "no such edge"
            : `${at * PAGE + 1} – ${Math.min(found.length, (at + 1) * PAGE)} of ${found.length.toLocaleString("en-US")}`}
        </span>
      </div>
      <table>
        <thead>
          <tr>
            <th scope="col">In it</th>
            <th scope="col">Edge</th>
            <th scope="col">Score</th>
          </tr>
        </thead>
        <tbody>
          {found.slice(at * PAGE, (at + 1) * PAGE).map((edge) => {
            const score = scores?.[edge] ?? NaN;
            const name = edgeName(graph, edge);
            return (
              <tr key={edge}>
                <td>
                  <input
                    type="checkbox"
                    aria-label={`${name} is in the circuit`}
                    checked={mask[edge] === 1}
                    onChange={(e) => onSet(edge, e.target.checked)}
                  />
                </td>
                <td className="mono">{name}</td>
                <td>{scoreWords(Number.isNaN(score) ? null : score)}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </details>
  );
}
