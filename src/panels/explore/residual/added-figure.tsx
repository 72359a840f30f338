/** What each part adds at every position: its length, its direction against the stream, its share of the final stream. */
import type { StreamFacts } from "../../../core/residual.ts";
import { useLab } from "../../../state/context.ts";
import { residualPython } from "../../../python/residual.ts";
import type { Sides } from "../../../state/figures-slice.ts";
import { useChoice } from "../../../state/options-slice.ts";
import { positionIn } from "../../../state/prompt-slice.ts";
import type { What } from "../../../ui/figure.tsx";
import { useRunFacts } from "../../../state/run-facts.ts";
import { Segmented } from "../../../ui/segmented.tsx";
import { useComponentRow } from "../component-row.ts";
import { PositionsFigure } from "../positions-figure.tsx";
import { WHAT_ADDED, WHAT_ALONG, WHAT_SHARE } from "./what.ts";

interface Shown {
  label: string;
  /** Of the figure. */
  heading: string;
  title: string;
  what: What;
  quantity: string;
  values: (facts: StreamFacts) => Float32Array;
  digits: number;
  emptyBecause?: string;
  absent?: number;
}
const SHOWN = {
  length: {
    label: "Length",
    heading: "Length of what is added",
    title: "‖y‖₂ of each part",
    what: WHAT_ADDED,
    quantity: "norm",
    values: ({ componentNorms }) => componentNorms.data,
    digits: 2,
  },
  along: {
    label: "Along the stream",
    heading: "What is added, against what is there",
    title: "Cosine of each part with the stream that it is added to",
    what: WHAT_ALONG,
    quantity: "cosine",
    values: ({ componentCosines }) => componentCosines.data,
    digits: 3,
    emptyBecause:
      "nothing to compare: embed comes first, edits and a part of length 0 have no direction",
    absent: NaN,
  },
  share: {
    label: "Share of the end",
    heading: "Share of the final stream",
    title: "Of the final stream, measured along it",
    what: WHAT_SHARE,
    quantity: "share",
    values: ({ componentShares }) => componentShares.data,
    digits: 3,
    emptyBecause: "the final stream is 0",
  },
} as const satisfies Record<"length" | "along" | "share", Shown>;

export function AddedFigure({ sides }: { sides: Sides<StreamFacts> }) {
  const [show, setShow] = useChoice("residual.added", ["length", "along", "share"]);
  const position = useLab(positionIn(sides.a.tokens));
  const row = useComponentRow();
  const runFacts = useRunFacts();
  const shown: Shown = SHOWN[show];
  const { heading, what, quantity, values, digits, emptyBecause, absent } = shown;
  return (
    <PositionsFigure
      {...{ what, quantity, values, digits }}
      {...(emptyBecause !== undefined && { emptyBecause })}
      {...(absent !== undefined && { absent })}
      title={heading}
      name={`residual-added-${show}`}
      sides={sides}
      rows={({ components }) => components}
      signed={show !== "length"}
      {...row}
      python={() => residualPython(runFacts(), show === "length" ? "added" : show)}
      controls={
        <Segmented
          label="What of the parts"
          value={show}
          choices={(["length", "along", "share"] as const).map((value) => ({
            value,
            label: SHOWN[value].label,
            title: SHOWN[value].title,
          }))}
          onChange={setShow}
        />
      }
    >
      {show === "share" && position !== null && (
        <p className="quiet">{shareSum(sides.a, position)}</p>
      )}
    </PositionsFigure>
  );
}

/** "At position 4 the shares sum to 1.000000 (off by 2e-7: float32 rounding)." */
function shareSum({ componentShares: { data, dims } }: StreamFacts, position: number): string {
  const [C, T] = dims as [number, number];
  let sum = 0;
  for (let c = 0; c < C; c++) sum += data[c * T + position]!;
  return Number.isNaN(sum)
    ? "The final stream is 0 there: nothing has a share of it."
    : `At position ${position} the shares sum to ${sum.toFixed(6)} (off by ${Math.abs(sum - 1).toExponential(0)}: float32 rounding).`;
}
