/** Which senders into which receivers, by the options of the part: the levels that were walked, and the question of the one shown. */
import { useMemo } from "react";
import { CHANNELS, circuitGraph } from "../../../core/circuit.ts";
import { toLabError } from "../../../core/lab-error.ts";
import { DIRECTIONS } from "../../../core/patching.ts";
import {
  cellSender,
  LOGITS,
  PATH_MLPS,
  pathCells,
  type PathQuestion,
  type PathSender,
  reaches,
  readReceivers,
  senderName,
} from "../../../core/paths.ts";
import { TASK_METRICS } from "../../../core/task.ts";
import type { Gpt2Config } from "../../../core/types.ts";
import { useChoice, useRead, useText, wholeIn } from "../../../state/options-slice.ts";
import { type OpenTask, runPair } from "../../../state/task-slice.ts";
import { type Places, positionPlaces, rolePlaces } from "../places.ts";
import { BY, COLUMNS } from "../use-patch-question.ts";

const [denoise, noise] = DIRECTIONS;
const MOST_LEVELS = 20;

/** "a9.h6<q>,m8;a7.h3<v>" ⇄ lists of names; the logits come before them, unsaid. */
export const writeLevels = (levels: readonly (readonly string[])[]): string =>
  levels.map((names) => names.join(",")).join(";");
export function readLevels(config: Gpt2Config, text: string): string[][] | null {
  if (text === "") return [];
  const levels = text.split(";").map((names) => names.split(","));
  if (levels.length > MOST_LEVELS) return null;
  try {
    for (const names of levels) {
      if (names.includes(LOGITS)) return null;
      readReceivers(config, names);
    }
    return levels;
  } catch (e) {
    if (toLabError(e).code === "bad-input") return null;
    throw e;
  }
}

export function usePathOptions(config: Gpt2Config) {
  const [metric] = useChoice("circuits.metric", TASK_METRICS);
  const [direction, setDirection] = useChoice("paths.direction", [noise, denoise]);
  const [mlps, setMlps] = useChoice("paths.mlps", PATH_MLPS);
  const [by, setBy] = useChoice("paths.by", BY);
  const [columns, setColumns] = useChoice("circuits.columns", COLUMNS);
  const [channel, setChannel] = useChoice("paths.channel", CHANNELS);
  const [levels, setLevels] = useRead<string[][]>(
    "paths.levels",
    (text) => readLevels(config, text),
    [],
    writeLevels,
  );
  const [asked, setLevel] = useRead("paths.level", wholeIn(0, MOST_LEVELS), 0);
  const [chosenText, setChosenText] = useText("paths.chosen", "");
  const key = writeLevels(levels);
  const level = Math.min(asked, levels.length);
  const receivers = useMemo(
    () => (level === 0 ? [LOGITS] : key.split(";")[level - 1]!.split(",")),
    [level, key],
  );
  return {
    ...{ metric, direction, setDirection, mlps, setMlps, by, setBy, columns, setColumns },
    ...{ channel, setChannel, levels, setLevels, level, setLevel, receivers },
    ...{ chosenText, setChosenText },
  };
}
export type PathOptions = ReturnType<typeof usePathOptions>;
export type PathAsk = Pick<
  PathOptions,
  "metric" | "direction" | "mlps" | "by" | "columns" | "receivers"
>;

export interface PathSetup {
  question: Omit<PathQuestion, "sets">;
  key: string;
  rows: readonly string[];
  columns: readonly string[];
  /** Cells of the matrix. */
  count: number;
  /** Those whose sender comes before a receiver, at a place that some pair has. */
  open: readonly number[];
  places: Places;
  aligned: boolean;
  pairs: readonly { clean: number; corrupted: number }[] | null;
  sender: (cell: number) => PathSender;
  /** "9.6 at S2", "MLP 3" */
  name: (cell: number) => string;
}

export function usePathSetup(task: OpenTask, ask: PathAsk, config: Gpt2Config): PathSetup {
  const { metric, direction, mlps, by, columns, receivers } = ask;
  return useMemo(
    () => pathSetup(task, { metric, direction, mlps, by, columns, receivers }, config),
    [task, metric, direction, mlps, by, columns, receivers, config],
  );
}

export function pathSetup(task: OpenTask, ask: PathAsk, config: Gpt2Config): PathSetup {
  const { metric, direction, mlps, by, columns, receivers } = ask;
  const usable = task.read.flatMap((pair, i) =>
    pair.problem === null ? [{ pair, baseline: task.baseline[i] ?? null }] : [],
  );
  const read = usable.map(({ pair }) => pair);
  const positions = positionPlaces(read);
  const places = columns === "role" ? rolePlaces(read) : (positions ?? rolePlaces(read));
  const byPlace = by === "place";
  const P = byPlace ? places.names.length : null;
  const question = {
    pairs: read.map((pair, i) => ({ ...runPair(pair), places: places.at[i]! })),
    ...{ metric, direction, receivers, mlps, byPlace },
  };
  const metrics = usable.flatMap(({ baseline }) => {
    const [clean, corrupted] = [baseline?.clean.values[metric], baseline?.corrupted.values[metric]];
    return typeof clean === "number" && typeof corrupted === "number" ? [{ clean, corrupted }] : [];
  });
  const { n_layer, n_head } = config;
  const layers = Array.from({ length: n_layer }, (_, l) => l);
  const heads = Array.from({ length: n_head }, (_, h) => h);
  const at = (cell: number) => cellSender(config, P, cell);
  const graph = circuitGraph(config);
  const reading = readReceivers(config, receivers);
  const count = pathCells(config, P);
  return {
    ...{ question, count, places, aligned: positions !== null, sender: at },
    key: JSON.stringify(["paths", task.stamp, question]),
    rows: byPlace
      ? layers.flatMap((layer) => [...heads, null].map((head) => senderName({ layer, head })))
      : layers.map((l) => `L${l}`),
    columns: byPlace ? places.names : [...heads.map((h) => `H${h}`), "MLP"],
    open: Array.from({ length: count }, (_, cell) => cell).filter((cell) => {
      const { place, ...sender } = at(cell);
      return (
        reaches(graph, reading, sender) &&
        (place === null || places.at.some((own) => own[place]!.length > 0))
      );
    }),
    pairs: metrics.length === usable.length && usable.length > 0 ? metrics : null,
    name: (cell) => {
      const { place, ...sender } = at(cell);
      return place === null
        ? senderName(sender)
        : `${senderName(sender)} at ${places.names[place]!}`;
    },
  };
}

/** "a9.h6<q>" → "9.6 q", for people. */
export const receiverLabel = (name: string): string =>
  name === LOGITS
    ? "logits"
    : name.replace(/^a(\d+)\.h(\d+)<(.)>$/, "$1.$2 $3").replace(/^m(\d+)$/, "MLP $1");
