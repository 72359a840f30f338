/**
 * Edited models: their lists, with undo and redo, which of them is open, and whether it is the one on the bench. Every
 * change of a list is stored at once.
 */
import { LabError, toLabError } from "../core/lab-error.ts";
import { modelCard } from "../core/model-card.ts";
import {
  baseMisfit,
  baseOf,
  type EditedBase,
  type EditedModel,
  type WeightEdit,
  type WeightTarget,
} from "../core/model-edit.ts";
import { sourceName, type SteerRow } from "../core/steer.ts";
import { EMBEDDED_MODEL } from "../api/lab.ts";
import type { LoadChoice } from "./model-slice.ts";
import { createLatest } from "./newest.ts";
import type { Slice, Store } from "./store.ts";
import { IDLE, type Task } from "./task.ts";
import { newId } from "../core/new-id.ts";

export interface EditedSlice {
  editedModels: Task<readonly EditedModel[]>;
  /** The one that is open in the Circuits lab. */
  editedId: string | null;
  /** The edited model that a reload brings to the bench. */
  chosenEdited: string | null;
  refreshEdited: () => Promise<void>;
  openEdited: (id: string | null) => void;
  /** Starts a list for the base on the bench, and opens it. */
  newEdited: () => Promise<void>;
  /** To the open list, or to a new one. */
  addWeightEdit: (edit: WeightEdit) => Promise<void>;
  /** Mean ablation: the mean is measured first. @throws LabError */
  addMeanEdit: (target: WeightTarget) => Promise<void>;
  /** What a steering row adds, in a bias. @throws LabError for a row that is no fixed vector everywhere */
  addSteerEdit: (row: SteerRow) => Promise<void>;
  /** The files of the edited checkpoint, or of its list. @throws LabError */
  exportEdited: (what: "checkpoint" | "list") => Promise<readonly File[]>;
  setWeightEdit: (index: number, on: boolean) => Promise<void>;
  removeWeightEdit: (index: number) => Promise<void>;
  renameEdited: (name: string) => Promise<void>;
  deleteEdited: () => Promise<void>;
  undoneWeights: {
    past: readonly (readonly WeightEdit[])[];
    future: readonly (readonly WeightEdit[])[];
  };
  undoWeights: () => Promise<void>;
  redoWeights: () => Promise<void>;
  /** Puts the open list's model on the bench, or its base. */
  benchEdited: (edited: boolean) => Promise<void>;
  /** The first load of a page: with the edits that were on the bench, if they are of that model. */
  loadFirst: (what: string, choice?: LoadChoice) => Promise<void>;
  /** Reads a list that was saved as a file. @throws LabError */
  readEdited: (text: string) => Promise<void>;
  /** Why the last change was not stored. */
  editedError: LabError | null;
}

const REMEMBERED = 100; // steps of undo
const MEAN_CONTEXTS = 32;
const EMPTY = { past: [], future: [] } as const;

/** The base of what is on the bench. */
export const benchBase = ({ model }: Pick<Store, "model">): EditedBase | null =>
  model.status === "ready" ? baseOf(model.value) : null;

/** The open list; null where there is none, or it is of another base. */
export function openEditedModel(
  state: Pick<Store, "editedModels" | "editedId" | "model">,
): EditedModel | null {
  const { editedModels, editedId } = state;
  if (editedModels.status !== "ready") return null;
  const found = editedModels.value.find(({ id }) => id === editedId);
  const base = benchBase(state);
  return found && base && baseMisfit(found.base, base) === null ? found : null;
}

