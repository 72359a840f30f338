/** Pairs of singular directions as tokens: one with its numbers, and all of them at a glance. */
import { EffectBars } from "../../../charts/effect-bars.tsx";
import type { Circuit, SingularPair, TokenEnd } from "../../../core/weights.ts";
import { Token } from "../../../ui/token.tsx";

type SideNames = Readonly<Record<"u" | "v", string>>;
const SIDE = ["u", "v"] as const;
const END = ["plus", "minus"] as const;
const SIGN = { plus: "+", minus: "−" } as const;

/** The four ends of a pair, with their dot products. */
export function PairEnds({
  pair,
  index,
  sides,
}: {
  pair: SingularPair;
  index: number;
  sides: SideNames;
}) {
  return (
    <section className="pair-ends" aria-label={`Pair ${index} as tokens`}>
      {END.map((end) =>
        SIDE.map((side) => {
          const most = Math.max(
            ...END.flatMap((each) => pair[side][each].values.map((x) => Math.abs(x))),
          );
          return (
            <EffectBars
              key={`${side}-${end}`}
              caption={`${sides[side]}, ${SIGN[end]} end`}
              measure="dot product"
              effects={effects(pair[side][end])}
              scale={most}
            />
          );
        }),
      )}
    </section>
  );
}

const effects = ({ ids, strings, values }: TokenEnd) =>
  ids.map((id, i) => ({ id, string: strings[i]!, effect: values[i]! }));

const GLANCE = 6; // tokens of an end

/** Every pair in two lines: + with +, − with −. */
export function PairTable({
  circuit,
  sides,
  selected,
  onSelect,
}: {
  circuit: Circuit;
  sides: SideNames;
  selected: number;
  onSelect: (i: number) => void;
}) {
  return (
    <div className="pair-table-room" tabIndex={0} role="group" aria-label="The first pairs">
      <table className="pair-table">
        <thead>
          <tr>
            <th scope="col">pair</th>
            <th scope="col">σ</th>
            <th scope="col">end</th>
            <th scope="col">{sides.u}</th>
            <th scope="col">{sides.v}</th>
          </tr>
        </thead>
        {circuit.pairs.map((pair, i) => (
          <tbody key={i} className={i === selected ? "selected" : undefined}>
            {END.map((end) => (
              <tr key={end}>
                {end === "plus" && (
                  <>
                    <th scope="rowgroup" rowSpan={2}>
                      <button
                        type="button"
                        className="button"
                        aria-pressed={i === selected}
                        aria-label={`Pair ${i}`}
                        onClick={() => onSelect(i)}
                      >
                        {i}
                      </button>
                    </th>
                    <td rowSpan={2} className="mono">
                      {circuit.singularValues[i]!.toPrecision(3)}
                    </td>
                  </>
                )}
                <td className="mono">{SIGN[end]}</td>
                {SIDE.map((side) => (
                  <td key={side}>
                    <span className="pair-tokens">
                      {pair[side][end].strings.slice(0, GLANCE).map((token, t) => (
                        <Token key={t} token={token} />
                      ))}
                    </span>
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        ))}
      </table>
    </div>
  );
}
