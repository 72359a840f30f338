/** Steering: the rows that are turned up or down, with undo and redo, and what they do to the next token. */
import { toLabError } from "../core/lab-error.ts";
import type { FeatureTable } from "../core/sae.ts";
import { parseHook } from "../core/hooks.ts";
import {
  modesOf,
  newRow,
  sameSource,
  sourceHook,
  STEER_ATTENTION,
  type SteerAttention,
  type SteerFacts,
  type SteerRow,
  type SteerSource,
  type SteerSpec,
} from "../core/steer.ts";
import type { Prediction } from "../core/types.ts";
import { createLatest } from "./newest.ts";
import { saeMisfit } from "./sae-fit.ts";
import { saeForPrompt } from "./sae-on-bench.ts";
import type { Slice, Store } from "./store.ts";
import { IDLE, type Task } from "./task.ts";

/** How many tokens of each distribution the bars compare (the union is shown). */
const TOP_K = 8;
const REMEMBERED = 100; // steps of undo
/** Milliseconds within which changes of one row's amount are one step: those of one drag. */
const ONE_STEP = 800;

export interface SteeredPrediction {
  plain: Prediction;
  steered: Prediction;
  /** The rows that it is of, and what each does; null for one that is switched off. */
  of: readonly SteerRow[];
  facts: readonly (SteerFacts | null)[];
}

export interface SteerSlice {
  steerRows: readonly SteerRow[];
  /** Adds a feature of the SAE on the bench (or of another) at its own largest activation; one that is there stays as it is. */
  addSteer: (feature: number, sae?: string) => void;
  /** Adds a row of any source at a first amount: the direction's own length, or 1. */
  addSteerSource: (source: SteerSource) => void;
  setSteer: (index: number, patch: Partial<Omit<SteerRow, "source">>) => void;
  removeSteer: (index: number) => void;
  clearSteer: () => void;
  /** All at once: a preset, an experiment. */
  setSteerRows: (rows: readonly SteerRow[]) => void;
  undoneSteer: {
    past: readonly (readonly SteerRow[])[];
    future: readonly (readonly SteerRow[])[];
  };
  undoSteer: () => void;
  redoSteer: () => void;
  /** An SAE came to the bench: rows of a link that named none are of it. */
  adoptSteer: (saeId: string | null) => void;
  /** Statistics of SAEs that rows name, apart from the one on the bench. */
  steerTables: Readonly<Record<string, Task<FeatureTable>>>;
  steered: Task<SteeredPrediction>;
  /** The last that was ready: the bars stay while the next is computed. */
  shownSteered: SteeredPrediction | null;
  /** Asks again; while one answer is computed, only the newest question waits. */
  refreshSteer: () => Promise<void>;
}

type RowState = Pick<Store, "model" | "saes">;

/** Why a row cannot steer the model on the bench; null if it can. */
export function steerMisfit({ model, saes }: RowState, { source }: SteerRow): string | null {
  if (model.status !== "ready") return "no model is loaded";
  const { config } = model.value;
  if (source.kind === "feature") {
    const sae = saes.status === "ready" ? saes.value.find(({ id }) => id === source.sae) : null;
    if (!sae) return "its autoencoder is not in this browser";
    if (sae.status !== "finished") return "its autoencoder is not finished";
    if (source.feature >= sae.config.dSae) return `its autoencoder has ${sae.config.dSae} features`;
    return saeMisfit(sae.config, model.value);
  }
  const NO = "the model on the bench has no such place";
  try {
    parseHook(sourceHook(source), config);
  } catch {
    return NO;
  }
  if (source.kind === "neuron") return source.neuron < config.n_inner ? null : NO;
  if (source.kind === "head") return source.head < config.n_head ? null : NO;
  if (source.kind === "difference" || source.vector.length === config.n_embd) return null;
  return `it has ${source.vector.length} numbers, the model's residual stream ${config.n_embd}`;
}

