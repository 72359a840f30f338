/** The curves of a run, under one cursor, and the densities of its features; each can be taken away as a figure. */
import { useMemo, useState } from "react";
import { LineChart } from "../../charts/line-chart.tsx";
import { shownIndex } from "../../charts/line.ts";
import { useLab } from "../../state/context.ts";
import { Figure } from "../../ui/figure.tsx";
import type { Curve } from "./curve-list.ts";
import { Densities } from "./densities.tsx";
import { useCurves } from "./use-curves.ts";
import { useTrainPython } from "./use-train-python.ts";

/** Where nothing is drawn although there are points, all of them are 0, which a logarithmic axis has no place for. */
const emptyWords = (points: number, running: boolean) =>
  points > 0 ? "0 throughout" : running ? "waiting for the first steps" : "nothing to draw";

export function Curves() {
  const [cursor, setCursor] = useState<number | null>(null);
  const curves = useCurves();
  return (
    <div className="curves">
      {curves.map((curve) => (
        <CurveFigure key={curve.key} curve={curve} cursor={cursor} onCursor={setCursor} />
      ))}
      <Densities />
    </div>
  );
}

interface CurveFigureProps {
  curve: Curve;
  cursor: number | null;
  onCursor: (x: number | null) => void;
}
function CurveFigure({ curve, cursor, onCursor }: CurveFigureProps) {
  const { key, title, about, formula, source, at, ...drawing } = curve;
  const points = useLab((s) => s.trainPoints);
  const running = useLab((s) => s.training.status === "running");
  const python = useTrainPython("run");
  const series = useMemo(
    () => ({ x: points.map(({ tokens }) => tokens), y: points.map(at) }),
    [points, at],
  );
  const members = useLab((s) => s.sweepPoints);
  const others = useMemo(
    () =>
      members.slice(1).map((member) => ({
        name: member.name,
        x: member.points.map(({ tokens }) => tokens),
        y: member.points.map(at),
      })),
    [members, at],
  );
  const shown = shownIndex(series.x, cursor);
  return (
    <Figure
      title={title}
      name={`training-${key}`}
      className="curve"
      what={{ words: about, ...(formula && { formula }), ...(source && { source }) }}
      table={() => ({
        columns: ["step", "tokens", ...(others.length ? members.map(({ name }) => name) : [key])],
        rows: points.map((point, i) => [
          ...[point.step, point.tokens, at(point)],
          ...others.map(({ y }) => y[i] ?? null),
        ]),
      })}
      python={python}
      controls={
        <span className="curve-value mono">
          {shown === null ? "–" : drawing.format(series.y[shown]!)}
        </span>
      }
    >
      <LineChart
        title={title}
        about={formula ? `${about} ${formula}` : about}
        {...drawing}
        series={series}
        others={others}
        xUnit="tokens"
        cursor={cursor}
        onCursor={onCursor}
        empty={emptyWords(points.length, running)}
        bare
      />
    </Figure>
  );
}
