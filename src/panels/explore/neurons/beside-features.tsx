/** The features of the autoencoder on the bench that write in the neuron's direction, each with its own examples. */
import { exampleSpan } from "../../../charts/example.ts";
import { ExampleRow } from "../../../charts/example-row.tsx";
import {
  type NearFeature,
  type NeuronFeatures,
  type NeuronId,
  neuronName,
} from "../../../core/neurons.ts";
import { useLab } from "../../../state/context.ts";
import { useStudy } from "../../../state/figures-slice.ts";
import { neuronFeaturesPython } from "../../../python/neurons.ts";
import { saeFacts, useRunFacts } from "../../../state/run-facts.ts";
import { saeForPrompt, selectedSae } from "../../../state/sae-on-bench.ts";
import { Button } from "../../../ui/button.tsx";
import { Empty } from "../../../ui/empty.tsx";
import { ErrorCard } from "../../../ui/error-card.tsx";
import { Figure } from "../../../ui/figure.tsx";
import { formatPercent, formatSigned } from "../../../ui/format.ts";
import { whatFeatures } from "./what.ts";

export function BesideFeatures({ id }: { id: NeuronId }) {
  const sae = useLab(saeForPrompt);
  const name = useLab((s) => selectedSae(s)?.name ?? "");
  const asked = useStudy("neuronFeatures", sae === null ? null : { ...id, sae });
  const shown = asked.shown;
  if (sae === null) {
    return (
      <Empty title="No features beside it">
        There is no autoencoder on the bench that fits this model; the Features lab has the shelf.
      </Empty>
    );
  }
  if (asked.error) {
    return <ErrorCard title="No features beside this neuron" error={asked.error} />;
  }
  if (shown?.sae !== sae || neuronName(shown) !== neuronName(id)) {
    return <Empty title="Comparing it with the features …" />;
  }
  return <Nearest facts={shown} saeName={name} />;
}

function Nearest({ facts, saeName }: { facts: NeuronFeatures; saeName: string }) {
  const { layer, neuron, sae, dSae, byChance, nearest } = facts;
  const summary = useLab(selectedSae);
  const runFacts = useRunFacts();
  const features = nearest.map(({ feature }) => feature);
  const asked = useStudy("neuronCorrelations", { layer, neuron, sae, features });
  const measured = asked.shown;
  const fits =
    measured?.sae === sae && neuronName(measured) === neuronName(facts) ? measured : null;
  const largest = nearest[0] ? Math.abs(nearest[0].cosine) : 0;
  return (
    <Figure
      title="Features that write in its direction"
      name="neuron-features"
      what={whatFeatures(dSae, byChance)}
      python={
        summary
          ? () =>
              neuronFeaturesPython(runFacts(), { layer, neuron }, saeFacts(summary), nearest.length)
          : { none: "the autoencoder is no longer on the shelf." }
      }
      table={() => ({
        columns: ["feature", "cosine", "correlation", "density", "largest activation"],
        rows: nearest.map(({ feature, cosine, density, max }, i) => [
          ...[feature, cosine, fits?.correlations[i] ?? null, density, max],
        ]),
      })}
    >
      <p>
        Of the {dSae.toLocaleString("en-US")} features of {saeName}, the nearest has |cosine|{" "}
        <span className="mono">{largest.toFixed(2)}</span>; among as many random directions the
        largest would be about <span className="mono">{byChance.toFixed(2)}</span>.{" "}
        {fits
          ? `r is over ${fits.tokens.toLocaleString("en-US")} tokens of the corpus.`
          : asked.error
            ? `r was not measured: ${asked.error.message}.`
            : "r is being measured …"}
      </p>
      <ol className="near-features">
        {nearest.map((near, i) => (
          <Near
            key={near.feature}
            near={near}
            correlation={fits ? (fits.correlations[i] ?? "constant") : null}
          />
        ))}
      </ol>
    </Figure>
  );
}

interface NearProps {
  near: NearFeature;
  /** null: not measured (yet); "constant": one of the two never changed */
  correlation: number | "constant" | null;
}
function Near({ near: { feature, cosine, density, max, examples }, correlation }: NearProps) {
  const selectFeature = useLab((s) => s.selectFeature);
  const selected = useLab((s) => s.feature === feature);
  const r =
    correlation === null
      ? "not measured"
      : typeof correlation === "number"
        ? formatSigned(correlation)
        : "none: one is constant";
  return (
    <li>
      <div className="row">
        <Button
          kind="quiet"
          aria-pressed={selected}
          title="Select this feature everywhere"
          onClick={() => void selectFeature(feature)}
        >
          Feature {feature}
        </Button>
        <span className="quiet">
          cosine <span className="mono">{formatSigned(cosine)}</span>, r{" "}
          <span className="mono">{r}</span>
          {density !== null && (
            <>
              , active on <span className="mono">{formatPercent(density)}</span>
            </>
          )}
        </span>
      </div>
      {examples === null ? (
        <p className="quiet">Measure the autoencoder to see its examples.</p>
      ) : examples.length === 0 ? (
        <p className="quiet">Never active on the measured tokens.</p>
      ) : (
        <ol className="examples">
          {examples.map((example, i) => (
            <li key={i}>
              <ExampleRow example={example} span={exampleSpan(example, 12, 5)} max={max ?? 0} />
            </li>
          ))}
        </ol>
      )}
    </li>
  );
}
