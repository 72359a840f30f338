/** Adds an edit: a part of the model ablated, scaled or replaced by its mean; a vector in a bias; or what is on the bench made to stay. */
import { useState } from "react";
import { type EditTarget, isInModel, targetName } from "../../../core/bench-edit.ts";
import { LabError, toLabError } from "../../../core/lab-error.ts";
import type { WeightEdit, WeightTarget } from "../../../core/model-edit.ts";
import { sourceName } from "../../../core/steer.ts";
import { useLab } from "../../../state/context.ts";
import { Button } from "../../../ui/button.tsx";
import { ErrorCard } from "../../../ui/error-card.tsx";
import { NumberField, Select, TextField } from "../../../ui/field.tsx";
import { Progress } from "../../../ui/progress.tsx";
import { Segmented } from "../../../ui/segmented.tsx";
import { useChoice } from "../../../state/options-slice.ts";
import { readVector } from "./read-vector.ts";

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

interface FormProps {
  run: (work: () => Promise<void>) => void;
  busy: boolean;
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

function VectorForm({ run, busy }: FormProps) {
  const model = useLab((s) => s.model);
  const sae = useLab((s) => s.saeId);
  const add = useLab((s) => s.addWeightEdit);
  const addSteer = useLab((s) => s.addSteerEdit);
  const [of, setOf] = useState<"pasted" | "feature">("pasted");
  const [layer, setLayer] = useState("0");
  const [site, setSite] = useState("hook_resid_post");
  const [text, setText] = useState("");
  const [feature, setFeature] = useState("0");
  const [amount, setAmount] = useState("1");
  if (model.status !== "ready") return null;
  const number = Number(amount);
  const ok = amount.trim() !== "" && Number.isFinite(number);
  const { config } = model.value;
  const onAdd = () =>
    run(async () => {
      if (of === "feature") {
        if (sae === null) throw new LabError("not-found", "no autoencoder is on the bench");
        const source = { kind: "feature", sae, feature: Number(feature) } as const;
        await addSteer({ source, mode: "add", amount: number, at: "all", unit: "raw", on: true });
        return;
      }
      const width = site === "mlp.hook_post" ? config.n_inner : config.n_embd;
      const vector = readVector(text, width);
      const hook = `blocks.${Number(layer)}.${site}`;
      await add({ kind: "bias", hook, vector, amount: number, from: "pasted vector", on: true });
      setText("");
    });
  return (
    <div className="edit-fields">
      <Select
        label="Vector"
        value={of}
        options={[
          { value: "pasted", label: "pasted numbers" },
          { value: "feature", label: "a feature of the autoencoder", disabled: sae === null },
        ]}
        onChange={setOf}
      />
      {of === "feature" ? (
        <NumberField label="Feature" value={feature} onChange={setFeature} min={0} step={1} />
      ) : (
        <>
          <NumberField
            label="Layer"
            value={layer}
            onChange={setLayer}
            min={0}
            max={config.n_layer - 1}
            step={1}
          />
          <Select
            label="Added to"
            value={site}
            options={[
              { value: "hook_attn_out", label: "what attention writes" },
              { value: "hook_mlp_out", label: "what the MLP writes" },
              { value: "hook_resid_post", label: "the stream after the block" },
              { value: "mlp.hook_post", label: "the neurons" },
            ]}
            onChange={setSite}
          />
          <TextField
            label="Numbers"
            mono
            value={text}
            onChange={setText}
            placeholder="0.1, -0.2, …"
          />
        </>
      )}
      <NumberField
        label="Times"
        value={amount}
        onChange={setAmount}
        error={ok ? null : "a number"}
      />
      <Button disabled={busy || !ok || (of === "pasted" && text.trim() === "")} onClick={onAdd}>
        Add
      </Button>
    </div>
  );
}

/** Edits at the foot of the window, and rows of the Steer lab. */
function BenchForm({ run, busy }: FormProps) {
  const edits = useLab((s) => s.benchEdits);
  const rows = useLab((s) => s.steerRows);
  const add = useLab((s) => s.addWeightEdit);
  const addMean = useLab((s) => s.addMeanEdit);
  const addSteer = useLab((s) => s.addSteerEdit);
  if (edits.length + rows.length === 0) {
    return (
      <p className="quiet">
        Nothing is edited on the bench or steered now. An edit at the foot of the window, or a row
        of the Steer lab that adds everywhere, can be made permanent here.
      </p>
    );
  }
  const isWeight = (target: EditTarget): target is WeightTarget =>
    target.kind !== "resid" && target.kind !== "feature";
  return (
    <ul className="bench-offers">
      {edits.map(({ target, op, amount, pos }, i) => {
        const why =
          pos !== null
            ? "it is for one position, weights are for all"
            : isWeight(target)
              ? null
              : target.kind === "feature"
                ? "what it takes away depends on the activation at each token"
                : "the stream has no weights of its own";
        const name = `${targetName(target)}, ${op === "scale" ? `× ${amount}` : op}`;
        return (
          <li key={i} className="row">
            <Button
              disabled={busy || why !== null}
              aria-label={`Make permanent: ${name}`}
              onClick={() =>
                run(async () => {
                  if (!isWeight(target)) return;
                  const factor = op === "zero" ? 0 : amount;
                  const edit: WeightEdit = { kind: "scale", target, factor, on: true };
                  await (op === "mean" ? addMean(target) : add(edit));
                })
              }
            >
              Make permanent
            </Button>
            {name} {why && <span className="quiet">cannot be: {why}</span>}
          </li>
        );
      })}
      {rows.map((row, i) => (
        <li key={`row ${i}`} className="row">
          <Button
            disabled={busy}
            aria-label={`Make permanent: ${sourceName(row.source)}`}
            onClick={() => run(() => addSteer(row))}
          >
            Make permanent
          </Button>
          {sourceName(row.source)}, {row.mode} {row.amount}
        </li>
      ))}
    </ul>
  );
}
