/** The circuit as a grid and as a text, how it is tested, and how far the test is. */
import { circuitGraph, edgeName } from "../../../core/circuit.ts";
import { type FoundCircuit, graphOf } from "../../../core/found-circuit.ts";
import { headCount, headText, writeHeadCircuit } from "../../../core/head-circuit.ts";
import type { Gpt2Config } from "../../../core/types.ts";
import { CIRCUIT_ABLATIONS, MOST_EDGES, RANDOM_BY, RANDOM_EDGES_BY } from "../../../core/verify.ts";
import { useLab } from "../../../state/context.ts";
import { MOST_MADE, type OpenTask } from "../../../state/task-slice.ts";
import { VERIFY_PROMPTS, type VerifyRun } from "../../../state/verify-slice.ts";
import { asSentence } from "../../../ui/advice.ts";
import { Button } from "../../../ui/button.tsx";
import { ErrorCard } from "../../../ui/error-card.tsx";
import { Checkbox, LinesField, Select } from "../../../ui/field.tsx";
import { Figure } from "../../../ui/figure.tsx";
import { formatDuration } from "../../../ui/format.ts";
import { SmallNumber } from "../../../ui/small-number.tsx";
import { Progress } from "../../../ui/progress.tsx";
import { Segmented } from "../../../ui/segmented.tsx";
import { MetricSelect } from "../metric-select.tsx";
import { EdgeList } from "./edge-list.tsx";
import { HeadGrid } from "./head-grid.tsx";
import type { ChosenCircuit } from "./use-circuit.ts";
import { MOST_RANDOM, TEST_AS, type VerifyOptions } from "./use-verify-options.ts";
import { ABLATION, AS_WORDS, BY_WORDS, EDGES_BY_WORDS, WHAT_CIRCUIT } from "./words.ts";

interface CircuitFigureProps {
  open: OpenTask;
  chosen: ChosenCircuit;
  options: VerifyOptions;
  config: Gpt2Config;
  run: VerifyRun | null;
  isOwnTask: boolean;
  /** Of a circuit that is tested by its edges. */
  edges: readonly number[] | null;
  /** null: there is no circuit to test. */
  onRun: (() => void) | null;
}

export function CircuitFigure(props: CircuitFigureProps) {
  const { chosen, config, run, edges, options } = props;
  const { circuit, choices, choice, text, error } = chosen;
  const { found } = choice;
  const keepError = useLab((s) => s.verifyKeepError);
  const mlps = circuit?.mlps;
  return (
    <Figure
      title="The circuit"
      name="circuit"
      what={WHAT_CIRCUIT}
      python={{ none: "The figures of its tests have the Python: it lists the circuit." }}
      table={() => ({
        columns: edges ? ["edge", "score"] : ["class", "node", "at"],
        rows:
          edges && found
            ? edgeRows(found, edges)
            : [
                ...(circuit?.classes ?? []).flatMap(({ name, heads, roles }) =>
                  heads.map((head) => [name, headText(head), roles?.join(" ") ?? "every position"]),
                ),
                ...(mlps ?? []).map((layer) => ["MLPs", `MLP ${layer}`, "every position"]),
              ],
      })}
      controls={
        <Select
          label="Circuit"
          value={choice.value}
          options={choices.map(({ value, label }) => ({ value, label }))}
          onChange={chosen.choose}
        />
      }
    >
      {found && (
        <Segmented
          label="Tested by"
          value={options.testAs}
          choices={TEST_AS.map((value) => ({ value, ...AS_WORDS[value] }))}
          onChange={options.setTestAs}
        />
      )}
      {edges && found && <EdgeList found={found} edges={edges} />}
      {!edges && (
        <>
          <div className="circuit-editor">
            {circuit && (
              <HeadGrid
                circuit={circuit}
                config={config}
                onChange={(next) => chosen.change(writeHeadCircuit(next))}
              />
            )}
            <LinesField
              label="As text"
              hint="A class a line: “name: 9.6 10.0 @ END”. “@” and roles: only at their tokens. “mlps: 0 2” keeps those MLPs alone."
              error={error && asSentence(error.message)}

              rows={9}
              value={text}
              placeholder="mover: 2.0 3.1 @ END"
              onChange={chosen.change}
            />
          </div>
          {circuit && (
            <p className="quiet">
              {headCount(circuit)} of {config.n_layer * config.n_head} heads
              {mlps ? `, ${mlps.length} of ${config.n_layer} MLPs` : "; all MLPs stay as they are"}.
            </p>
          )}
        </>
      )}
      {edges && (
        <p className="quiet">
          {edges.length.toLocaleString("en-US")} of{" "}
          {circuitGraph(config).edges.toLocaleString("en-US")} edges. Each is tested on every pair,
          with every K: of many edges that is many runs.
        </p>
      )}
      <Settings {...props} />
      <Actions {...props} />
      {keepError && <ErrorCard title="What was found cannot be kept" error={keepError} />}
      {run?.error && <ErrorCard title="The circuit was not tested to the end" error={run.error} />}
    </Figure>
  );
}

