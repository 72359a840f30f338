/** A direction used: projected out or added on the bench, put into a bias, as a row of the Steer lab, to search for examples, as a file. */
import { useState } from "react";
import type { EditTarget } from "../../../core/bench-edit.ts";
import { STREAM_SITES } from "../../../core/direction.ts";
import { type LabError, toLabError } from "../../../core/lab-error.ts";
import {
  type FoundDirection,
  HEAD_SITES,
  placeHook,
  type ProbePlace,
  type WrittenDirection,
} from "../../../core/probe.ts";
import { useLab } from "../../../state/context.ts";
import { Button } from "../../../ui/button.tsx";
import { ErrorCard } from "../../../ui/error-card.tsx";
import { saveFiles } from "../../../ui/save-files.ts";

interface Props {
  name: string;
  place: ProbePlace;
  direction: FoundDirection;
  /** Null where it does not write into the stream. */
  written: WrittenDirection | null;
}

export function DirectionButtons({ name, place, direction, written }: Props) {
  const addEdit = useLab((s) => s.addEdit);
  const addSource = useLab((s) => s.addSteerSource);
  const setLab = useLab((s) => s.setLab);
  const setView = useLab((s) => s.setExploreView);
  const setOptions = useLab((s) => s.setOptions);
  const setVector = useLab((s) => s.setVectorText);
  const files = useLab((s) => s.probeFiles);
  const readEdited = useLab((s) => s.refreshEdited);
  const addWeightEdit = useLab((s) => s.addWeightEdit);
  const [done, setDone] = useState<string | null>(null);
  const [error, setError] = useState<LabError | null>(null);
  const edit = editOf(name, place, direction, written);
  const inStream = STREAM_SITES.some((site) => site === place.site);
  const steer = () => {
    if (!written) return;
    const vector = Array.from(written.vector, (v) => v * direction.deviation);
    addSource({ kind: "vector", hook: written.hook, name, vector });
    setLab("steer");
  };
  const noBias = biasMissing(place);
  const toWeights = async () => {
    await readEdited(); // its list may not have been looked at yet
    const amount = Number(direction.deviation.toPrecision(4));
    await addWeightEdit({
      ...{ kind: "bias", hook: placeHook(place), ...(place.head !== null && { head: place.head }) },
      ...{ vector: [...direction.unit], amount, from: name.slice(0, 300), on: true },
    });
    setDone("A step of it is in the list of the edited model, in Edit.");
  };
  const search = () => {
    setVector(JSON.stringify(Array.from(direction.unit)));
    setOptions({ "examples.what": "vector", "examples.hook": placeHook(place) });
    setView("examples");
  };
  const save = () =>
    files(name, place, direction).then(
      (made) => saveFiles(made.map(({ name: of, bytes }) => new File([bytes], of))),
      (e: unknown) => setError(toLabError(e)),
    );
  return (
    <>
      <div className="row" role="group" aria-label="Use the direction">
        <Button
          disabled={!edit}
          title={
            edit
              ? "x − (x·d)·d at every token, as an edit on the bench: does the model miss it?"
              : OF_ALL
          }
          onClick={() => {
            if (edit) addEdit({ target: edit.target, op: "zero", amount: 0, pos: null });
            setDone("It is projected out by an edit, at the foot of the window.");
          }}
        >
          Project out
        </Button>
        <Button
          disabled={!edit}
          title={edit ? "x + one step of d at every token, as an edit on the bench" : OF_ALL}
          onClick={() => {
            if (!edit) return;
            const amount = Number(edit.step.toPrecision(4));
            addEdit({ target: edit.target, op: "add", amount, pos: null });
            setDone("A step of it is added by an edit, at the foot of the window.");
          }}
        >
          Add a step
        </Button>
        <Button
          disabled={noBias !== null}
          title={noBias ?? "One step of d for good, in the weights of an edited model, on a copy"}
          onClick={() => {
            toWeights().catch((e: unknown) => setError(toLabError(e)));
          }}
        >
          Into a bias
        </Button>
        <Button
          icon="steer"
          disabled={!written}
          title={written ? undefined : "Only what is written into the stream can be steered with"}
          onClick={steer}
        >
          Steer with it
        </Button>
        <Button
          disabled={!inStream}
          title={
            inStream
              ? "Where in the corpus is it strongest?"
              : "Examples are searched along directions of the stream"
          }
          onClick={search}
        >
          Find examples
        </Button>
        <Button
          kind="quiet"
          icon="download"
          title="As JSON and as safetensors"
          onClick={() => void save()}
        >
          Save
        </Button>
      </div>
      {done && (
        <p role="status" className="quiet">
          {done}
        </p>
      )}
      {error && <ErrorCard title="That did not work" error={error} />}
    </>
  );
}

const biasMissing = ({ site, layer }: ProbePlace): string | null =>
  site === "attn.hook_k"
    ? "The same vector in all keys changes nothing: a query’s scores all move by the same number"
    : site === "hook_resid_pre" && layer === 0
      ? "Before block 0 there is no bias to put it into"
      : null;

const OF_ALL = "An edit is of one head: probe each head";

/** Of all heads at once there is no edit at z: it is made of what they write. Of q, k and v there is none. */
function editOf(
  name: string,
  place: ProbePlace,
  { unit, deviation }: FoundDirection,
  written: WrittenDirection | null,
): { target: EditTarget; step: number } | null {
  const { site, head } = place;
  if (!HEAD_SITES.includes(site) || head !== null) {
    const at = { hook: placeHook(place), head, name, vector: [...unit] };
    return { target: { kind: "direction", ...at }, step: deviation };
  }
  if (!written) return null;
  const { vector, hook } = written;
  const length = Math.hypot(...vector);
  const along = Array.from(vector, (v) => v / length);
  return {
    target: { kind: "direction", hook, head: null, name, vector: along },
    step: deviation * length,
  };
}
