/** What to look for: a neuron, a head, a feature, or a vector in the residual stream. */
import { type ReactNode } from "react";
import { phrasesOf, type Direction } from "../../../core/direction.ts";
import type { Gpt2Config } from "../../../core/types.ts";
import { useLab } from "../../../state/context.ts";
import { useChoice, useRead, useText } from "../../../state/options-slice.ts";
import { selectedSae } from "../../../state/sae-on-bench.ts";
import { BasisSwitch } from "../basis-switch.tsx";
import { PHRASES, PhraseLists, readVector, VectorField } from "../../../ui/direction-fields.tsx";
import { Select, TextField } from "../../../ui/field.tsx";
import { IndexField } from "../../../ui/index-field.tsx";
import { UnitFields } from "../../../ui/unit-fields.tsx";
import { middleHook, StreamHook, streamHooks } from "../../../ui/stream-hook.tsx";
import { Segmented } from "../../../ui/segmented.tsx";

const KINDS = ["neuron", "head", "feature", "difference", "vector"] as const;
const CHOICES = [
  { value: "neuron", label: "Neuron", title: "Its activation" },
  { value: "head", label: "Head", title: "What it adds to the residual stream" },
  { value: "feature", label: "Feature", title: "Of the autoencoder on the bench" },
  { value: "difference", label: "Two word lists", title: "The difference of two means" },
  { value: "vector", label: "Vector", title: "Numbers from elsewhere" },
] as const;
const MEASURES = ["length", "token"] as const;

/** What was chosen, or why it is no direction yet. */
export type Chosen = { direction: Direction } | { missing: string };

export function useDirection(config: Gpt2Config): Chosen & { fields: ReactNode } {
  const [kind, setKind] = useChoice("examples.what", KINDS);
  const own = {
    neuron: useNeuron(config),
    head: useHead(config),
    feature: useFeature(),
    difference: useDifference(config),
    vector: useVector(config),
  }[kind];
  const fields = (
    <>
      <Segmented label="What to look for" value={kind} choices={CHOICES} onChange={setKind} />
      {own.fields}
      {kind !== "neuron" && kind !== "feature" && <BasisSwitch />}
    </>
  );
  return { ...own, fields };
}
type Own = Chosen & { fields: ReactNode };

function useNeuron({ n_layer, n_inner }: Gpt2Config): Own {
  const { layer, neuron } = useLab((s) => s.neuron) ?? { layer: 0, neuron: 0 };
  const selectNeuron = useLab((s) => s.selectNeuron);
  const fields = (
    <div className="row">
      <UnitFields
        of="Neuron"
        layers={n_layer}
        units={n_inner}
        layer={layer}
        unit={neuron}
        onChange={(layer, neuron) => selectNeuron({ layer, neuron })}
      />
    </div>
  );
  if (layer >= n_layer || neuron >= n_inner) return { missing: NO_SUCH, fields };
  return { direction: { kind: "neuron", layer, neuron }, fields };
}

function useHead({ n_layer, n_head }: Gpt2Config): Own {
  const { layer, head } = useLab((s) => s.head) ?? { layer: 0, head: 0 };
  const selectHead = useLab((s) => s.selectHead);
  const [measure, setMeasure] = useChoice("examples.measure", MEASURES);
  const [token, setToken] = useText("examples.token", " the");
  const fields = (
    <div className="row">
      <UnitFields
        of="Head"
        layers={n_layer}
        units={n_head}
        layer={layer}
        unit={head}
        onChange={(layer, head) => selectHead({ layer, head })}
      />
      <Select
        label="Measure"
        value={measure}
        options={[
          { value: "length", label: "length of its output, ‖result‖" },
          { value: "token", label: "its output along a token, result · u" },
        ]}
        onChange={setMeasure}
      />
      {measure === "token" && (
        <TextField
          label="Token"
          hint="with its space, if it has one"
          value={token}
          onChange={setToken}
          mono
        />
      )}
    </div>
  );
  if (layer >= n_layer || head >= n_head) return { missing: NO_SUCH, fields };
  if (measure === "token" && token === "") return { missing: "Name a token.", fields };
  return {
    direction: { kind: "head", layer, head, token: measure === "token" ? token : null },
    fields,
  };
}

function useFeature(): Own {
  const sae = useLab(selectedSae);
  const feature = useLab((s) => s.feature) ?? 0;
  const selectFeature = useLab((s) => s.selectFeature);
  if (!sae) return { missing: "There is no autoencoder on the bench.", fields: null };
  const fields = (
    <div className="row">
      <IndexField
        label="Feature"
        value={feature}
        count={sae.config.dSae}
        onChange={(f) => void selectFeature(f)}
      />
      <p className="quiet">of {sae.name}</p>
    </div>
  );
  return { direction: { kind: "feature", sae: sae.id, feature }, fields };
}

function useDifference(config: Gpt2Config): Own {
  const { hook, select } = useHook(config);
  const [plus, setPlus] = useText("examples.plus", PHRASES.plus);
  const [minus, setMinus] = useText("examples.minus", PHRASES.minus);
  const lists = { plus: phrasesOf(plus), minus: phrasesOf(minus) };
  const fields = (
    <>
      {select}
      <PhraseLists plus={plus} minus={minus} onPlus={setPlus} onMinus={setMinus} />
      <p className="quiet">The value of a token is x · d/‖d‖.</p>
    </>
  );
  if (lists.plus.length === 0 || lists.minus.length === 0) {
    return { missing: "Each list needs a phrase.", fields };
  }
  return { direction: { kind: "difference", hook, ...lists }, fields };
}

function useVector(config: Gpt2Config): Own {
  const { hook, select } = useHook(config);
  const text = useLab((s) => s.vectorText);
  const setText = useLab((s) => s.setVectorText);
  const read = readVector(text, config.n_embd);
  const fields = (
    <>
      {select}
      <VectorField width={config.n_embd} text={text} onText={setText} />
      <p className="quiet">The value of a token is x · v/‖v‖.</p>
    </>
  );
  if ("error" in read) return { missing: "Paste a vector.", fields };
  return { direction: { kind: "vector", hook, vector: read.vector }, fields };
}

const NO_SUCH = "The model on the bench has no such place.";

/** Where in the residual stream; by default after the middle block. */
function useHook(config: Gpt2Config) {
  const hooks = streamHooks(config);
  const [hook, setHook] = useRead<string>(
    "examples.hook",
    (text) => (hooks.includes(text) ? text : null),
    middleHook(config),
  );
  return { hook, select: <StreamHook config={config} value={hook} onChange={setHook} /> };
}
