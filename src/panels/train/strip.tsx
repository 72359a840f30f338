/** A few features while they learn: where they fire most in a small held-out text, told anew every few seconds. */
import { ExampleRow } from "../../charts/example-row.tsx";
import { joinTokens, readable } from "../../core/token-bytes.ts";
import type { FeatureSample } from "../../core/sae.ts";
import { useLab } from "../../state/context.ts";
import { Button } from "../../ui/button.tsx";
import { Figure } from "../../ui/figure.tsx";
import { formatPercent } from "../../ui/format.ts";
import { useTrainPython } from "./use-train-python.ts";

const WHAT = {
  words:
    "Six features of the run, drawn by its seed from those that fire on some, but at most a tenth, of a small text that is held out from training. Each shows the tokens on which it fires most there, shaded by strength, as they are by now: at first they have little in common; as the feature sharpens, they come to mean one thing. A feature that falls silent gives its place to another. Of a sweep they are its first autoencoder’s. Looking takes at most a fiftieth of the time, and none while it is stopped.",
  formula: "share = tokens of the text with f > 0 / its tokens",
};

export function Strip() {
  const samples = useLab((s) => s.trainSamples);
  const watching = useLab((s) => s.watching);
  const setWatching = useLab((s) => s.setWatching);
  const running = useLab((s) => s.training.status === "running");
  const python = useTrainPython("run");
  if (!running && !samples) return null;
  return (
    <Figure
      title="Features as they learn"
      name="training-features"
      what={WHAT}
      python={python}
      table={() => ({
        columns: ["step", "feature", "share of tokens", "rank", "activation", "text"],
        rows: samples
          ? samples.features.flatMap(({ feature, density, examples }) =>
              examples.map(({ tokens, activations, peak }, i) => [
                ...[samples.step, feature, density, i + 1, activations[peak] ?? null],
                readable(joinTokens(tokens)),
              ]),
            )
          : [],
      })}
      controls={
        <>
          {samples && <span className="quiet">at step {samples.step.toLocaleString("en-US")}</span>}
          {running && (
            <Button
              kind="quiet"
              icon={watching ? "pause" : "play"}
              aria-pressed={!watching}
              onClick={() => void setWatching(!watching)}
            >
              {watching ? "Stop looking" : "Look again"}
            </Button>
          )}
        </>
      }
    >
      {samples && samples.features.length > 0 ? (
        <div className="strip">
          {samples.features.map((sample) => (
            <Sample key={sample.feature} sample={sample} />
          ))}
        </div>
      ) : (
        <p className="quiet">
          {watching
            ? samples
              ? "No feature fires on some of the text yet, or all fire on too much of it."
              : "They appear with the first steps."
            : "Not looked at, so that the run has the device to itself."}
        </p>
      )}
    </Figure>
  );
}

function Sample({ sample: { feature, density, max, examples } }: { sample: FeatureSample }) {
  return (
    <section className="strip-feature" aria-label={`Feature ${feature}`}>
      <h3>
        Feature {feature}{" "}
        <span className="quiet">{density > 0 ? `on ${formatPercent(density)}` : "silent now"}</span>
      </h3>
      {examples.map((example, i) => (
        <ExampleRow
          key={i}
          example={example}
          span={{ start: 0, end: example.tokens.length }}
          max={max}
        />
      ))}
    </section>
  );
}
