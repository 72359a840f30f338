/** A vector into a bias: pasted, out of a file, or a feature of the autoencoder. */
import { useState } from "react";
import { HEAD_SITES, placeHook, PROBE_SITES, type ProbeSite } from "../../../core/probe.ts";
import { LabError } from "../../../core/lab-error.ts";
import { biasPlace } from "../../../core/weight-parts.ts";
import { useLab } from "../../../state/context.ts";
import { Button } from "../../../ui/button.tsx";
import { NumberField, Select, TextField } from "../../../ui/field.tsx";
import { FileButton } from "../../../ui/file-button.tsx";
import type { FormProps } from "./form-props.ts";
import { readVector, readVectorFile } from "./read-vector.ts";

type Site = Exclude<ProbeSite, "attn.hook_k">;
const SITE: Record<Site, string> = {
  hook_resid_pre: "the stream before the block",
  "ln1.hook_normalized": "what attention reads",
  "attn.hook_q": "queries",
  "attn.hook_v": "values",
  "attn.hook_z": "heads before W_O",
  hook_attn_out: "what attention writes",
  hook_resid_mid: "the stream between attention and MLP",
  "ln2.hook_normalized": "what the MLP reads",
  "mlp.hook_pre": "neurons before their function",
  "mlp.hook_post": "the neurons",
  hook_mlp_out: "what the MLP writes",
  hook_resid_post: "the stream after the block",
};
/** The same vector in all keys changes nothing. */
const SITES = PROBE_SITES.filter((site) => site !== "attn.hook_k");
const ALL = "all";

export function VectorForm({ run, busy }: FormProps) {
  const model = useLab((s) => s.model);
  const sae = useLab((s) => s.saeId);
  const add = useLab((s) => s.addWeightEdit);
  const addSteer = useLab((s) => s.addSteerEdit);
  const [of, setOf] = useState<"numbers" | "feature">("numbers");
  const [layer, setLayer] = useState("0");
  const [site, setSite] = useState<Site>("hook_resid_post");
  const [head, setHead] = useState(ALL);
  const [text, setText] = useState("");
  const [from, setFrom] = useState("pasted vector");
  const [feature, setFeature] = useState("0");
  const [amount, setAmount] = useState("1");
  if (model.status !== "ready") return null;
  const { config } = model.value;
  const isWhole = (written: string) => /^\d+$/.test(written.trim());
  const layerOk = isWhole(layer) && Number(layer) < config.n_layer;
  const amountOk = amount.trim() !== "" && Number.isFinite(Number(amount));
  const ofHeads = HEAD_SITES.includes(site);
  const ready = of === "feature" ? isWhole(feature) : layerOk && text.trim() !== "";
  const onAdd = () =>
    run(async () => {
      if (of === "feature") {
        if (sae === null) throw new LabError("not-found", "no autoencoder is on the bench");
        const source = { kind: "feature", sae, feature: Number(feature) } as const;
        const row = { source, mode: "add", amount: Number(amount) } as const;
        await addSteer({ ...row, at: "all", unit: "raw", on: true });
        return;
      }
      const place = {
        hook: placeHook({ layer: Number(layer), site }),
        ...(ofHeads && head !== ALL && { head: Number(head) }),
      };
      const vector = readVector(text, biasPlace(place, config).width);
      await add({ kind: "bias", ...place, vector, amount: Number(amount), from, on: true });
      setText((now) => (now === text ? "" : now)); // what was typed since stays
    });
  const take = (file: File) =>
    run(async () => {
      const read = readVectorFile(await file.text());
      setText(read.numbers);
      setFrom((read.name ?? file.name).slice(0, 300));
      if (read.place) {
        const { layer: of, site: at } = read.place;
        biasPlace({ hook: placeHook(read.place) }, config);
        setLayer(String(of));
        if (at !== "attn.hook_k") setSite(at);
        setHead(read.place.head === null ? ALL : String(read.place.head));
        setAmount(String(Number(read.place.step.toPrecision(4))));
      }
    });
  return (
    <div className="edit-fields">
      <Select
        label="Vector"
        value={of}
        options={[
          { value: "numbers", label: "numbers" },
          { value: "feature", label: "a feature of the autoencoder", disabled: sae === null },
        ]}
        onChange={setOf}
      />
      {of === "feature" ? (
        <NumberField
          label="Feature"
          value={feature}
          onChange={setFeature}
          min={0}
          step={1}
          error={isWhole(feature) ? null : "a whole number"}
        />
      ) : (
        <>
          <NumberField
            label="Layer"
            value={layer}
            onChange={setLayer}
            min={0}
            max={config.n_layer - 1}
            step={1}
            error={layerOk ? null : `0 … ${config.n_layer - 1}`}
          />
          <Select
            label="Added to"
            value={site}
            options={SITES.map((value) => ({ value, label: SITE[value] }))}
            onChange={setSite}
          />
          {ofHeads && (
            <Select
              label="Head"
              value={head}
              options={[
                { value: ALL, label: "all, side by side" },
                ...Array.from({ length: config.n_head }, (_, h) => ({
                  ...{ value: String(h), label: String(h) },
                })),
              ]}
              onChange={setHead}
            />
          )}
          <TextField
            label="Numbers"
            mono
            value={text}
            onChange={(value) => {
              setText(value);
              setFrom("pasted vector");
            }}
            placeholder="0.1, -0.2, …"
          />
          <FileButton
            kind="quiet"
            icon="upload"
            files="File of a vector"
            accept=".json,.txt,.csv,.tsv"
            disabled={busy}
            onFiles={([file]) => take(file!)}
          >
            From a file
          </FileButton>
        </>
      )}
      <NumberField
        label="Times"
        value={amount}
        onChange={setAmount}
        error={amountOk ? null : "a number"}
      />
      <Button disabled={busy || !amountOk || !ready} onClick={onAdd}>
        Add
      </Button>
    </div>
  );
}
