/** Probes: what can be read off the activations by a linear map, where, and its direction put to use. */
import { useEffect } from "react";
import type { ProbePlace, ProbeResult } from "../../../core/probe.ts";
import type { Gpt2Config } from "../../../core/types.ts";
import { useLab } from "../../../state/context.ts";
import { useText } from "../../../state/options-slice.ts";
import { questionKey, requestKey } from "../../../state/probe-slice.ts";
import { mainScore } from "../../../core/probe.ts";
import { CosineFigure } from "./cosine-figure.tsx";
import { DataFigure } from "./data-figure.tsx";
import { DetailFigure } from "./detail-figure.tsx";
import { DirectionFigure } from "./direction-figure.tsx";
import { PlaceSettings, ProbeActions } from "./place-settings.tsx";
import { SweepFigure } from "./sweep-figure.tsx";
import { useProbeData, useProbePlaces } from "./use-probe-question.ts";
import { placeName } from "./words.ts";
import "./probes.css";

export default function Probes() {
  const model = useLab((s) => s.model);
  const restore = useLab((s) => s.restoreProbes);
  const id = model.status === "ready" ? model.value.id : null;
  useEffect(() => {
    if (id !== null) void restore();
  }, [restore, id]);
  if (model.status !== "ready") return null;
  return <Parts key={model.value.id} config={model.value.config} modelId={model.value.id} />;
}

const COSINES_MOST = 48; // places: each is a row and a column

function Parts({ config, modelId }: { config: Gpt2Config; modelId: string }) {
  const data = useProbeData();
  const how = useProbePlaces(config);
  const [chosen, setChosen] = useText("probes.shown", "");
  const [toward, setToward] = useText("probes.toward", "");
  const shownView = useLab((s) => s.probeView);
  const last = useLab((s) => s.probeRun);
  const run = last?.modelId === modelId ? last : null;
  const { request } = data;
  const isViewed =
    shownView.status === "ready" && request && shownView.value.key === requestKey(request);
  const view = isViewed ? shownView.value.view : null;
  const results = run?.results ?? [];
  const shown =
    results.find(({ place }) => placeName(place) === chosen) ??
    (run?.status === "running" ? null : best(results));
  const onShow = (place: ProbePlace) => setChosen(placeName(place));
  const question = view && request && how.question(request, view.labels.kind === "numbers");
  const classes = shown ? classesOf(shown) : [];
  const to = shown?.directions.find((one) => one.to === toward)?.to ?? shown?.directions[0]?.to;
  const alike = shown ? results.filter(({ width }) => width === shown.width) : [];
  return (
    <>
      <DataFigure data={data} />
      <SweepFigure
        run={run}
        isNow={question !== null && run?.key === questionKey(question)}
        shown={shown}
        onShow={onShow}
      >
        <PlaceSettings how={how} view={view} />
        <ProbeActions how={how} request={request} view={view} />
      </SweepFigure>
      {run && shown && to !== undefined && (
        <>
          <DetailFigure result={shown} question={run.question} classes={classes} />
          <DirectionFigure
            result={shown}
            question={run.question}
            {...{ classes, toward: to, setToward }}
          />
          {alike.length > 1 && alike.length <= COSINES_MOST && (
            <CosineFigure
              results={alike}
              question={run.question}
              {...{ classes, toward: to, onShow }}
            />
          )}
        </>
      )}
    </>
  );
}

const best = (results: readonly ProbeResult[]): ProbeResult | null =>
  results.reduce<ProbeResult | null>(
    (most, one) => (most === null || mainScore(one) > mainScore(most) ? one : most),
    null,
  );

const classesOf = ({ scores }: ProbeResult): readonly string[] =>
  scores.kind === "classes" ? scores.classes : [];
