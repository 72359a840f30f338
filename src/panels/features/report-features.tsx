/** Of a report card: how often features fire, and which classes of tokens a few of them tell. */
import { HistogramChart } from "../../charts/histogram-chart.tsx";
import type { FeaturesReport, ProbeReport } from "../../core/sae-report.ts";
import { useLab } from "../../state/context.ts";
import { Figure } from "../../ui/figure.tsx";
import { WHAT_DENSITIES, WHAT_PROBES } from "./what-report.ts";

interface DetailProps {
  features: FeaturesReport;
  /** Name of the autoencoder, where two are compared. */
  of: string | null;
}
const PROBES_TITLE = "Classes of tokens told by few features";
const percent = (share: number | null) => (share === null ? "–" : `${(100 * share).toFixed(1)} %`);

export function ReportDensities({ features, of }: DetailProps) {
  const { densities, tokens, overCorpus } = features;
  const { first, width, counts, silent } = densities;
  const edge = (i: number) => 10 ** (first + i * width);
  return (
    <Figure
      title={of === null ? "How often features fire" : `How often features fire: ${of}`}
      name="sae-densities"
      what={WHAT_DENSITIES}
      table={() => ({
        columns: ["density from", "to", "features"],
        rows: [
          ["never fired", null, silent],
          ...counts.map((count, i) => [edge(i), edge(i + 1), count]),
        ],
      })}
      python={{
        none: "the feature list of the same autoencoder has it: its activations, averaged over tokens.",
      }}
    >
      <HistogramChart
        histogram={{ binWidth: width, counts: [...counts], from: Math.round(first / width) }}
        label="Features by the logarithm of how often they fire"
        counted="features that fired"
        shareOf="of those that fired"
        unit={["feature", "features"]}
        height={110}
      />
      <p className="quiet">
        log₁₀ of the share of tokens, over {tokens.toLocaleString("en-US")} tokens of{" "}
        {overCorpus ? "the corpus" : "held-out text"};{" "}
        {silent === 1 ? "one feature" : `${silent.toLocaleString("en-US")} features`} never fired
        there.
      </p>
    </Figure>
  );
}

export function ReportProbes({ features, of, opens = true }: DetailProps & { opens?: boolean }) {
  const select = useLab((s) => s.selectFeature);
  return (
    <Figure
      title={of === null ? PROBES_TITLE : `${PROBES_TITLE}: ${of}`}
      name="sae-probes"
      what={WHAT_PROBES}
      table={() => ({
        columns: [
          "class",
          "tokens",
          "1 feature",
          "5 features",
          "1 number of x",
          "5 numbers of x",
          "best feature",
        ],
        rows: features.probes.map((probe) => [
          ...[probe.class, probe.members, probe.features.k1, probe.features.k5],
          ...[probe.numbers.k1, probe.numbers.k5, probe.best],
        ]),
      })}
      python={{ none: "SAEBench’s sparse probing does the same on classes of texts." }}
    >
      <div className="report-scroll">
        <table className="report">
          <thead>
            <tr>
              <th scope="col">class</th>
              <th scope="col">1 feature</th>
              <th scope="col">5 features</th>
              <th scope="col">5 numbers of x</th>
              <th scope="col">best feature</th>
            </tr>
          </thead>
          <tbody>
            {features.probes.map((probe) => (
              <Probe
                key={probe.class}
                probe={probe}
                onSelect={opens ? (f) => void select(f) : null}
              />
            ))}
          </tbody>
        </table>
      </div>
      <p className="quiet">
        Held-out accuracy on {features.probeTokens.toLocaleString("en-US")} tokens; one half is
        chance. “–”: too few tokens of the class.
      </p>
    </Figure>
  );
}

interface ProbeProps {
  probe: ProbeReport;
  /** null: of an autoencoder that is not on the bench. */
  onSelect: ((feature: number) => void) | null;
}
function Probe({ probe, onSelect }: ProbeProps) {
  const { best } = probe;
  return (
    <tr>
      <th scope="row" title={`${probe.members.toLocaleString("en-US")} tokens`}>
        {probe.class}
      </th>
      <td className="mono">{percent(probe.features.k1)}</td>
      <td className="mono">{percent(probe.features.k5)}</td>
      <td className="mono">{percent(probe.numbers.k5)}</td>
      <td className="mono">
        {best === null || onSelect === null ? (
          (best ?? "–")
        ) : (
          <button type="button" className="report-feature" onClick={() => onSelect(best)}>
            {best}
          </button>
        )}
      </td>
    </tr>
  );
}
