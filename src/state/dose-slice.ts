/** Dose–response: one row's amount, or all amounts, through a range of strengths. The last curve of each model is kept. */
import { toLabError } from "../core/lab-error.ts";
import { hasUnit, type SteerRow } from "../core/steer.ts";
import type { Dose, DoseRequest, DoseToken } from "../core/dose.ts";
import { createNewest } from "./newest.ts";
import { steerSpec, type SteeredPrediction } from "./steer-slice.ts";
import type { Slice, Store } from "./store.ts";
import { IDLE, type Task } from "./task.ts";

export interface DoseSlice {
  /** `progress` while it runs: the share done, and seconds left. */
  dose: Task<Dose>;
  /** With what there is so far, or of the last run that was stopped. */
  shownDose: Dose | null;
  doseLeft: { done: number; total: number; secondsLeft: number | null } | null;
  runDose: (request: DoseRequest) => Promise<void>;
  cancelDose: () => void;
  /** Shows the curve that is kept of the model on the bench, unless one of that model is shown. */
  readDose: () => Promise<void>;
}

/** The rows at a strength. */
export function rowsAt(
  rows: readonly SteerRow[],
  { row, unit }: Pick<DoseRequest, "row" | "unit">,
  dose: number,
): SteerRow[] {
  return rows.map((each, i) => {
    if (row !== null) return i === row ? { ...each, amount: dose * unit, on: true } : each;
    if (hasUnit(each.mode)) return { ...each, amount: each.amount * dose };
    // A factor's part of 1 changes nothing.
    return each.mode === "multiply" ? { ...each, amount: 1 + (each.amount - 1) * dose } : each;
  });
}

/** The likeliest token of the unsteered run and the one that steering raises most. */
export function defaultDoseTokens({ plain, steered }: SteeredPrediction): DoseToken[] {
  const [first] = plain.ids;
  if (first === undefined) return [];
  const chance = new Map(plain.ids.map((id, i) => [id, plain.probabilities[i]!]));
  const rise = steered.ids.map((id, i) => steered.probabilities[i]! - (chance.get(id) ?? 0));
  const most = rise.indexOf(Math.max(...rise));
  const raised = steered.ids[most]!;
  const one = { id: first, string: plain.strings[0]! };
  return raised === first ? [one] : [one, { id: raised, string: steered.strings[most]! }];
}

/** Whether the bench is no longer what a curve was made of. */
export function isDoseOutdated(
  dose: Dose,
  state: Pick<Store, "text" | "prependBos" | "model" | "steerRows" | "options" | "saes">,
): boolean {
  const { rows, attention } = steerSpec(state);
  const own = (list: readonly SteerRow[]) =>
    JSON.stringify(
      list.map((each, i) => ({
        ...each,
        unit: null,
        ...(i === dose.row && { amount: 0, on: true }),
      })),
      sortedKeys,
    );
  const id = state.model.status === "ready" ? state.model.value.id : null;
  return (
    dose.prompt !== state.text ||
    dose.prependBos !== state.prependBos ||
    dose.modelId !== id ||
    dose.attention !== attention ||
    own(dose.rows) !== own(rows)
  );
}

/** Rows that were stored and read again name the same in another order. */
const sortedKeys = (_: string, value: unknown): unknown =>
  typeof value === "object" && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
    : value;

export const createDoseSlice: Slice<DoseSlice> = (lab) => (set, get) => {
  const newest = createNewest();
  /** Also what there was before it was cancelled. */
  const keep = async () => {
    const { shownDose } = get();
    if (shownDose?.effects.some((effect) => effect !== null)) {
      await get().keepAnswer("dose", shownDose.modelId, shownDose);
    }
  };
  return {
    dose: IDLE,
    shownDose: null,
    doseLeft: null,
    runDose: async (request) => {
      const { model } = lab;
      const state = get();
      if (!model || state.model.status !== "ready") return;
      const run = newest.start();
      const { rows, attention } = steerSpec(state);
      const { doses, tokens, text } = request;
      let dose: Dose = {
        ...{ ...request, rows, attention, prompt: state.text, prependBos: state.prependBos },
        modelId: state.model.value.id,
        effects: doses.map(() => null),
      };
      const total = doses.length;
      set({
        dose: { status: "running", progress: null },
        ...{ shownDose: dose, doseLeft: { done: 0, total, secondsLeft: null } },
      });
      try {
        await model.doseResponse(state.prompt(), {
          settings: doses.map((strength) => rowsAt(rows, request, strength)),
          tokens: tokens.map(({ id }) => id),
          text: text === null ? null : { text, prependBos: true },
          ...{ attention, signal: run.signal },
          onProgress: ({ effects, done, secondsLeft }) => {
            if (!run.isNewest()) return;
            const known = new Map(effects);
            dose = { ...dose, effects: dose.effects.map((old, i) => known.get(i) ?? old) };
            set({ shownDose: dose, doseLeft: { done, total, secondsLeft } });
          },
        });
        if (!run.isNewest()) return;
        set({ dose: { status: "ready", value: dose }, doseLeft: null });
        void keep();
      } catch (e) {
        const error = toLabError(e);
        if (!run.isNewest() || error.code === "cancelled") return;
        set({ dose: { status: "failed", error }, doseLeft: null });
      }
    },
    cancelDose: () => {
      newest.stop();
      set({ dose: IDLE, doseLeft: null });
      void keep();
    },
    readDose: async () => {
      const kept = await get().readAnswers("dose");
      const { model, shownDose, dose } = get();
      if (model.status !== "ready" || dose.status === "running") return;
      const { id } = model.value;
      const own = kept[id];
      if (own && shownDose?.modelId !== id) set({ shownDose: own });
    },
  };
};
