/** What is known of the pair that is pointed at or locked: one column a side, and the difference. */
import type { AttentionFacts } from "../../../core/attention.ts";
import { attentionPython } from "../../../python/attention.ts";
import { useRunFacts } from "../../../state/run-facts.ts";
import { useLab } from "../../../state/context.ts";
import type { Sides } from "../../../state/figures-slice.ts";
import { type HeadId, shownCell } from "../../../state/view-slice.ts";
import { Button } from "../../../ui/button.tsx";
import { Figure } from "../../../ui/figure.tsx";
import { formatSigned } from "../../../ui/format.ts";
import { Token } from "../../../ui/token.tsx";
import { tokenLabels } from "../../../ui/token-text.ts";
import { useAligned } from "../use-aligned.ts";
import {
  PAIR_QUANTITIES,
  type Pair,
  pairOf,
  type PairQuantity,
} from "../../../charts/attention-pair.ts";
import { WHAT_PAIR } from "./what.ts";
import { useDrawingNames } from "./use-drawings.ts";

export function PairFacts({ facts, head }: { facts: Sides<AttentionFacts>; head: HeadId }) {
  const cell = useLab(shownCell);
  const locked = useLab((s) => s.lock !== null);
  const unlock = useLab((s) => s.unlock);
  const names = useDrawingNames();
  const runFacts = useRunFacts();
  const { pairs } = useAligned(facts);
  const ofB = (position: number) => pairs.find((pair) => pair.a === position)?.b ?? null;
  const labels = tokenLabels(facts.a.tokens.strings);
  const [query, key] = [cell && labels[cell.q], cell && labels[cell.k]];
  const known = cell && query && key && cell.k <= cell.q ? cell : null;
  const [q, k] = [known && ofB(known.q), known && ofB(known.k)];
  const a = known && pairOf(facts.a, head, known.q, known.k);
  const b = facts.b && q !== null && k !== null ? pairOf(facts.b, head, q, k) : null;
  return (
    <Figure
      title="This pair"
      what={WHAT_PAIR}
      name="attention-pair"
      table={() => ({
        columns: ["quantity", ...(facts.b ? [names.a, names.b] : ["value"])],
        rows: PAIR_QUANTITIES.map(({ name, value }) => [
          name,
          a && value(a),
          ...(facts.b ? [b && value(b)] : []),
        ]),
      })}
      python={() => attentionPython(runFacts(), { shown: "output", of: head })}
      controls={locked ? <Button onClick={unlock}>Unlock (Esc)</Button> : undefined}
    >
      <p className="readout">
        {known ? (
          <>
            <Token token={query!} /> <span className="quiet">→</span> <Token token={key!} />
          </>
        ) : (
          <span className="quiet">point at a cell; a click locks it</span>
        )}
      </p>
      <table className="pair-facts">
        {facts.b && (
          <thead>
            <tr>
              <th scope="col">
                <span className="visually-hidden">quantity</span>
              </th>
              <th scope="col">{names.a}</th>
              <th scope="col">{names.b}</th>
              <th scope="col">b − a</th>
            </tr>
          </thead>
        )}
        <tbody>
          {PAIR_QUANTITIES.map((quantity) => (
            <tr key={quantity.name} title={quantity.means}>
              <th scope="row">{quantity.name}</th>
              <Cell pair={a} quantity={quantity} />
              {facts.b && <Cell pair={b} quantity={quantity} />}
              {facts.b && (
                <td>{a && b ? formatSigned(quantity.value(b) - quantity.value(a), 3) : ""}</td>
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </Figure>
  );
}

function Cell({ pair, quantity }: { pair: Pair | null; quantity: PairQuantity }) {
  return <td>{pair && quantity.value(pair).toFixed(3).replace("-", "−")}</td>;
}