export const steerAttention = ({ options }: Pick<Store, "options">): SteerAttention =>
  STEER_ATTENTION.find((choice) => choice === options["steer.attention"]) ?? "free";

/** All rows, those off that do not fit the bench. */
export function steerSpec(
  state: RowState & Pick<Store, "steerRows" | "options">,
): SteerSpec & { attention: SteerAttention } {
  const rows = state.steerRows.map((row) =>
    row.on && steerMisfit(state, row) !== null ? { ...row, on: false } : row,
  );
  return { rows, attention: steerAttention(state) };
}

type TableState = Pick<Store, "features" | "steerTables">;

const tableOf = ({ features, steerTables }: TableState, sae: string): FeatureTable | null => {
  if (features.status === "ready" && features.value.saeId === sae) return features.value;
  const other = steerTables[sae];
  return other?.status === "ready" ? other.value : null;
};

/** Largest activation of a feature on the dashboard tokens; null if unknown, if it never fired, or for no feature. */
export function featureMax(state: TableState, source: SteerSource): number | null {
  if (source.kind !== "feature") return null;
  const rows = tableOf(state, source.sae)?.rows ?? [];
  const { feature } = source;
  const row =
    rows[feature]?.feature === feature ? rows[feature] : rows.find((r) => r.feature === feature);
  return row && row.max > 0 ? row.max : null;
}

/** What is known of a row by the last answer; null before. `change` may be of the amount just before. */
export function factsOf(
  { shownSteered }: Pick<Store, "shownSteered">,
  { source }: SteerRow,
  index: number,
): SteerFacts | null {
  if (!shownSteered) return null;
  const same = (row: SteerRow | undefined) => row !== undefined && sameSource(row.source, source);
  const at = same(shownSteered.of[index]) ? index : shownSteered.of.findIndex(same);
  return shownSteered.facts[at] ?? null;
}

