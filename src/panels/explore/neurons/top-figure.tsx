/** The strongest neurons of each token, a column a token; of two sides also where they differ most. */
import { useCallback, useMemo, useState } from "react";
import { Matrix } from "../../../charts/matrix.tsx";
import {
  jointScale,
  type MatrixCell,
  sequentialScale,
  signedScale,
} from "../../../charts/matrix-cells.ts";
import {
  type ActiveNeurons,
  type NeuronId,
  type NeuronMeasure,
  neuronName,
  type NeuronValues,
  withoutRepeats,
} from "../../../core/neurons.ts";
import { sideNames } from "../../../state/compare-slice.ts";
import { useLab } from "../../../state/context.ts";
import type { Sides } from "../../../state/figures-slice.ts";
import { topNeuronsPython } from "../../../python/neurons.ts";
import { useRunFacts } from "../../../state/run-facts.ts";
import { positionIn } from "../../../state/prompt-slice.ts";
import { Select } from "../../../ui/field.tsx";
import { Figure, Readout } from "../../../ui/figure.tsx";
import { formatSigned } from "../../../ui/format.ts";
import { tokenLabels } from "../../../ui/token-text.ts";
import { SidesView } from "../sides.tsx";
import { useAligned } from "../use-aligned.ts";
import { activationsBy, largestChanges, strongestAt } from "./read-list.ts";
import { WHAT_TOP } from "./what.ts";

const MEASURE: Record<NeuronMeasure, string> = {
  activation: "activation",
  size: "|activation|",
  write: "|activation| × ‖W_out‖",
};
export interface RankSettings {
  measure: NeuronMeasure;
  setMeasure: (measure: NeuronMeasure) => void;
  /** null: all */
  layer: number | null;
  setLayer: (layer: string) => void;
  layers: readonly string[];
  count: string;
  setCount: (count: "8" | "5" | "12" | "20") => void;
  counts: readonly ("8" | "5" | "12" | "20")[];
}
export interface TopFigureProps {
  sides: Sides<ActiveNeurons>;
  settings: RankSettings;
  /** Of all that are listed, on both sides; null until they are there. */
  values: Sides<NeuronValues> | null;
}

/** A column's entries, strongest first. */
type Entry = NeuronId & { value: number; words: string };

export function TopFigure({ sides, settings, values }: TopFigureProps) {
  const position = useLab(positionIn(sides.a.tokens));
  const neuron = useLab((s) => s.neuron);
  const names = sideNames({ otherText: useLab((s) => s.otherText) });
  const selectPosition = useLab((s) => s.selectPosition);
  const selectNeuron = useLab((s) => s.selectNeuron);
  const runFacts = useRunFacts();
  const [words, setWords] = useState<string | null>(null);
  const aligned = useAligned(sides);
  const scale = jointScale(
    [sides.a, sides.b].flatMap((side) => (side ? [sequentialScale(side.scores)] : [])),
  );
  const { measure } = settings;
  const own = useMemo(() => {
    const entries = (facts: ActiveNeurons): Entry[][] =>
      facts.tokens.ids.map((_, t) =>
        strongestAt(facts, t).map((id, i) => {
          const [a, score] = [facts.activations[t * facts.n + i]!, facts.scores[t * facts.n + i]!];
          const more = measure === "activation" ? "" : `, ${MEASURE[measure]} ${score.toFixed(3)}`;
          return { ...id, value: score, words: `activation ${formatSigned(a, 3)}${more}` };
        }),
      );
    return { a: entries(sides.a), b: sides.b && entries(sides.b) };
  }, [sides, measure]);
  const changed = useMemo((): Entry[][] => {
    const { a, b } = sides;
    if (!b) return [];
    const [readA, readB] = [
      values?.a && activationsBy(values.a),
      values?.b && activationsBy(values.b),
    ];
    return aligned.pairs.map((pair) => {
      if (pair.a === null || pair.b === null || !readA || !readB) return [];
      const [at, bt] = [pair.a, pair.b];
      const both = withoutRepeats([...strongestAt(a, at), ...strongestAt(b, bt)]);
      const read = (side: "a" | "b", id: NeuronId) =>
        side === "a" ? readA(id, at) : readB(id, bt);
      return largestChanges(both, read, a.n).map((c) => ({
        ...{ layer: c.layer, neuron: c.neuron, value: c.b - c.a },
        words: `${names.a} ${formatSigned(c.a, 3)}, ${names.b} ${formatSigned(c.b, 3)}, difference ${formatSigned(c.b - c.a, 3)}`,
      }));
    });
  }, [sides, values, aligned, names.a, names.b]);
  const labelsOf = ({ tokens }: ActiveNeurons) =>
    tokenLabels(tokens.strings).map(({ text }) => text);
  return (
    <Figure
      title="Strongest neurons of each token"
      name="top-neurons"
      what={WHAT_TOP}
      python={() => {
        return topNeuronsPython(runFacts(), { measure, layer: settings.layer, n: sides.a.n });
      }}
      table={() => ({
        columns: [
          "side",
          "position",
          "token",
          "rank",
          "neuron",
          "activation",
          MEASURE[settings.measure],
        ],
        rows: (["a", "b"] as const).flatMap((side) => {
          const facts = sides[side];
          if (!facts) return [];
          return facts.tokens.strings.flatMap((token, t) =>
            strongestAt(facts, t).map((id, i) => {
              const at = t * facts.n + i;
              return [
                side,
                t,
                token,
                i + 1,
                neuronName(id),
                facts.activations[at]!,
                facts.scores[at]!,
              ];
            }),
          );
        }),
      })}
    >
      <Controls settings={settings} />
      <Readout>{words ?? "Point at a neuron to read it; click to open its page."}</Readout>
      <SidesView
        sides={sides}
        difference={(a) => (
          <Ranks
            columns={changed}
            n={a.n}
            labels={aligned.labels}
            title="Largest differences"
            signed
            {...{ neuron, setWords }}
            selectedColumn={aligned.pairOf(position)}
            onSelect={(id, column) => {
              const at = aligned.pairs[column]?.a ?? null;
              if (at !== null) selectPosition(at);
              selectNeuron(id);
            }}
          />
        )}
      >
        {(facts, side) => (
          <Ranks
            columns={own[side]!}
            n={facts.n}
            labels={labelsOf(facts)}
            title="Strongest neurons of each token"
            scale={scale}
            {...{ neuron, setWords }}
            selectedColumn={
              side === "a" ? position : (aligned.pairs[aligned.pairOf(position) ?? -1]?.b ?? null)
            }
            onSelect={(id, column) => {
              const pair = aligned.pairs.find((p) => p[side] === column);
              if (pair && pair.a !== null) selectPosition(pair.a);
              selectNeuron(id);
            }}
          />
        )}
      </SidesView>
    </Figure>
  );
}

