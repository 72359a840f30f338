/** The steps of the worked example: what each asks of the worker, how far it is, and what it found as a sentence. */
import { useMemo } from "react";
import {
  baselineSentence,
  placeSentence,
  rolesCircuit,
  rolesSentence,
  strongestSentence,
} from "../../charts/guide-sentences.ts";
import { METRIC_IN_WORDS, verdict } from "../../charts/circuit-verdict.ts";
import { circuitReport } from "../../charts/circuit-report.ts";
import { patchCells, scaleOf, strongestCells } from "../../charts/patch-grid.ts";
import { roleRows } from "../../charts/role-rows.ts";
import { readHeadCircuit } from "../../core/head-circuit.ts";
import { headReceiver, LOGITS } from "../../core/paths.ts";
import type { Gpt2Config } from "../../core/types.ts";
import { useLab } from "../../state/context.ts";
import type { Options } from "../../state/options-slice.ts";
import type { OpenTask } from "../../state/task-slice.ts";
import { type VerifyAsk, verifyKey } from "../../state/verify-slice.ts";
import { type PathAsk, usePathSetup } from "./paths/use-path-question.ts";
import { useKnownClass, useRoles } from "./roles/use-roles.ts";
import { ROLE } from "./roles/words.ts";
import { type PatchAsk, usePatchSetup } from "./use-patch-question.ts";
import { useVerifyOptions } from "./verify/use-verify-options.ts";
import { TYPED } from "./verify/use-circuit.ts";
import { metricText } from "./words.ts";
import { useEdgeStep } from "./ioi/use-edge-step.tsx";
import { SmallGrid } from "./ioi/small-grid.tsx";
import type { StepStatus } from "./ioi/step.tsx";
import { stateOf } from "./ioi/step-state.ts";
import { type StepId } from "./ioi/words.ts";

const METRIC = "logitDiff" as const;
const PLACES: PatchAsk = {
  ...{ metric: METRIC, direction: "denoise", unit: "resid_pre", by: "all" },
  ...{ columns: "position", layer: 0 },
};
const HEADS: PatchAsk = { ...PLACES, unit: "z" };
const PATHS: Omit<PathAsk, "receivers"> = {
  ...{ metric: METRIC, direction: "noise", mlps: "recompute", by: "all", columns: "position" },
};
const TO_LOGITS: PathAsk = { ...PATHS, receivers: [LOGITS] };
const RECEIVERS = 3; // heads of the level before

export interface StepState {
  id: StepId;
  status: StepStatus;
  waitsFor: string | null;
  progress: { done: number; total: number } | null;
  error: string | null;
  sentence: string | null;
  run: () => void;
  stop: () => void;
  part: string;
  /** Sets the options of its part to the step's. */
  options: Partial<Record<keyof Options, string | null>>;
  result: React.ReactNode;
  /** What else its part is to show. */
  open?: () => void;
}