export const createSteerSlice: Slice<SteerSlice> = (lab) => (set, get, api) => {
  /** Chosen before their scale was known, and not moved since: these still take it. */
  const unscaled = new Set<SteerRow>();
  let lastChange = { what: "", at: 0 };

  const change = (steerRows: readonly SteerRow[], what = "") => {
    const { steerRows: before, undoneSteer } = get();
    const now = Date.now();
    const same = what !== "" && what === lastChange.what && now - lastChange.at < ONE_STEP;
    lastChange = { what, at: now };
    const past = same ? undoneSteer.past : [...undoneSteer.past, before].slice(-REMEMBERED);
    set({ steerRows, undoneSteer: { past, future: [] } });
    loadTables();
  };
  const step = (from: "past" | "future", to: "past" | "future") => {
    const { steerRows, undoneSteer } = get();
    const next = undoneSteer[from].at(-1);
    if (!next) return;
    lastChange = { what: "", at: 0 };
    const left = undoneSteer[from].slice(0, -1);
    const kept = [...undoneSteer[to], steerRows];
    const undone = from === "past" ? { past: left, future: kept } : { past: kept, future: left };
    set({ steerRows: next, undoneSteer: undone });
    loadTables();
  };

  /** Statistics of every SAE that a row names. */
  const loadTables = () => {
    const { steerRows, steerTables, saeId, saes } = get();
    if (saes.status !== "ready") return;
    for (const { source } of steerRows) {
      if (source.kind !== "feature" || source.sae === saeId || steerTables[source.sae]) continue;
      const sae = saes.value.find(({ id }) => id === source.sae);
      if (sae?.hasDashboards) void loadTable(source.sae);
    }
  };
  const loadTable = async (id: string) => {
    const put = (task: Task<FeatureTable>) =>
      set({ steerTables: { ...get().steerTables, [id]: task } });
    put({ status: "running", progress: null });
    try {
      put({ status: "ready", value: await lab.sae.features(id) });
    } catch (e) {
      put({ status: "failed", error: toLabError(e) });
    }
  };

  const add = (row: SteerRow, known: boolean) => {
    const { steerRows } = get();
    if (steerRows.some(({ source }) => sameSource(source, row.source))) return;
    if (!known) unscaled.add(row);
    change([...steerRows, row]);
  };

  /** Rows whose scale has become known take it, which is no step of the user's. */
  const rescale = (scaleOf: (row: SteerRow) => number | null) => {
    if (unscaled.size === 0) return;
    const { steerRows } = get();
    const scaled = steerRows.map((row) => {
      const scale = unscaled.has(row) ? scaleOf(row) : null;
      if (scale === null) return row;
      unscaled.delete(row);
      return { ...row, amount: scale };
    });
    if (scaled.some((row, i) => row !== steerRows[i])) set({ steerRows: scaled });
  };

  const refresh = createLatest(async () => {
    const { model } = lab;
    if (!model) {
      set({ steered: IDLE, shownSteered: null });
      return;
    }
    const { text, steerRows: of } = get();
    const steer = steerSpec(get());
    set({ steered: { status: "running", progress: null } });
    try {
      const { rows: facts, ...told } = await model.steer(get().prompt(), { steer, topK: TOP_K });
      const value: SteeredPrediction = { ...told, of, facts };
      if (get().text !== text || lab.model !== model) return;
      set({ steered: { status: "ready", value }, shownSteered: value });
      rescale(
        ({ source }) => facts[of.findIndex((row) => sameSource(row.source, source))]?.own ?? null,
      );
    } catch (e) {
      set({ steered: { status: "failed", error: toLabError(e) } });
    }
  });

  api.subscribe((now, before) => {
    if (now.model !== before.model) set({ steered: IDLE, shownSteered: null });
    if (now.saes !== before.saes && now.saes.status === "ready") loadTables();
    if (now.features === before.features && now.steerTables === before.steerTables) return;
    rescale(({ source }) => featureMax(now, source));
  });

  return {
    steerRows: [],
    addSteer: (feature, sae) => {
      const of = sae ?? saeForPrompt(get());
      // A row of the bench's SAE may come before that does.
      const source: SteerSource = { kind: "feature", sae: of ?? "", feature };
      const largest = featureMax(get(), source);
      const known = largest !== null || (of !== null && tableOf(get(), of) !== null);
      add(newRow(source, largest ?? 1), known);
    },
    addSteerSource: (source) => {
      if (source.kind === "feature") get().addSteer(source.feature, source.sae);
      else add(newRow(source, 1), source.kind === "neuron");
    },
    setSteer: (index, patch) => {
      const row = get().steerRows[index];
      if (!row) return;
      const only = Object.keys(patch).join();
      const amount = amountFor(row, patch.mode ?? row.mode, featureMax(get(), row.source));
      const next = { ...row, ...(patch.mode && { amount }), ...patch };
      if (!modesOf(row.source).includes(next.mode)) return;
      change(get().steerRows.with(index, next), only === "amount" ? `amount of ${index}` : "");
    },
    removeSteer: (index) => change(get().steerRows.filter((_, i) => i !== index)),
    clearSteer: () => {
      if (get().steerRows.length > 0) change([]);
    },
    setSteerRows: (rows) => change(rows),
    undoneSteer: { past: [], future: [] },
    undoSteer: () => step("past", "future"),
    redoSteer: () => step("future", "past"),
    adoptSteer: (saeId) => {
      if (saeId === null) return;
      const adopted = get().steerRows.map((row) =>
        row.source.kind === "feature" && row.source.sae === ""
          ? { ...row, source: { ...row.source, sae: saeId } }
          : row,
      );
      set({ steerRows: adopted });
      loadTables();
    },
    steerTables: {},
    steered: IDLE,
    shownSteered: null,
    refreshSteer: refresh,
  };
};

/** An amount for another mode: a factor is no strength, and a strength no factor. */
function amountFor(row: SteerRow, mode: SteerRow["mode"], largest: number | null): number {
  if (mode === row.mode || mode === "ablate") return row.amount;
  if (mode === "multiply") return 2;
  return row.mode === "multiply" ? (largest ?? 1) : row.amount;
}
