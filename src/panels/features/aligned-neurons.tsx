/** Neurons whose weights are alike with the feature's, layer by layer; of an SAE of the neurons themselves, its largest. */
import { useState } from "react";
import type { AlignedNeuron } from "../../core/feature-studies.ts";
import { parseHook } from "../../core/hooks.ts";
import { neuronName } from "../../core/neurons.ts";
import type { FeatureDashboard } from "../../core/feature-dashboard.ts";
import { alignedNeuronsPython } from "../../python/feature-parts.ts";
import { useLab } from "../../state/context.ts";
import { useStudy } from "../../state/figures-slice.ts";
import { selectedSae } from "../../state/sae-on-bench.ts";
import { ErrorCard } from "../../ui/error-card.tsx";
import { Figure } from "../../ui/figure.tsx";
import { formatPercent, formatSigned } from "../../ui/format.ts";
import { Progress } from "../../ui/progress.tsx";
import { useSaePython } from "./use-sae-python.ts";

export function AlignedNeurons({ dashboard: { saeId, feature } }: { dashboard: FeatureDashboard }) {
  const sae = useLab(selectedSae);
  const model = useLab((s) => s.model);
  const [chosen, setChosen] = useState<number | null>(null);
  const layers = model.status === "ready" ? model.value.config.n_layer : 0;
  const own =
    sae && model.status === "ready" ? parseHook(sae.config.hook, model.value.config).layer : null;
  const layer = Math.min(chosen ?? own ?? 0, Math.max(0, layers - 1));
  const python = useSaePython((facts, own) => alignedNeuronsPython(facts, own, { feature, layer }));
  const asked = useStudy("featureNeurons", layers > 0 ? { sae: saeId, feature, layer } : null);
  const shown = asked.shown?.sae === saeId && asked.shown.feature === feature ? asked.shown : null;
  const lists: (readonly [title: string, neurons: readonly AlignedNeuron[]])[] = shown
    ? [
        ["write what it writes", shown.writes] as const,
        ...(shown.reads ? [["read what it reads", shown.reads] as const] : []),
      ]
    : [];
  return (
    <Figure
      title="Aligned neurons"
      name={`feature-${feature}-neurons`}
      table={() => ({
        columns: ["list", "neuron", "cosine"],
        rows: lists.flatMap(([title, neurons]) =>
          neurons.map((neuron) => [title, neuronName(neuron), neuron.cosine]),
        ),
      })}
      python={python}
      what={{
        words:
          "Neurons of a layer whose output weights point the way this feature writes, and whose input weights point the way it reads, either sign. A feature that is one neuron has a cosine near 1; most are spread over many, and no cosine is much above what chance gives. Choose one to open its page.",
        formula:
          "cos(W_dec[f], W_out[n])     cos(W_enc[:, f], W_in[:, n])     of the checkpoint’s own weights",
        source: "sae_vis’s neuron alignment, for any layer",
      }}
      controls={
        <label className="row">
          <span className="quiet">layer</span>
          <select
            className="input"
            value={layer}
            onChange={(e) => setChosen(Number(e.target.value))}
          >
            {Array.from({ length: layers }, (_, l) => (
              <option key={l} value={l}>
                {l}
              </option>
            ))}
          </select>
        </label>
      }
    >
      {asked.error && <ErrorCard title="Comparing with neurons" error={asked.error} />}
      {!shown && !asked.error && <Progress label="Comparing with neurons" share={null} />}
      {shown && (
        <>
          {shown.entries && (
            <ol className="aligned" aria-label="Its largest neurons">
              {shown.entries.map(({ neuron, weight, share }) => (
                <Neuron
                  key={neuron}
                  id={{ layer: shown.layer, neuron }}
                  value={weight}
                  words={`${formatPercent(share)} of Σ|W_dec|`}
                />
              ))}
            </ol>
          )}
          {lists.map(([title, neurons]) => (
            <section key={title}>
              <h3>Neurons that {title}</h3>
              <ol className="aligned" aria-label={`Neurons that ${title}`}>
                {neurons.map((neuron) => (
                  <Neuron key={neuron.neuron} id={neuron} value={neuron.cosine} words="" />
                ))}
              </ol>
            </section>
          ))}
          <p className="quiet">
            among random directions the largest |cosine| would be about{" "}
            <span className="mono">{shown.byChance.toFixed(2)}</span>
          </p>
        </>
      )}
    </Figure>
  );
}

interface NeuronProps {
  id: { layer: number; neuron: number };
  value: number;
  words: string;
}
function Neuron({ id, value, words }: NeuronProps) {
  const selectNeuron = useLab((s) => s.selectNeuron);
  const setView = useLab((s) => s.setExploreView);
  return (
    <li>
      <button
        type="button"
        onClick={() => {
          selectNeuron({ layer: id.layer, neuron: id.neuron });
          setView("neurons");
        }}
      >
        <span className="mono">{neuronName(id)}</span>
        <span className="mono">{formatSigned(value, 3)}</span>
        {words && <span className="quiet">{words}</span>}
      </button>
    </li>
  );
}
