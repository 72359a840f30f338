/** What is turned up or down: the rows, how attention is treated, undo and redo. */
import type { SteerAttention } from "../../core/steer.ts";
import { sourceHook, sourceName } from "../../core/steer.ts";
import { useLab } from "../../state/context.ts";
import { useChoice } from "../../state/options-slice.ts";
import { factsOf } from "../../state/steer-slice.ts";
import { IconButton } from "../../ui/button.tsx";
import { Figure } from "../../ui/figure.tsx";
import { Segmented } from "../../ui/segmented.tsx";
import { AddRow } from "./add-row.tsx";
import { LinkNote } from "./link-note.tsx";
import { SteerRow } from "./steer-row.tsx";
import { useSteerPython } from "./use-steer-python.ts";

export function Rows() {
  const rows = useLab((s) => s.steerRows);
  const clear = useLab((s) => s.clearSteer);
  const shown = useLab((s) => s.shownSteered);
  const { past, future } = useLab((s) => s.undoneSteer);
  const undo = useLab((s) => s.undoSteer);
  const redo = useLab((s) => s.redoSteer);
  const [attention, setAttention] = useChoice("steer.attention", ["free", "frozen"]);
  const python = useSteerPython();
  return (
    <Figure
      title="Steering"
      name="steering"
      table={() => ({
        columns: ["direction", "hook", "mode", "c", "at", "on", "‖Δ‖/‖x‖", "reading at the end"],
        rows: rows.map((row, i) => {
          const facts = factsOf({ shownSteered: shown }, row, i);
          const hook =
            row.source.kind === "feature" ? (facts?.hook ?? null) : sourceHook(row.source);
          const at = typeof row.at === "string" ? row.at : row.at.join(" ");
          return [
            ...[sourceName(row.source), hook, row.mode, row.mode === "ablate" ? null : row.amount],
            ...[at, row.on ? "yes" : "no", facts?.change?.ratio ?? null, facts?.reading ?? null],
          ];
        }),
      })}
      python={python.next}
      what={WHAT}
      controls={
        <>
          <IconButton
            icon="undo"
            label="Undo the last change of a row"
            disabled={past.length === 0}
            onClick={undo}
          />
          <IconButton icon="redo" label="Redo" disabled={future.length === 0} onClick={redo} />
          <IconButton
            icon="trash"
            label="Remove all rows"
            disabled={rows.length === 0}
            onClick={clear}
          />
        </>
      }
    >
      {rows.length > 0 && (
        <ul className="steer-rows" aria-label="Steered directions">
          {rows.map((row, index) => (
            <SteerRow key={`${index} ${sourceName(row.source)}`} row={row} index={index} />
          ))}
        </ul>
      )}
      {rows.length > 0 && (
        <div className="row">
          <span className="quiet">Attention</span>
          <Segmented<SteerAttention>
            label="Attention of the steered run"
            value={attention}
            onChange={setAttention}
            choices={[
              {
                value: "free",
                label: "Free",
                title: "It follows from what steering makes of the run",
              },
              {
                value: "frozen",
                label: "Frozen",
                title: "Every token attends as in the unsteered model reading the same tokens",
              },
            ]}
          />
          <LinkNote />
        </div>
      )}
      <AddRow first={rows.length === 0} />
    </Figure>
  );
}

const WHAT = {
  words: (
    <>
      <p>
        Each row is a direction d at a hook point, and a reading r of the value x there: of a
        feature its activation f(x), of any other direction x·d with d of length 1. All rows at one
        hook point read the same x, and what they change adds up.
      </p>
      <p>
        Clamp sets what the autoencoder decodes of a feature to c·d, as SAELens and circuit-tracer
        do. Read again it need not be c: encoder and decoder are two directions.
      </p>
      <p>
        ‖Δ‖/‖x‖ is how long a row’s change is beside the unsteered residual stream where it arrives,
        at the token where that is most. Beyond 1 the stream is more steering than text, and what
        the model writes says little of the feature.
      </p>
      <p>
        <strong>Attention frozen</strong>: every token, the generated ones too, attends as it would
        in the unsteered model reading the same tokens.
      </p>
    </>
  ),
  formula: [
    "add       x + c·d              clamp    x + (c − r)·d",
    "multiply  x + (c − 1)·r·d      ablate   x − r·d",
    "replace   x − (x·d̂)d̂ + c·d̂     d̂ = d/‖d‖",
    "at most   x + (min(c, x·d̂) − x·d̂)·d̂      at least: max",
  ].join("\n"),
  source:
    "Of a feature d = W_dec[f], at the autoencoder’s hook. Multiply of a unit vector is Neuronpedia’s ORTHOGONAL_DECOMP, at most its PROJECTION_CAP, add its SIMPLE_ADDITIVE.",
};
