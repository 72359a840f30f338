/** Where is probed and how, and the button that does it. */
import {
  HEAD_SITES,
  PROBE_SITES,
  type ProbeRequest,
  type ProbeSite,
  type ProbeView,
} from "../../../core/probe.ts";
import { useLab } from "../../../state/context.ts";
import { Button } from "../../../ui/button.tsx";
import { Checkbox } from "../../../ui/field.tsx";
import { SmallNumber } from "../../../ui/small-number.tsx";
import { formatDuration } from "../../../ui/format.ts";
import { Progress } from "../../../ui/progress.tsx";
import { Segmented } from "../../../ui/segmented.tsx";
import { MOST, type ProbePlaces } from "./use-probe-question.ts";
import { SITE, SITE_TITLE } from "./words.ts";

export function PlaceSettings({ how, view }: { how: ProbePlaces; view: ProbeView | null }) {
  const { sites, setSites } = how;
  const toggle = (site: ProbeSite, on: boolean) => {
    const next = PROBE_SITES.filter((one) => (one === site ? on : sites.includes(one)));
    if (next.length > 0) setSites(next);
  };
  const numbers = view?.labels.kind === "numbers";
  return (
    <div className="probe-settings">
      <fieldset className="probe-sites">
        <legend className="field-label">Read in every layer</legend>
        {PROBE_SITES.map((site) => (
          <Checkbox
            key={site}
            label={<span className="mono">{SITE[site]}</span>}
            title={SITE_TITLE[site]}
            checked={sites.includes(site)}
            onChange={(on) => toggle(site, on)}
          />
        ))}
      </fieldset>
      {sites.some((site) => HEAD_SITES.includes(site)) && (
        <Segmented
          label="Heads of q, k, v and z"
          value={how.heads}
          choices={[
            { value: "together", label: "heads together" },
            { value: "each", label: "each head" },
          ]}
          onChange={how.setHeads}
        />
      )}
      {view?.unit === "text" && (
        <Segmented
          label="Of each text"
          value={how.read}
          choices={[
            { value: "last", label: "last token" },
            { value: "mean", label: "mean", title: "The mean over all tokens but BOS" },
          ]}
          onChange={how.setRead}
        />
      )}
      {!numbers && (
        <Segmented
          label="Probe"
          value={how.loss}
          choices={[
            { value: "logistic", label: "logistic" },
            { value: "linear", label: "linear", title: "Ridge regression on ±1" },
          ]}
          onChange={how.setLoss}
        />
      )}
      <Segmented
        label="Held out"
        value={how.folds}
        choices={[
          {
            value: "1",
            label: "a fifth",
            title: "One split: three fifths, a fifth to choose λ, a fifth held out",
          },
          { value: "5", label: "each fifth once", title: "Five-fold: five times the work" },
        ]}
        onChange={how.setFolds}
      />
      <SmallNumber
        whole
        label="Shuffled labels, times"
        value={how.shuffles}
        onChange={how.setShuffles}
        min={0}
        max={MOST.shuffles}
      />
    </div>
  );
}

export function ProbeActions({
  how,
  request,
  view,
}: {
  how: ProbePlaces;
  request: ProbeRequest | null;
  view: ProbeView | null;
}) {
  const run = useLab((s) => s.probeRun);
  const start = useLab((s) => s.runProbes);
  const stop = useLab((s) => s.stopProbes);
  if (run?.status === "running") {
    const rate = run.done / Math.max(0.1, run.seconds);
    return (
      <Progress
        label={run.stage === "reading" ? "Running the texts" : "Fitting probes"}
        share={run.total === 0 ? null : run.done / run.total}
        facts={
          run.total === 0
            ? []
            : [
                `${run.done} of ${run.total} ${run.stage === "reading" ? "texts" : "places"}`,
                ...(run.stage === "reading" ? [`${rate.toFixed(0)} texts/s`] : []),
                ...(run.secondsLeft === null ? [] : [`${formatDuration(run.secondsLeft)} left`]),
              ]
        }
        onCancel={stop}
        cancelLabel="Stop"
      />
    );
  }
  const n = how.places.length;
  return (
    <div className="row">
      <Button
        kind="primary"
        icon="play"
        disabled={!request || !view}
        onClick={() => {
          if (request && view) void start(how.question(request, view.labels.kind === "numbers"));
        }}
      >
        Fit {n} {n === 1 ? "probe" : "probes"}
      </Button>
      {run?.status === "stopped" && (
        <span className="quiet">
          {run.results.length} of {run.question.places.length} places; what was found stays.
        </span>
      )}
      {run?.status === "done" && run.seconds > 0 && (
        <span className="quiet">
          {run.results.length} places in {run.seconds.toFixed(1)} s
        </span>
      )}
    </div>
  );
}
