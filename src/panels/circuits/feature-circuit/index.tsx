/** The feature circuit of the prompt on the bench: what is asked, the work, and the graph. */
import { useEffect, useRef } from "react";
import { LabError } from "../../../core/lab-error.ts";
import { MOST_GRAPH_BYTES } from "../../../core/graph-file.ts";
import { useLab } from "../../../state/context.ts";
import { type AskedCircuit, circuitKey } from "../../../state/feature-circuit-slice.ts";
import { useText } from "../../../state/options-slice.ts";
import { Button } from "../../../ui/button.tsx";
import { Empty } from "../../../ui/empty.tsx";
import { ErrorCard } from "../../../ui/error-card.tsx";
import { formatDuration } from "../../../ui/format.ts";
import { Progress } from "../../../ui/progress.tsx";
import { GraphFigure } from "./graph-figure.tsx";
import { CircuitControls } from "./settings.tsx";
import { useAsked, useCircuitSettings } from "./use-question.ts";
import { FileButton } from "../../../ui/file-button.tsx";
import "./feature-circuit.css";

const WORK = { run: "Reading the prompt", gradient: "Taking the gradient", rows: "Attributing" };

export default function FeatureCircuitPart() {
  const settings = useCircuitSettings();
  const asked = useAsked(settings);
  const shown = useLab((s) => s.featureCircuit);
  const progress = useLab((s) => s.featureCircuitProgress);
  const error = useLab((s) => s.featureCircuitError);
  const tellError = useLab((s) => s.tellGraphError);
  const model = useLab((s) => (s.model.status === "ready" ? s.model.value.id : ""));
  const readNotes = useLab((s) => s.readNotes);
  const { ids } = settings;
  const { make, giveUp } = useMake(asked, shown !== null);
  useEffect(() => ids.forEach((id) => void readNotes(id)), [ids, readNotes]);
  const isOther =
    shown?.from === "bench" && asked !== null && shown.key !== circuitKey(model, asked);
  return (
    <>
      <CircuitControls settings={settings} />
      {progress ? (
        <Progress
          label={WORK[progress.what]}
          share={progress.total === 0 ? null : progress.done / progress.total}
          facts={[
            `${progress.done.toLocaleString("en-US")} of ${progress.total.toLocaleString("en-US")} ${progress.what === "rows" ? "nodes" : progress.what === "gradient" ? "layers" : "runs"}`,
            ...(progress.secondsLeft === null
              ? []
              : [`${formatDuration(progress.secondsLeft)} left`]),
          ]}
          onCancel={giveUp}
          cancelLabel="Stop"
        />
      ) : (
        <div className="row">
          <Button
            kind="primary"
            icon="play"
            disabled={asked === null}
            title={asked ? undefined : "Type both tokens first"}
            onClick={make}
          >
            Make the circuit
          </Button>
          <GraphFileButton />
          {shown?.facts && !isOther && (
            <span className="quiet">made in {formatDuration(shown.facts.seconds)}</span>
          )}
        </div>
      )}
      {error && (
        <ErrorCard title="There is no circuit" error={error} onDismiss={() => tellError(null)} />
      )}
      {isOther && (
        <p role="status">
          The graph below answers another question: the prompt or the settings have changed since.
        </p>
      )}
      {shown ? (
        <GraphFigure shown={shown} />
      ) : (
        !progress && (
          <Empty title="No circuit yet">
            Choose the autoencoders to see with, and make the circuit of the prompt above; or open a
            graph of circuit-tracer or Neuronpedia from its JSON.
          </Empty>
        )
      )}
    </>
  );
}

/** Makes the circuit that is asked for; by itself where the link says that it was made: after a reload, from another's link. */
function useMake(asked: AskedCircuit | null, isShown: boolean) {
  const [made, setMade] = useText("graph.made", "");
  const run = useLab((s) => s.runFeatureCircuit);
  const stop = useLab((s) => s.stopFeatureCircuit);
  const reopen = useLab((s) => s.reopenGraphFile);
  const isListed = useLab((s) => s.saes.status !== "idle" && s.saes.status !== "running");
  const isTried = useRef(false);
  useEffect(() => {
    if (isTried.current || isShown || (made !== "file" && (!asked || !isListed))) return;
    isTried.current = true;
    if (made === "file") void reopen();
    else if (made !== "" && asked) void run(asked);
  }, [asked, isShown, isListed, made, run, reopen]);
  return {
    make: () => {
      if (!asked) return;
      isTried.current = true;
      setMade("yes");
      void run(asked);
    },
    giveUp: () => {
      stop();
      if (!isShown) setMade("");
    },
  };
}

function GraphFileButton() {
  const open = useLab((s) => s.openGraphFile);
  const tell = useLab((s) => s.tellGraphError);
  const take = async (file: File) => {
    if (file.size > MOST_GRAPH_BYTES) {
      const size = Math.round(file.size / 1e6);
      tell(new LabError("bad-file", `the file has ${size} MB, a graph at most 100 MB`));
      return;
    }
    open(file.name, await file.text());
  };
  return (
    <FileButton
      icon="upload"
      files="File of a graph"
      drops="a graph of circuit-tracer or Neuronpedia as JSON"
      accept=".json,application/json"
      onFiles={([file]) => void take(file!)}
    >
      Open a graph
    </FileButton>
  );
}