interface RanksProps {
  columns: readonly (readonly Entry[])[];
  n: number;
  labels: readonly string[];
  title: string;
  signed?: boolean;
  scale?: ReturnType<typeof jointScale>;
  neuron: NeuronId | null;
  selectedColumn: number | null;
  setWords: (words: string | null) => void;
  onSelect: (id: NeuronId, column: number) => void;
}
function Ranks(props: RanksProps) {
  const { columns, n, labels, title, signed = false, neuron, selectedColumn, setWords } = props;
  const [cell, setCell] = useState<MatrixCell | null>(null);
  const values = useMemo(() => {
    const out = new Float32Array(n * columns.length).fill(NaN);
    columns.forEach((entries, t) =>
      entries.forEach(({ value }, i) => {
        out[i * columns.length + t] = value;
      }),
    );
    return out;
  }, [columns, n]);
  const entryAt = ({ row, column }: MatrixCell) => columns[column]?.[row];
  const cellWords = (at: MatrixCell) => {
    const entry = entryAt(at);
    return entry
      ? `${neuronName(entry)} at ${labels[at.column]!}: ${entry.words}`
      : `nothing to compare at ${labels[at.column] ?? ""}`;
  };
  const chosen = neuron && neuronName(neuron);
  const cellText = useCallback(
    ({ row, column }: MatrixCell) => {
      const entry = columns[column]?.[row];
      if (!entry) return "";
      return neuronName(entry) === chosen ? `▸${neuronName(entry)}` : neuronName(entry);
    },
    [columns, chosen],
  );
  return (
    <Matrix
      values={values}
      rows={Array.from({ length: n }, (_, i) => String(i + 1))}
      columns={labels}
      ramp={signed ? "signed" : "feature"}
      scale={props.scale ?? signedScale(values)}
      name={title}
      cellWords={cellWords}
      cellText={cellText}
      leastWidth={4.5}
      cell={cell}
      onCell={(at) => {
        setCell(at);
        setWords(at && cellWords(at));
      }}
      onSelect={(at) => {
        const entry = entryAt(at);
        if (entry) props.onSelect({ layer: entry.layer, neuron: entry.neuron }, at.column);
      }}
      selectedColumn={selectedColumn}
    />
  );
}

function Controls({ settings }: { settings: RankSettings }) {
  const { measure, setMeasure, layer, setLayer, layers, count, setCount, counts } = settings;
  return (
    <div className="row neuron-controls">
      <Select
        label="Ranked by"
        value={measure}
        options={(["activation", "size", "write"] as const).map((value) => ({
          value,
          label: MEASURE[value],
        }))}
        onChange={setMeasure}
      />
      <Select
        label="Layer"
        value={layer === null ? "all" : String(layer)}
        options={["all", ...layers].map((value) => ({ value, label: value }))}
        onChange={setLayer}
      />
      <Select
        label="Of each token"
        value={count as (typeof counts)[number]}
        options={counts
          .toSorted((x, y) => Number(x) - Number(y))
          .map((value) => ({ value, label: value }))}
        onChange={setCount}
      />
    </div>
  );
}