export const createEditedSlice: Slice<EditedSlice> = (lab) => (set, get) => {
  const list = () => {
    const { editedModels } = get();
    return editedModels.status === "ready" ? editedModels.value : [];
  };
  /** What is on the bench follows the list that it was made of. */
  const follow = createLatest(async () => {
    const { model } = get();
    const open = openEditedModel(get());
    if (!open || model.status !== "ready" || model.value.edited?.id !== open.id) return;
    await get().putEdits(open);
  });
  const keep = async (model: EditedModel) => {
    const others = list().filter(({ id }) => id !== model.id);
    set({ editedModels: { status: "ready", value: [model, ...others] }, editedId: model.id });
    try {
      await lab.edited.save(model);
      set({ editedError: null });
    } catch (e) {
      set({ editedError: toLabError(e) });
    }
    await follow();
  };
  const now = () => new Date().toISOString();
  const change = async (edits: readonly WeightEdit[]) => {
    const open = openEditedModel(get());
    if (!open) return;
    const past = [...get().undoneWeights.past, open.edits].slice(-REMEMBERED);
    set({ undoneWeights: { past, future: [] } });
    await keep({ ...open, edits, savedAt: now() });
  };
  const step = async (from: "past" | "future", to: "past" | "future") => {
    const { undoneWeights } = get();
    const open = openEditedModel(get());
    const next = undoneWeights[from].at(-1);
    if (!open || !next) return;
    const left = undoneWeights[from].slice(0, -1);
    const kept = [...undoneWeights[to], open.edits];
    set({
      undoneWeights: from === "past" ? { past: left, future: kept } : { past: kept, future: left },
    });
    await keep({ ...open, edits: next, savedAt: now() });
  };
  const nameFor = (base: EditedBase) => {
    const first = `${base.id.split("/").at(-1)!}, edited`;
    const taken = new Set(list().map(({ name }) => name));
    for (let n = 2, name = first; ; n++) {
      if (!taken.has(name)) return name;
      name = `${first} ${n}`;
    }
  };

  return {
    editedModels: IDLE,
    editedId: null,
    chosenEdited: null,
    editedError: null,
    undoneWeights: EMPTY,
    refreshEdited: async () => {
      if (get().editedModels.status !== "ready") {
        set({ editedModels: { status: "running", progress: null } });
        try {
          set({ editedModels: { status: "ready", value: await lab.edited.list() } });
        } catch (e) {
          set({ editedModels: { status: "failed", error: toLabError(e) } });
          return;
        }
      }
      const { model } = get();
      if (openEditedModel(get()) || model.status !== "ready") return;
      const base = baseOf(model.value);
      const fitting = list().filter((each) => baseMisfit(each.base, base) === null);
      const onBench = fitting.find(({ id }) => id === model.value.edited?.id);
      get().openEdited((onBench ?? fitting[0])?.id ?? null);
    },
    openEdited: (editedId) => {
      if (editedId !== get().editedId) set({ editedId, undoneWeights: EMPTY });
      if (get().drift) get().stopDrift(); // it is of the list that was open
    },
    newEdited: async () => {
      const base = benchBase(get());
      if (!base) return;
      get().openEdited(null);
      await keep({
        ...{ id: newId(), name: nameFor(base), base, edits: [], savedAt: now() },
      });
    },
    addWeightEdit: async (edit) => {
      if (!openEditedModel(get())) await get().newEdited();
      await change([...(openEditedModel(get())?.edits ?? []), edit]);
    },
    addMeanEdit: async (target) => {
      const mean = await lab.edited.mean(target, MEAN_CONTEXTS);
      await get().addWeightEdit({ kind: "mean", target, mean, contexts: MEAN_CONTEXTS, on: true });
    },
    addSteerEdit: async (row) => {
      const { hook, vector } = await lab.edited.vector(row);
      const from = sourceName(row.source).trim();
      const edit = { kind: "bias", hook, vector, amount: row.amount, from, on: true } as const;
      await get().addWeightEdit(edit);
    },
    exportEdited: async (what) => {
      const open = openEditedModel(get());
      if (!open) throw new LabError("not-found", "no edited model of this base is open");
      if (what === "checkpoint") return lab.edited.export(open, modelCard(open));
      const name = open.name.replace(/[^\w.-]+/g, "-");
      return [new File([await lab.edited.write(open)], `${name}.edits.json`)];
    },
    setWeightEdit: async (index, on) => {
      const edits = openEditedModel(get())?.edits ?? [];
      if (edits[index]) await change(edits.with(index, { ...edits[index], on }));
    },
    removeWeightEdit: async (index) => {
      const edits = openEditedModel(get())?.edits ?? [];
      await change(edits.filter((_, i) => i !== index));
    },
    renameEdited: async (name) => {
      const open = openEditedModel(get());
      if (open && name.trim() !== "" && name.trim() !== open.name) {
        await keep({ ...open, name: name.trim().slice(0, 200), savedAt: now() });
      }
    },
    deleteEdited: async () => {
      const open = openEditedModel(get());
      const { model } = get();
      if (!open) return;
      if (model.status === "ready" && model.value.edited?.id === open.id) {
        await get().putEdits(null);
      }
      try {
        await lab.edited.delete(open);
      } catch (e) {
        set({ editedError: toLabError(e) });
        return;
      }
      const value = list().filter(({ id }) => id !== open.id);
      set({ editedModels: { status: "ready", value }, editedError: null });
      get().openEdited(null);
      await get().refreshEdited();
    },
    undoWeights: () => step("past", "future"),
    redoWeights: () => step("future", "past"),
    benchEdited: async (edited) => {
      await get().refreshEdited(); // so that the way back is known
      const open = openEditedModel(get());
      if (!edited || open) await get().putEdits(edited ? open : null);
    },
    loadFirst: async (what, choice = {}) => {
      const { chosenEdited } = get();
      const kept = chosenEdited === null ? [] : await lab.edited.list().catch(() => []);
      const found = kept.find(({ id, base }) => {
        const named = base.source === "embedded" ? EMBEDDED_MODEL : base.id;
        return id === chosenEdited && base.source !== "files" && named === what;
      });
      await get().loadModel(what, { ...choice, ...(found && { edited: found }) });
    },
    readEdited: async (text) => {
      const model = await lab.edited.read(text);
      const others = list().filter(({ id }) => id !== model.id);
      set({ editedModels: { status: "ready", value: [model, ...others] } });
      get().openEdited(model.id);
    },
  };
};
