/** A direction that is no feature: a difference of means, a head's output, a neuron, numbers from elsewhere. */
import { useState, type ReactNode } from "react";
import { phrasesOf } from "../../core/direction.ts";
import type { SteerSource } from "../../core/steer.ts";
import type { Gpt2Config } from "../../core/types.ts";
import { useLab } from "../../state/context.ts";
import { Button } from "../../ui/button.tsx";
import { PHRASES, PhraseLists, readVector, VectorField } from "../../ui/direction-fields.tsx";
import { LinesField, TextField } from "../../ui/field.tsx";
import { UnitFields } from "../../ui/unit-fields.tsx";
import { middleHook, StreamHook, streamHooks } from "../../ui/stream-hook.tsx";
import { Segmented } from "../../ui/segmented.tsx";

type Kind = Exclude<SteerSource["kind"], "feature">;
const CHOICES = [
  {
    value: "difference",
    label: "Two lists",
    title: "The difference of the means of two lists of phrases",
  },
  { value: "head", label: "Head", title: "What it writes at the end of a text" },
  { value: "neuron", label: "Neuron", title: "Its activation" },
  { value: "vector", label: "Vector", title: "Numbers from elsewhere: a probe, another tool" },
] as const;

/** What was chosen, or why it is no direction yet. */
type Chosen = { source: SteerSource } | { missing: string };

export function DirectionForm({ onAdded }: { onAdded: () => void }) {
  const model = useLab((s) => s.model);
  if (model.status !== "ready") return null;
  return <Fields config={model.value.config} onAdded={onAdded} />;
}

function Fields({ config, onAdded }: { config: Gpt2Config; onAdded: () => void }) {
  const add = useLab((s) => s.addSteerSource);
  const [kind, setKind] = useState<Kind>("difference");
  const own: Record<Kind, Chosen & { fields: ReactNode }> = {
    difference: useDifference(config),
    head: useHead(config),
    neuron: useNeuron(config),
    vector: useVector(config),
  };
  const chosen = own[kind];
  return (
    <div className="steer-direction stack">
      <Segmented<Kind>
        label="Kind of direction"
        value={kind}
        choices={CHOICES}
        onChange={setKind}
      />
      {chosen.fields}
      <div className="row">
        <Button
          disabled={"missing" in chosen}
          onClick={() => {
            if (!("source" in chosen)) return;
            add(chosen.source);
            onAdded();
          }}
        >
          Steer with it
        </Button>
        {"missing" in chosen && <span className="quiet">{chosen.missing}</span>}
      </div>
    </div>
  );
}

function useDifference(config: Gpt2Config) {
  const { hook, select } = useHook(config);
  const [plus, setPlus] = useState<string>(PHRASES.plus);
  const [minus, setMinus] = useState<string>(PHRASES.minus);
  const lists = { plus: phrasesOf(plus), minus: phrasesOf(minus) };
  const fields = (
    <>
      {select}
      <PhraseLists plus={plus} minus={minus} onPlus={setPlus} onMinus={setMinus} />
    </>
  );
  return lists.plus.length === 0 || lists.minus.length === 0
    ? { missing: "Each list needs a phrase.", fields }
    : { source: { kind: "difference", hook, ...lists } as const, fields };
}

function useHead({ n_layer, n_head }: Gpt2Config) {
  const looked = useLab((s) => s.head);
  const prompt = useLab((s) => s.text);
  const [at, setAt] = useState<{ layer: number; head: number } | null>(null);
  const { layer, head } = at ?? looked ?? { layer: 0, head: 0 };
  const [text, setText] = useState<string | null>(null);
  const phrases = phrasesOf(text ?? prompt);
  const fields = (
    <>
      <div className="row">
        <UnitFields
          of="Head"
          layers={n_layer}
          units={n_head}
          layer={layer}
          unit={head}
          onChange={(layer, head) => setAt({ layer, head })}
        />
      </div>
      <LinesField label="At the end of" value={text ?? prompt} onChange={setText} rows={2} />
      <p className="quiet">
        d is what the head writes into the stream, z·W_O, at the last token of each line, run by
        itself; of several lines the mean.
      </p>
    </>
  );
  if (layer >= n_layer || head >= n_head) return { missing: NO_SUCH, fields };
  if (phrases.length === 0) return { missing: "Give a text.", fields };
  return { source: { kind: "head", layer, head, phrases } as const, fields };
}

function useNeuron({ n_layer, n_inner }: Gpt2Config) {
  const looked = useLab((s) => s.neuron);
  const [at, setAt] = useState<{ layer: number; neuron: number } | null>(null);
  const { layer, neuron } = at ?? looked ?? { layer: 0, neuron: 0 };
  const fields = (
    <div className="row">
      <UnitFields
        of="Neuron"
        layers={n_layer}
        units={n_inner}
        layer={layer}
        unit={neuron}
        onChange={(layer, neuron) => setAt({ layer, neuron })}
      />
    </div>
  );
  if (layer >= n_layer || neuron >= n_inner) return { missing: NO_SUCH, fields };
  return { source: { kind: "neuron", layer, neuron } as const, fields };
}

function useVector(config: Gpt2Config) {
  const { hook, select } = useHook(config);
  const [text, setText] = useState("");
  const [name, setName] = useState("");
  const read = readVector(text, config.n_embd);
  const fields = (
    <>
      {select}
      <TextField label="Name" placeholder="my probe" value={name} onChange={setName} />
      <VectorField
        width={config.n_embd}
        text={text}
        onText={setText}
        onFile={(file) => name === "" && setName(file)}
      />
    </>
  );
  return "vector" in read
    ? { source: { kind: "vector", hook, name, vector: Array.from(read.vector) } as const, fields }
    : { missing: "Paste a vector.", fields };
}

const NO_SUCH = "The model on the bench has no such place.";

/** Where in the residual stream; by default after the middle block. */
function useHook(config: Gpt2Config) {
  const [chosen, setHook] = useState(middleHook(config));
  const hook = streamHooks(config).includes(chosen) ? chosen : middleHook(config);
  return { hook, select: <StreamHook config={config} value={hook} onChange={setHook} /> };
}
