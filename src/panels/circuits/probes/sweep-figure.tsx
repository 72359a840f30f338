/** How well the labels are told, by layer. */
import { useMemo, useState, type ReactNode } from "react";
import { Curves } from "../../../charts/curves.tsx";
import {
  mainScore,
  meanOf,
  type ProbePlace,
  type ProbeResult,
  type ProbeSite,
  selectivity,
} from "../../../core/probe.ts";
import { probePython } from "../../../python/probes.ts";
import type { ProbeRun } from "../../../state/probe-slice.ts";
import { useRunFacts } from "../../../state/run-facts.ts";
import { Button } from "../../../ui/button.tsx";
import { ErrorCard } from "../../../ui/error-card.tsx";
import { Figure } from "../../../ui/figure.tsx";
import { HeadMatrix } from "./head-matrix.tsx";
import {
  dataName,
  percent,
  placeName,
  scoreText,
  selectivityText,
  SITE,
  SITE_TITLE,
  WHAT_SWEEP,
} from "./words.ts";

interface Props {
  run: ProbeRun | null;
  /** Whether it answers what is chosen now. */
  isNow: boolean;
  shown: ProbeResult | null;
  onShow: (place: ProbePlace) => void;
  children: ReactNode;
}

export function SweepFigure({ run, isNow, shown, onShow, children }: Props) {
  const facts = useRunFacts();
  const results = run?.results ?? [];
  const numbers = results[0]?.scores.kind === "numbers";
  return (
    <Figure
      title={run ? `Probes: ${dataName(run.question)}` : "Probes"}
      name="probes"
      what={WHAT_SWEEP}
      python={
        run
          ? () => probePython(facts(), run.question, numbers)
          : { none: "No probe has been fitted yet." }
      }
      table={() => sweepTable(results)}
    >
      {children}
      {run?.error && <ErrorCard title="The probes could not be fitted" error={run.error} />}
      {run && !isNow && run.status !== "running" && results.length > 0 && (
        <p role="status" className="quiet">
          Below: what was found with other settings. Fit again for those above.
        </p>
      )}
      {results.length > 0 && (
        <>
          <Charts results={results} shown={shown} onShow={onShow} />
          <ResultTable results={results} shown={shown} onShow={onShow} />
        </>
      )}
    </Figure>
  );
}

function sweepTable(results: readonly ProbeResult[]) {
  return {
    columns: [
      ...["place", "score", "balanced accuracy", "AUC", "baseline"],
      ...[
        "shuffled, mean",
        "shuffled, each",
        "selectivity",
        "lambda",
        "held-out cases",
        "fitted on",
      ],
    ],
    rows: results.map((result) => {
      const { scores, lambdas, held, fitted } = result;
      const classes = scores.kind === "classes" ? scores : null;
      return [
        ...[placeName(result.place), mainScore(result), classes?.balanced ?? null],
        ...[classes?.auc ?? null, scores.majority, meanOf(scores.shuffled)],
        ...[scores.shuffled.join(" "), selectivity(result), lambdas.join(" "), held, fitted],
      ];
    }),
  };
}

type Shown = Pick<Props, "shown" | "onShow"> & { results: readonly ProbeResult[] };

/** A chart for each site; its single heads as a matrix. */
function Charts({ results, shown, onShow }: Shown) {
  const sites = [...new Set(results.map(({ place }) => place.site))];
  const whole = (site: ProbeSite) =>
    results.filter(({ place }) => place.site === site && place.head === null);
  const heads = (site: ProbeSite) =>
    results.filter(({ place }) => place.site === site && place.head !== null);
  return (
    <div className="probe-charts">
      {sites.map((site) => {
        const own = whole(site);
        return (
          own.length > 0 && <SiteChart key={site} results={own} shown={shown} onShow={onShow} />
        );
      })}
      {sites.map((site) => {
        const own = heads(site);
        return (
          own.length > 0 && <HeadMatrix key={site} results={own} shown={shown} onShow={onShow} />
        );
      })}
    </div>
  );
}

