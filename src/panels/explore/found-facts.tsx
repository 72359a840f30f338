/** The numbers of a search in one line: what was read, and how its values spread. */
import { activationWords } from "../../charts/example.ts";
import type { Found } from "../../core/direction.ts";

export function FoundFacts({ found }: { found: Found }) {
  const { tokens, contexts, mean, deviation, least, most, hook, difference } = found;
  const number = (value: number | null) =>
    value === null ? "–" : value === 0 ? "0" : activationWords(value);
  const facts: [string, string, string?][] = [
    ["read at", hook],
    ["tokens", tokens.toLocaleString("en-US"), "without the first of each context"],
    ["contexts", contexts.toLocaleString("en-US")],
    ["mean", number(mean)],
    ["standard deviation", number(deviation), "√(Σ(v − mean)² / n)"],
    ["smallest", number(least)],
    ["largest", number(most)],
  ];
  if (difference) {
    facts.push(["means apart", number(difference.length), "‖mean₊ − mean₋‖ before it is made 1"]);
  }
  return (
    <dl className="found-facts">
      {facts.map(([name, value, title]) => (
        <div key={name} title={title}>
          <dt>{name}</dt>
          <dd className="mono">{value}</dd>
        </div>
      ))}
    </dl>
  );
}
