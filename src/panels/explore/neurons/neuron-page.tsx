/** One neuron: where in the corpus it is strong, what it writes and reads, and the features that write as it does. */
import type { SearchRequest } from "../../../core/direction.ts";
import { type NeuronId, neuronName } from "../../../core/neurons.ts";
import type { Gpt2Config } from "../../../core/types.ts";
import { useLab } from "../../../state/context.ts";
import { useStudy } from "../../../state/figures-slice.ts";
import { useChoice } from "../../../state/options-slice.ts";
import { ErrorCard } from "../../../ui/error-card.tsx";
import { Button, IconButton } from "../../../ui/button.tsx";
import { Select } from "../../../ui/field.tsx";
import { BasisSwitch } from "../basis-switch.tsx";
import { FoundExamples } from "../found-examples.tsx";
import { FoundFacts } from "../found-facts.tsx";
import { FoundHistogram } from "../found-histogram.tsx";
import { SearchProgress } from "../search-progress.tsx";
import { BesideFeatures } from "./beside-features.tsx";
import { neuronWeightsPython } from "../../../python/neurons.ts";
import { searchPython } from "../../../python/direction.ts";
import { useRunFacts } from "../../../state/run-facts.ts";
import { WeightFigures } from "./weight-figures.tsx";

const AMOUNTS = ["20000", "100000", "all"] as const;
const KEEP = 12;
const SHOWN = 6;

export function NeuronPage({ id, config }: { id: NeuronId; config: Gpt2Config }) {
  const [amount, setAmount] = useChoice("neurons.tokens", AMOUNTS);
  const basis = useLab((s) => s.basis);
  const stopAsking = useLab((s) => s.stopAsking);
  const askStudy = useLab((s) => s.askStudy);
  const request: SearchRequest = {
    direction: { kind: "neuron", ...id },
    source: { kind: "corpus" },
    tokens: amount === "all" ? null : Number(amount),
    keep: KEEP,
  };
  // An activation is the same in both bases, so that a change of basis asks for nothing new.
  const study = { ...request, basis: "raw" as const };
  const asked = useStudy("examples", study);
  const weights = useStudy("neuron", { ...id, basis });
  const latest = asked.told.a?.found ?? asked.shown;
  const isMine =
    latest?.direction.kind === "neuron" && neuronName(latest.direction) === neuronName(id);
  const found = isMine ? latest : null;
  const facts = weights.shown;
  const runFacts = useRunFacts();
  const { direction, source } = request;
  const python = () => searchPython(runFacts(), { direction, source, sae: null });
  return (
    <section className="stack" aria-label={`Neuron ${neuronName(id)}`}>
      <Head id={id} config={config} />
      <div className="row neuron-controls">
        <Select
          label="Corpus read"
          value={amount}
          options={AMOUNTS.map((value) => ({
            value,
            label:
              value === "all" ? "all of it" : `${Number(value).toLocaleString("en-US")} tokens`,
          }))}
          onChange={setAmount}
        />
      </div>
      {asked.running && (
        <SearchProgress
          label={`Reading the corpus with ${neuronName(id)}`}
          progress={asked.progress}
          onCancel={() => stopAsking("study.examples")}
        />
      )}
      {asked.stopped && (
        <div className="row">
          <span>Stopped{found && ` after ${found.tokens.toLocaleString("en-US")} tokens`}.</span>
          <Button onClick={() => askStudy("examples", study)}>Go on</Button>
        </div>
      )}
      {asked.error && <ErrorCard title="The corpus could not be read" error={asked.error} />}
      {found && <FoundFacts found={found} />}
      <div className="beside">
        <div className="stack">
          {found && (
            <>
              <FoundExamples
                title="Strongest examples of this neuron"
                found={found}
                end="highest"
                shown={SHOWN}
                python={python}
                basis="same"
              />
              <FoundExamples
                title="Its most negative examples"
                found={found}
                end="lowest"
                shown={SHOWN / 2}
                python={python}
                basis="same"
              />
            </>
          )}
        </div>
        <BesideFeatures id={id} />
      </div>
      {found && <FoundHistogram found={found} python={python} basis="same" />}
      <BasisSwitch />
      {weights.error && <ErrorCard title="Its weights could not be read" error={weights.error} />}
      {facts && neuronName(facts) === neuronName(id) && (
        <WeightFigures facts={facts} python={() => neuronWeightsPython(runFacts(), id)} />
      )}
    </section>
  );
}

function Head({ id: { layer, neuron }, config }: { id: NeuronId; config: Gpt2Config }) {
  const selectNeuron = useLab((s) => s.selectNeuron);
  const to = (by: number) =>
    selectNeuron({ layer, neuron: (neuron + by + config.n_inner) % config.n_inner });
  return (
    <header className="row">
      <IconButton icon="back" label="Previous neuron of the layer" onClick={() => to(-1)} />
      <h2 className="found-title" aria-live="polite">
        Neuron {neuronName({ layer, neuron })}
      </h2>
      <IconButton icon="next" label="Next neuron of the layer" onClick={() => to(1)} />
      <IconButton icon="close" label="Close the neuron’s page" onClick={() => selectNeuron(null)} />
    </header>
  );
}
