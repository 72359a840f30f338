/** Adds an edit: a part of the model ablated, scaled or replaced by its mean; a vector in a bias; or what is on the bench made to stay. */
import { useState } from "react";
import { isInModel } from "../../../core/bench-edit.ts";
import { type LabError, toLabError } from "../../../core/lab-error.ts";
import type { WeightTarget } from "../../../core/model-edit.ts";
import { useLab } from "../../../state/context.ts";
import { Button } from "../../../ui/button.tsx";
import { ErrorCard } from "../../../ui/error-card.tsx";
import { NumberField, Select } from "../../../ui/field.tsx";
import { Progress } from "../../../ui/progress.tsx";
import { Segmented } from "../../../ui/segmented.tsx";
import { useChoice } from "../../../state/options-slice.ts";
import { BenchForm } from "./bench-form.tsx";
import type { FormProps } from "./form-props.ts";
import { VectorForm } from "./vector-form.tsx";

const KINDS = [
  {
    value: "part",
    label: "A part",
    title: "Ablate, scale or mean-ablate a head, neuron, MLP or a layer's attention",
  },
  {
    value: "vector",
    label: "A vector",
    title: "A steering vector in a bias: the same at every position",
  },
  {
    value: "bench",
    label: "From the bench",
    title: "What is switched on below or in the Steer lab, made permanent",
  },
] as const;

export function AddForm() {
  const [kind, setKind] = useChoice("edit.kind", ["part", "vector", "bench"]);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<LabError | null>(null);
  const run = (work: () => Promise<void>) => {
    setBusy(true);
    setError(null);
    void work()
      .catch((e: unknown) => setError(toLabError(e)))
      .finally(() => setBusy(false));
  };
  return (
    <div className="add-edit">
      <div className="row">
        <h3 className="small-title">Add an edit</h3>
        <Segmented label="What is added" value={kind} choices={KINDS} onChange={setKind} />
      </div>
      {kind === "part" && <PartForm run={run} busy={busy} />}
      {kind === "vector" && <VectorForm run={run} busy={busy} />}
      {kind === "bench" && <BenchForm run={run} busy={busy} />}
      {busy && <Progress label="Measuring" share={null} />}
      {error && (
        <ErrorCard title="It is not added" error={error} onDismiss={() => setError(null)} />
      )}
    </div>
  );
}

const TARGETS = [
  { value: "head", label: "Head" },
  { value: "neuron", label: "Neuron" },
  { value: "attn", label: "Attention of a layer" },
  { value: "mlp", label: "MLP" },
] as const;
const CHANGES = [
  { value: "zero", label: "ablated: writes nothing" },
  { value: "mean", label: "replaced by its mean over text" },
  { value: "scale", label: "scaled" },
] as const;

function PartForm({ run, busy }: FormProps) {
  const model = useLab((s) => s.model);
  const add = useLab((s) => s.addWeightEdit);
  const addMean = useLab((s) => s.addMeanEdit);
  const [kind, setKind] = useState<WeightTarget["kind"]>("head");
  const [layer, setLayer] = useState("0");
  const [index, setIndex] = useState("0");
  const [change, setChange] = useState<(typeof CHANGES)[number]["value"]>("zero");
  const [factor, setFactor] = useState("0.5");
  if (model.status !== "ready") return null;
  const { config } = model.value;
  const target: WeightTarget =
    kind === "head"
      ? { kind, layer: Number(layer), head: Number(index) }
      : kind === "neuron"
        ? { kind, layer: Number(layer), neuron: Number(index) }
        : { kind, layer: Number(layer) };
  const whole = [layer, ...(kind === "head" || kind === "neuron" ? [index] : [])].every((text) =>
    /^\d+$/.test(text.trim()),
  );
  const there = whole && isInModel(target, config);
  const most = kind === "head" ? config.n_head : config.n_inner;
  const number = Number(factor);
  const factorOk = factor.trim() !== "" && Number.isFinite(number);
  const onAdd = () =>
    run(async () => {
      if (change === "mean") await addMean(target);
      else await add({ kind: "scale", target, factor: change === "zero" ? 0 : number, on: true });
    });
  return (
    <div className="edit-fields">
      <Select label="Part" value={kind} options={TARGETS} onChange={setKind} />
      <NumberField
        label="Layer"
        value={layer}
        onChange={setLayer}
        min={0}
        max={config.n_layer - 1}
        step={1}
        error={!whole || target.layer < config.n_layer ? null : `0 … ${config.n_layer - 1}`}
      />
      {(kind === "head" || kind === "neuron") && (
        <NumberField
          label={kind === "head" ? "Head" : "Neuron"}
          value={index}
          onChange={setIndex}
          min={0}
          max={most - 1}
          step={1}
          error={!whole || Number(index) < most ? null : `0 … ${most - 1}`}
        />
      )}
      <Select label="Change" value={change} options={CHANGES} onChange={setChange} />
      {change === "scale" && (
        <NumberField
          label="Factor"
          value={factor}
          onChange={setFactor}
          error={factorOk ? null : "a number"}
        />
      )}
      <Button disabled={busy || !there || (change === "scale" && !factorOk)} onClick={onAdd}>
        Add
      </Button>
    </div>
  );
}