function SiteChart({ results, shown, onShow }: Shown) {
  const [cursor, setCursor] = useState<number | null>(null);
  const { site } = results[0]!.place;
  const { x, curves, band } = useMemo(() => chartOf(results), [results]);
  const isClasses = results[0]!.scores.kind === "classes";
  const mark = shown?.place.site === site && shown.place.head === null ? shown.place.layer : null;
  return (
    <Curves
      title={SITE[site]}
      about={`${SITE_TITLE[site]}: held-out ${isClasses ? "accuracy" : "R²"} by layer. Click a layer for its probe.`}
      x={x}
      curves={curves}
      band={band}
      xWords={(layer) => `layer ${layer}`}
      xTick={String}
      xLabel="layer"
      format={(value) => scoreText(results[0]!, value)}
      mark={mark}
      cursor={cursor}
      onCursor={setCursor}
      onSelect={(layer) => onShow({ site, layer, head: null })}
      empty="No probe yet"
    />
  );
}

function chartOf(results: readonly ProbeResult[]) {
  const isClasses = results[0]!.scores.kind === "classes";
  const seeds = results[0]!.scores.shuffled.length;
  const low = results.map(({ scores }) => Math.min(...scores.shuffled));
  const high = results.map(({ scores }) => Math.max(...scores.shuffled));
  return {
    x: results.map(({ place }) => place.layer),
    curves: [
      { name: isClasses ? "accuracy" : "R²", y: results.map(mainScore) },
      {
        name: isClasses ? "most frequent class" : "mean",
        y: results.map(({ scores }) => scores.majority),
      },
      ...(seeds === 0
        ? []
        : [{ name: "shuffled labels", y: results.map(({ scores }) => meanOf(scores.shuffled)) }]),
    ],
    band: seeds > 1 ? { name: "shuffled labels", low, high } : null,
  };
}

const ROWS = 14; // at first

function ResultTable({ results, shown, onShow }: Shown) {
  const [all, setAll] = useState(false);
  const isClasses = results[0]!.scores.kind === "classes";
  const rows = all ? results : results.slice(0, ROWS);
  return (
    <>
      <div className="table-room">
        <table className="probe-table">
          <thead>
            <tr>
              <th scope="col">place</th>
              <th scope="col">{isClasses ? "accuracy" : "R²"}</th>
              {isClasses && <th scope="col">balanced</th>}
              {isClasses && <th scope="col">AUC</th>}
              <th scope="col">baseline</th>
              <th scope="col">shuffled</th>
              <th scope="col">selectivity</th>
              <th scope="col">λ</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((result) => (
              <Row key={placeName(result.place)} {...{ result, shown, onShow }} />
            ))}
          </tbody>
        </table>
      </div>
      {results.length > rows.length && (
        <div className="row">
          <Button onClick={() => setAll(true)}>Show all {results.length}</Button>
        </div>
      )}
    </>
  );
}

function Row({ result, shown, onShow }: Omit<Shown, "results"> & { result: ProbeResult }) {
  const { place, scores, lambdas, converged } = result;
  const isShown = shown?.place === place;
  const mean = meanOf(scores.shuffled);
  const spread =
    mean === null || scores.shuffled.length < 2
      ? null
      : Math.sqrt(meanOf(scores.shuffled.map((v) => (v - mean) ** 2))!);
  const spreadText =
    spread === null
      ? ""
      : ` ± ${scores.kind === "classes" ? (100 * spread).toFixed(1) : spread.toFixed(3)}`;
  return (
    <tr aria-current={isShown ? "true" : undefined}>
      <th scope="row">
        <button type="button" className="probe-place mono" onClick={() => onShow(place)}>
          {placeName(place)}
        </button>
      </th>
      <td>{scoreText(result, mainScore(result))}</td>
      {scores.kind === "classes" && <td>{percent(scores.balanced)}</td>}
      {scores.kind === "classes" && <td>{scores.auc === null ? "–" : scores.auc.toFixed(3)}</td>}
      <td>{scoreText(result, scores.majority)}</td>
      <td>{mean === null ? "–" : `${scoreText(result, mean)}${spreadText}`}</td>
      <td>{selectivityText(result)}</td>
      <td title={converged ? undefined : "A fit ended before it came to its least loss."}>
        {[...new Set(lambdas)].join(", ")}
        {!converged && " *"}
      </td>
    </tr>
  );
}
