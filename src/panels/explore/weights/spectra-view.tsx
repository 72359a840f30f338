/** Copying and matching scores: every head's, and the eigenvalues of one. */
import { useMemo, useState } from "react";
import { headName } from "../../../charts/head-units.ts";
import { ComplexPlane } from "../../../charts/complex-plane.tsx";
import { Matrix } from "../../../charts/matrix.tsx";
import type { MatrixCell } from "../../../charts/matrix-cells.ts";
import type { VocabularySpectra } from "../../../core/weights.ts";
import { spectraPython } from "../../../python/weights.ts";
import { useLab } from "../../../state/context.ts";
import { useChoice } from "../../../state/options-slice.ts";
import { useRunFacts } from "../../../state/run-facts.ts";
import { Figure, Readout } from "../../../ui/figure.tsx";
import { formatSigned } from "../../../ui/format.ts";
import { Segmented } from "../../../ui/segmented.tsx";
import { WhenAsked } from "../asked-state.tsx";
import { HeadPicker, type Sizes, useShownHead } from "./head-picker.tsx";
import { StudyState } from "./study-state.tsx";
import { useStoppable } from "./use-stoppable.ts";
import { WHAT_COPYING, WHAT_EIGENVALUES, WHAT_MATCHING } from "./what.ts";

const CIRCUITS = ["ov", "qk"] as const;
const SCORE = { ov: "copying score", qk: "matching score" } as const;

export function SpectraView(sizes: Sizes) {
  const basis = useLab((s) => s.basis);
  const study = useStoppable("vocabularySpectra", { basis });
  const [circuit, setCircuit] = useChoice("weights.circuit", CIRCUITS);
  const { asked, stopped } = study;
  return (
    <>
      <div className="row">
        <Segmented
          label="Circuit"
          value={circuit}
          choices={[
            { value: "ov", label: "OV: copying", title: "Does it copy what it attends to?" },
            { value: "qk", label: "QK: matching", title: "Does it attend to the same token?" },
          ]}
          onChange={setCircuit}
        />
        <StudyState study={study} />
      </div>
      {(!stopped || asked.shown) && (
        <WhenAsked asked={asked} what="Copying scores">
          {(shown) => (
            <div className="weights-pair">
              <ScoresFigure spectra={shown} circuit={circuit} />
              <EigenvaluesFigure spectra={shown} circuit={circuit} sizes={sizes} />
            </div>
          )}
        </WhenAsked>
      )}
    </>
  );
}

interface SpectraProps {
  spectra: VocabularySpectra;
  circuit: (typeof CIRCUITS)[number];
}
const UNIT = { low: -1, high: 1 };
const scoreWords = (score: number | null | undefined): string =>
  score === null || score === undefined ? "none, all eigenvalues are 0" : formatSigned(score, 3);

function ScoresFigure({ spectra, circuit }: SpectraProps) {
  const { layers, heads } = spectra;
  const { scores } = spectra[circuit];
  const head = useShownHead({ layers, heads });
  const selectHead = useLab((s) => s.selectHead);
  const facts = useRunFacts();
  const [cell, setCell] = useState<MatrixCell | null>(null);
  const values = useMemo(() => Float32Array.from(scores, (score) => score ?? NaN), [scores]);
  const words = ({ row, column }: MatrixCell) =>
    `${headName({ layer: row, head: column })}: ${SCORE[circuit]} ${scoreWords(scores[row * heads + column])}`;
  return (
    <Figure
      title={circuit === "ov" ? "Copying score of every head" : "Matching score of every head"}
      name={`${SCORE[circuit].replace(" ", "-")}s`}
      what={circuit === "ov" ? WHAT_COPYING : WHAT_MATCHING}
      python={() => spectraPython(facts(), head, circuit)}
      table={() => ({
        columns: ["basis", "layer", "head", SCORE[circuit]],
        rows: scores.map((score, i) => [spectra.basis, Math.floor(i / heads), i % heads, score]),
      })}
    >
      <Readout>{words(cell ?? { row: head.layer, column: head.head })}</Readout>
      <Matrix
        values={values}
        rows={Array.from({ length: layers }, (_, l) => `L${l}`)}
        columns={Array.from({ length: heads }, (_, h) => `H${h}`)}
        ramp="signed"
        scale={UNIT}
        name={`${SCORE[circuit]} by layer and head`}
        cellWords={words}
        cellText={({ row, column }) => formatSigned(scores[row * heads + column] ?? NaN)}
        cell={cell}
        onCell={setCell}
        onSelect={({ row, column }) => selectHead({ layer: row, head: column })}
        selectedRow={head.layer}
        selectedColumn={head.head}
      />
    </Figure>
  );
}

const PLANES = ["log", "linear"] as const;

function EigenvaluesFigure({ spectra, circuit, sizes }: SpectraProps & { sizes: Sizes }) {
  const { layers, heads, dHead } = spectra;
  const head = useShownHead({ layers, heads });
  const facts = useRunFacts();
  const [plane, setPlane] = useChoice("weights.plane", PLANES);
  const at = head.layer * heads + head.head;
  const own = (x: Float64Array) => x.subarray(at * dHead, (at + 1) * dHead);
  const [re, im] = [own(spectra[circuit].re), own(spectra[circuit].im)];
  const words = (i: number) =>
    `λ${i}: ${re[i]!.toPrecision(4)} ${im[i]! < 0 ? "−" : "+"} ${Math.abs(im[i]!).toPrecision(4)} i, ` +
    `|λ| ${Math.hypot(re[i]!, im[i]!).toPrecision(4)}`;
  return (
    <Figure
      title={
        <>
          Eigenvalues of head <span className="mono">{headName(head)}</span>
        </>
      }
      name={`eigenvalues-${circuit}-${headName(head)}`}
      what={WHAT_EIGENVALUES}
      python={() => spectraPython(facts(), head, circuit)}
      table={() => ({
        columns: ["eigenvalue", "real part", "imaginary part"],
        rows: Array.from(re, (x, i) => [i, x, im[i]!]),
      })}
      controls={
        <div className="row">
          <Segmented
            label="Scale"
            value={plane}
            choices={PLANES.map((value) => ({ value, label: value }))}
            onChange={setPlane}
          />
          <HeadPicker {...sizes} />
        </div>
      }
    >
      <ComplexPlane
        re={re}
        im={im}
        scale={plane}
        name={`Eigenvalues of head ${headName(head)}`}
        words={words}
        summary={`${SCORE[circuit]} ${scoreWords(spectra[circuit].scores[at])}`}
      />
    </Figure>
  );
}
