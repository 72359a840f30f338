/** A direction used: projected out or added on the bench, as a row of the Steer lab, to search for examples, as a file. */
import { useState } from "react";
import type { EditTarget } from "../../../core/bench-edit.ts";
import { STREAM_SITES } from "../../../core/direction.ts";
import { type LabError, toLabError } from "../../../core/lab-error.ts";
import {
  type FoundDirection,
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
  written: WrittenDirection;
}

export function DirectionButtons({ name, place, direction, written }: Props) {
  const addEdit = useLab((s) => s.addEdit);
  const addSource = useLab((s) => s.addSteerSource);
  const setLab = useLab((s) => s.setLab);
  const setView = useLab((s) => s.setExploreView);
  const setOptions = useLab((s) => s.setOptions);
  const setVector = useLab((s) => s.setVectorText);
  const files = useLab((s) => s.probeFiles);
  const [done, setDone] = useState<string | null>(null);
  const [error, setError] = useState<LabError | null>(null);
  const { target, step } = editOf(name, place, direction, written);
  const inStream = STREAM_SITES.some((site) => site === place.site);
  const steer = () => {
    const vector = Array.from(written.vector, (v) => v * direction.deviation);
    addSource({ kind: "vector", hook: written.hook, name, vector });
    setLab("steer");
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
          title="x − (x·d)·d at every token, as an edit on the bench: does the model miss it?"
          onClick={() => {
            addEdit({ target, op: "zero", amount: 0, pos: null });
            setDone("It is projected out by an edit, at the foot of the window.");
          }}
        >
          Project out
        </Button>
        <Button
          title="x + one step of d at every token, as an edit on the bench"
          onClick={() => {
            addEdit({ target, op: "add", amount: Number(step.toPrecision(4)), pos: null });
            setDone("A step of it is added by an edit, at the foot of the window.");
          }}
        >
          Add a step
        </Button>
        <Button icon="steer" onClick={steer}>
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
      {error && <ErrorCard title="It could not be saved" error={error} />}
    </>
  );
}

/** Of all heads at once there is no edit at z: it is made of what they write. */
function editOf(
  name: string,
  place: ProbePlace,
  { unit, deviation }: FoundDirection,
  { vector, hook }: WrittenDirection,
): { target: EditTarget; step: number } {
  const { site, head } = place;
  if (site !== "attn.hook_z" || head !== null) {
    const at = { hook: placeHook(place), head, name, vector: [...unit] };
    return { target: { kind: "direction", ...at }, step: deviation };
  }
  const length = Math.hypot(...vector);
  const along = Array.from(vector, (v) => v / length);
  return {
    target: { kind: "direction", hook, head: null, name, vector: along },
    step: deviation * length,
  };
}