export function useSteps(open: OpenTask, config: Gpt2Config): StepState[] {
  const taskProgress = useLab((s) => s.taskProgress);
  const refreshTask = useLab((s) => s.refreshTask);
  const stopTask = useLab((s) => s.stopTask);
  const { patchRuns, pathRuns, verifyRuns } = useLab((s) => s);
  const { runPatch, runPath, stopPatching, stopRoles, runVerify, stopVerify } = useLab((s) => s);
  const baseline = baselineSentence(open.baseline);
  const before = baseline === null ? "The baseline comes first." : null;

  const places = usePatchSetup(open, PLACES, config);
  const heads = usePatchSetup(open, HEADS, config);
  const paths = usePathSetup(open, TO_LOGITS, config);
  const ends = places.pairs && scaleOf(places.pairs);
  const scale = ends && "scale" in ends ? ends.scale : null;
  const share = (values: readonly Float64Array[], size: number) =>
    places.pairs && patchCells(values, places.pairs, "denoise", scale, size);
  const change = (values: readonly Float64Array[], size: number) =>
    places.pairs && patchCells(values, places.pairs, "noise", null, size);

  const placeRun = patchRuns[places.key] ?? null;
  const placeCells =
    placeRun && share(placeRun.values, places.grid.rows.length * places.columns.length);
  const headRun = patchRuns[heads.key] ?? null;
  const headCells = headRun && share(headRun.values, heads.grid.count);
  const pathRun = pathRuns[paths.key] ?? null;
  const pathCells = pathRun && change(pathRun.values, paths.count);

  const speakers =
    pathRun?.status === "done" && pathCells
      ? strongestCells(pathCells, 0, pathCells.stats.length)
          .map(paths.sender)
          .filter(({ head, layer }) => head !== null && layer > 0)
          .slice(0, RECEIVERS)
          .map((sender) => headReceiver(sender, "q"))
      : [];
  const heard = speakers.join(",");
  const receivers = useMemo(() => (heard === "" ? [] : heard.split(",")), [heard]);
  const backAsk = useMemo(
    () => ({ ...PATHS, receivers: receivers.length > 0 ? receivers : [LOGITS] }),
    [receivers],
  );
  const back = usePathSetup(open, backAsk, config);
  const backRun = receivers.length > 0 ? (pathRuns[back.key] ?? null) : null;
  const backCells = backRun && change(backRun.values, back.count);

  const { run: roleRun, start: findRoles } = useRoles(open);
  const known = useKnownClass(open, config);
  const answer = roleRun?.answer ?? null;
  const label = (role: keyof typeof ROLE) => ROLE[role].label;
  const rows = answer ? roleRows(answer, known.classOf) : [];
  const circuitText = rolesCircuit(rows, label);

  const edges = useEdgeStep(open, known);
  const verifyOptions = useVerifyOptions();
  const { random, by, subsets, greedy, seed, ablation, count, draw, prompts } = verifyOptions;
  const ask: VerifyAsk = {
    ...{ open, circuit: readHeadCircuit(circuitText, config), circuitName: "Mine" },
    ...{ prompts, count, draw },
    settings: {
      ...{ metric: METRIC, ablation, subsets, random: { count: random, by }, greedy, seed },
    },
  };
  const checkKey = verifyKey(ask);
  const checkRun = verifyRuns[checkKey] ?? null;
  const report = checkRun && circuitReport(checkRun.found);
  const told =
    report && checkRun.asked
      ? verdict(
          report,
          {
            ...{ metric: METRIC_IN_WORDS[METRIC], ablation, names: checkRun.asked.names, by },
            ...{ of: "nodes", withMlps: checkRun.asked.question.withMlps },
            prompts: { task: checkRun.asked.task, seed: checkRun.asked.seed },
          },
          metricText,
        )
      : null;

  const common = { "circuits.metric": null };
  return [
    {
      id: "baseline",
      ...{ waitsFor: null, error: null, sentence: baseline, result: null, part: "Task" },
      status: taskProgress ? "running" : baseline === null ? "ready" : "done",
      progress: taskProgress,
      run: () => void refreshTask(),
      stop: stopTask,
      options: { ...common, "circuits.part": null },
    },
    {
      id: "places",
      ...stateOf(placeRun, before),
      sentence: placeCells && placeSentence(placeCells, places.grid.rows, places.columns),
      run: () => void runPatch(places.key, { ...places.question, cells: null }, places.grid.count),
      ...{ stop: stopPatching, part: "Patching" },
      options: {
        ...{ ...common, "circuits.part": "patching", "circuits.unit": null },
        ...{ "circuits.direction": null, "circuits.columns": null, "circuits.form": null },
      },
      result: placeCells && (
        <SmallGrid
          cells={placeCells}
          rows={places.grid.rows}
          columns={places.columns}
          name="Residual stream by layer and position"
          cellName={places.name}
          headOf={() => null}
        />
      ),
    },
    {
      id: "heads",
      ...stateOf(headRun, before),
      sentence:
        headCells &&
        strongestSentence(headCells, 0, heads.name, "As a share of the way back, most is in"),
      run: () => void runPatch(heads.key, { ...heads.question, cells: null }, heads.grid.count),
      ...{ stop: stopPatching, part: "Patching" },
      options: {
        ...{ ...common, "circuits.part": "patching", "circuits.unit": "z", "circuits.by": null },
        ...{ "circuits.direction": null, "circuits.columns": null, "circuits.form": null },
      },
      result: headCells && (
        <SmallGrid
          cells={headCells}
          rows={heads.grid.rows}
          columns={heads.columns}
          name="Heads by layer"
          cellName={heads.name}
          headOf={(cell) => {
            const { layer, head } = heads.target(cell);
            return head === null ? null : { layer, head };
          }}
        />
      ),
    },
    {
      id: "paths",
      ...stateOf(pathRun, before),
      sentence:
        pathCells &&
        strongestSentence(pathCells, 0, paths.name, "In logits, most goes to the logits from"),
      run: () => runSweep(paths),
      ...{ stop: stopPatching, part: "Paths" },
      options: pathOptions([], "0"),
      result: pathCells && grid(pathCells, paths, "Paths to the logits"),
    },
    {
      id: "back",
      ...stateOf(
        backRun,
        receivers.length > 0
          ? null
          : pathRun?.status === "done"
            ? "No head after the first layer speaks to the logits."
            : "The paths to the logits come first.",
      ),
      sentence:
        backCells &&
        strongestSentence(
          backCells,
          0,
          back.name,
          `In logits, most comes to the queries of ${receivers.map((r) => r.replace(/a(\d+)\.h(\d+)<q>/, "$1.$2")).join(", ")} from`,
        ),
      run: () => runSweep(back),
      ...{ stop: stopPatching, part: "Paths" },
      options: pathOptions(receivers, receivers.length > 0 ? "1" : "0"),
      result: backCells && grid(backCells, back, "Paths to the queries"),
    },
    {
      id: "roles",
      ...stateOf(
        roleRun && {
          ...{ status: roleRun.status, error: roleRun.error },
          ...(roleRun.progress ?? { done: 0, total: 0 }),
        },
        before,
      ),
      sentence: answer && `${rolesSentence(rows, label)}${answer.lacks ? ` ${answer.lacks}` : ""}`,
      run: () => void findRoles(),
      ...{ stop: stopRoles, part: "Roles" },
      options: { ...common, "circuits.part": "roles" },
      result: answer && <p className="quiet">{known.why}</p>,
    },
    {
      id: "edges",
      ...stateOf(edges.run, before),
      sentence: edges.sentence,
      run: edges.start,
      ...{ stop: edges.stop, part: "Discover" },
      options: {
        ...{ ...common, "circuits.part": "discover", "discover.search": null },
        ...{ "eap.method": null, "eap.steps": null },
      },
      ...{ open: edges.show, result: edges.result },
    },
    {
      id: "verify",
      ...stateOf(
        checkRun,
        circuitText !== "" ? null : answer ? "No head has a role." : "The roles come first.",
      ),
      sentence: told?.join("\n") ?? null,
      run: () => void runVerify(checkKey, ask),
      ...{ stop: stopVerify, part: "Verify", result: null },
      options: {
        ...{ ...common, "circuits.part": "verify" },
        ...{ "verify.of": TYPED, "verify.circuit": circuitText },
      },
    },
  ];

  function runSweep(setup: typeof paths) {
    const sets = setup.open.map((cell) => [cell]);
    void runPath(setup.key, { ...setup.question, sets }, setup.open, setup.count);
  }
  function pathOptions(names: readonly string[], level: string): StepState["options"] {
    return {
      ...{ ...common, "circuits.part": "paths", "paths.direction": null, "paths.mlps": null },
      ...{ "paths.by": null, "paths.form": null, "circuits.columns": null },
      ...{ "paths.levels": names.join(",") || null, "paths.level": level === "0" ? null : level },
    };
  }
  function grid(cells: NonNullable<typeof pathCells>, setup: typeof paths, name: string) {
    return (
      <SmallGrid
        {...{ cells, name, rows: setup.rows, columns: setup.columns, cellName: setup.name }}
        headOf={(cell) => {
          const { layer, head } = setup.sender(cell);
          return head === null ? null : { layer, head };
        }}
      />
    );
  }
}
