/** The senders that were chosen: alone, together, and as the receivers of the next level by the input that matters. */
import { useState } from "react";
import { meanChange, type PatchCells, strongestCells } from "../../../charts/patch-grid.ts";
import { CHANNELS, type Channel } from "../../../core/circuit.ts";
import { LabError } from "../../../core/lab-error.ts";
import { headReceiver, senderName } from "../../../core/paths.ts";
import { useLab } from "../../../state/context.ts";
import { writtenFormula } from "../../../state/task-slice.ts";
import { Button } from "../../../ui/button.tsx";
import { ErrorCard } from "../../../ui/error-card.tsx";
import { NumberInput } from "../../../ui/number-input.tsx";
import { Segmented } from "../../../ui/segmented.tsx";
import { metricText, metricWords } from "../words.ts";
import type { PathOptions, PathSetup } from "./use-path-question.ts";

interface Props {
  setup: PathSetup;
  options: PathOptions;
  cells: PatchCells;
  rest: number;
  chosen: readonly number[];
  setChosen: (cells: readonly number[]) => void;
}
const CHANNEL_WORDS: Record<Channel, string> = {
  q: "queries: where they look from",
  k: "keys: what is looked at",
  v: "values: what is moved",
};

export function NextLevel({ setup, options, cells, rest, chosen, setChosen }: Props) {
  const { question } = setup;
  const { channel, setChannel, levels, setLevels, level, setLevel } = options;
  const [top, setTop] = useState(3);
  const runPath = useLab((s) => s.runPath);
  const compare = useLab((s) => s.compareChannels);
  const senders = chosen.map((cell) => setup.sender(cell));
  const distinct = [...new Map(senders.map((sender) => [senderName(sender), sender])).values()];
  const heads = distinct.flatMap(({ layer, head }) => (head === null ? [] : [{ layer, head }]));
  const togetherKey = `together ${chosen.join()} ${setup.key}`;
  const together = useLab((s) => s.pathRuns[togetherKey]) ?? null;
  const { pairs, metric, direction } = question;
  const channelKey = JSON.stringify([setup.key, heads]);
  const effects = useLab((s) => s.channelEffects[channelKey]) ?? null;
  const unit = metricWords(metric, useLab(writtenFormula)).unit;
  const change = (values: readonly number[]) => meanChange(values, setup.pairs!, direction);
  const words = (values: readonly number[]) => {
    const stat = change(values);
    if (!stat) return "";
    return `${metricText(stat.mean)}${stat.error === null ? "" : ` ± ${metricText(stat.error)}`}`;
  };
  const found =
    effects && !(effects instanceof LabError)
      ? CHANNELS.map((name) => ({ name, size: Math.abs(change(effects[name])?.mean ?? 0) }))
      : [];
  const best = found.reduce<(typeof found)[number] | null>(
    (most, one) => (most && most.size >= one.size ? most : one),
    null,
  );
  return (
    <section className="stack" aria-label="The next level">
      <div className="row">
        <span className="row tight-row">
          <span>Choose the strongest</span>
          <NumberInput
            label="How many senders"
            value={top}
            onChange={setTop}
            min={1}
            max={30}
            whole
            className="narrow"
          />
          <Button onClick={() => setChosen(strongestCells(cells, rest, top))}>Choose</Button>
        </span>
        {chosen.length > 0 && (
          <Button kind="quiet" onClick={() => setChosen([])}>
            Choose none
          </Button>
        )}
      </div>
      {chosen.length === 0 ? (
        <p className="quiet">Choose senders in the heatmap to go on from them.</p>
      ) : (
        <>
          <p>
            Chosen:{" "}
            <span className="mono">{chosen.map((cell) => setup.name(cell)).join(", ")}</span>
            {together?.status === "done" && (
              <>
                {" "}
                · together {words(together.values.map((own) => own[0]!))} {unit}
              </>
            )}
          </p>
          {together?.error && (
            <ErrorCard title="They cannot be patched together" error={together.error} />
          )}
          <div className="row">
            <Button
              disabled={together?.status === "running"}
              title="All of them in one run for each pair: more or less than the sum of each alone"
              onClick={() => void runPath(togetherKey, { ...question, sets: [chosen] }, [0], 1)}
            >
              Patch them together
            </Button>
            {heads.length > 0 && (
              <Button
                title="Plain patches of all their queries, all their keys, all their values"
                onClick={() => void compare(channelKey, { pairs, metric, direction, heads })}
              >
                Compare q, k and v
              </Button>
            )}
          </div>
          {effects instanceof LabError && (
            <ErrorCard title="Their inputs cannot be compared" error={effects} />
          )}
          {best && (
            <p role="status">
              {found
                .map(({ name }) => `${name} ${words((effects as Record<Channel, number[]>)[name])}`)
                .join(" · ")}{" "}
              {unit}: most is in the {CHANNEL_WORDS[best.name]}.
            </p>
          )}
          <div className="row">
            {heads.length > 0 && (
              <Segmented
                label="Input of the heads"
                value={channel}
                choices={CHANNELS.map((value) => ({
                  value,
                  label: value,
                  title: CHANNEL_WORDS[value],
                }))}
                onChange={setChannel}
              />
            )}
            <Button
              icon="play"
              onClick={() => {
                const names = distinct.map((sender) => headReceiver(sender, channel));
                setLevels([...levels.slice(0, level), names]);
                setLevel(level + 1);
                setChosen([]);
              }}
            >
              Next level: what do they hear?
            </Button>
          </div>
        </>
      )}
    </section>
  );
}