function edgeRows(found: FoundCircuit, edges: readonly number[]) {
  const graph = graphOf(found);
  return edges.map((edge) => {
    const score = found.scores?.[edge] ?? NaN;
    return [edgeName(graph, edge), Number.isNaN(score) ? null : score];
  });
}

function Settings({ open, options, isOwnTask, edges }: CircuitFigureProps) {
  const { ablation, prompts, count, draw, random, by, edgesBy, subsets, greedy, seed } = options;
  const number = (
    label: string,
    value: number,
    onChange: (value: number) => void,
    most: number,
    min = 0,
  ) => <SmallNumber label={label} value={value} onChange={onChange} min={min} max={most} whole />;
  const isDrawn = !isOwnTask && prompts === "held-out";
  return (
    <div className="patch-settings">
      <MetricSelect open={open} options={options} />
      <div className="small-field">
        <span className="field-label">Left out becomes</span>
        <Segmented
          label="Left out becomes"
          value={ablation}
          choices={CIRCUIT_ABLATIONS.map((value) => ({ value, ...ABLATION[value] }))}
          onChange={options.setAblation}
        />
      </div>
      {isOwnTask ? (
        <p className="quiet">
          A task of your own has no other draw: it is tested on the pairs it has.
        </p>
      ) : (
        <div className="small-field">
          <span className="field-label">Prompts</span>
          <Segmented
            label="Prompts"
            value={prompts}
            choices={VERIFY_PROMPTS.map((value) => ({
              value,
              label: value === "own" ? "the task’s pairs" : "held out",
              title:
                value === "own"
                  ? "The pairs of the open task, on which the circuit may have been found"
                  : "Another draw of the same task, without any pair of the open one",
            }))}
            onChange={options.setPrompts}
          />
        </div>
      )}
      {isDrawn && number("Pairs", count, options.setCount, MOST_MADE, 1)}
      {isDrawn && number("Their draw", draw, options.setDraw, 999_999)}
      {number("Random circuits", random, options.setRandom, MOST_RANDOM)}
      <div className="small-field">
        <span className="field-label">{edges ? "Their edges" : "Their heads"}</span>
        {edges ? (
          <Segmented
            label="Their edges"
            value={edgesBy}
            choices={RANDOM_EDGES_BY.map((value) => ({ value, ...EDGES_BY_WORDS[value] }))}
            onChange={options.setEdgesBy}
          />
        ) : (
          <Segmented
            label="Their heads"
            value={by}
            choices={RANDOM_BY.map((value) => ({ value, ...BY_WORDS[value] }))}
            onChange={options.setBy}
          />
        )}
      </div>
      {number("Random K", subsets, options.setSubsets, MOST_RANDOM)}
      {number("Chance’s seed", seed, options.setSeed, 999_999)}
      <Checkbox label="Search for a K" checked={greedy} onChange={options.setGreedy} />
    </div>
  );
}

function Actions({ run, onRun, edges }: CircuitFigureProps) {
  const stop = useLab((s) => s.stopVerify);
  // Whatever is shown, what runs can be seen and stopped.
  const busy = useLab((s) => Object.values(s.verifyRuns).find((one) => one.status === "running"));
  if (busy) {
    const { done, total, secondsLeft } = busy;
    const rate = done / Math.max(0.1, busy.seconds);
    return (
      <Progress
        label={busy === run ? "Testing the circuit" : "Testing another circuit, or otherwise"}
        share={total === 0 ? null : done / total}
        facts={
          total === 0
            ? []
            : [
                `${done.toLocaleString("en-US")} of ${total.toLocaleString("en-US")} runs`,
                `${rate.toFixed(0)} runs/s`,
                ...(secondsLeft === null ? [] : [`${formatDuration(secondsLeft)} left`]),
              ]
        }
        onCancel={stop}
        cancelLabel="Stop"
      />
    );
  }
  return (
    <div className="row">
      <Button kind="primary" icon="play" disabled={onRun === null} onClick={onRun ?? undefined}>
        Test the circuit
      </Button>
      {onRun === null && (
        <span className="quiet">
          {edges
            ? edges.length === 0
              ? "The circuit has no edge: put one in, in Discover."
              : `At most ${MOST_EDGES} edges are tested one by one: take a larger τ in Discover, or test its nodes.`
            : "There is no circuit to test yet: press heads in the grid, or write them as text."}
        </span>
      )}
      {run && (
        <span className="quiet">
          {run.status === "stopped"
            ? "Stopped; what was found stays."
            : run.status === "done"
              ? `${run.done.toLocaleString("en-US")} runs in ${run.seconds.toFixed(1)} s`
              : ""}
        </span>
      )}
    </div>
  );
}
