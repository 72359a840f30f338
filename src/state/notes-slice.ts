/**
 * What is said of features: labels, notes, stars, tests and lists, by SAE. Every change is shown at once, is one step of undo,
 * and is written behind the page's back; what could not be written is said. Functions of the same names are in
 * `feature-lists.ts` and `feature-notes.ts`.
 */
import {
  type FeatureLabel,
  type FeatureList,
  type FeatureNote,
  isEmptyNote,
  NO_NOTE,
  NO_NOTES,
  type SaeNotes,
} from "../core/feature-notes.ts";
import { type LabError, toLabError } from "../core/lab-error.ts";
import * as listsOf from "./feature-lists.ts";
import { starredWith, type LabelPatch, relabelled } from "./feature-notes.ts";
import { mergeNotes, mergeWords } from "./merge-notes.ts";
import type { Slice } from "./store.ts";
import { newId } from "../core/new-id.ts";

export interface NotesSlice {
  /** By SAE, once they have been read. */
  notes: Readonly<Record<string, SaeNotes>>;
  /** Reads those of an SAE, once. The one on the bench is read by itself. */
  readNotes: (saeId: string) => Promise<void>;
  /** Why the last change could not be kept, or a file could not be read. */
  notesError: LabError | null;
  /** What came of the last import. */
  notesWords: string | null;
  dismissNotes: () => void;
  /** One change of one SAE's notes. `step`: changes of the same name, one after another, are one step of undo. */
  changeNotes: (saeId: string, change: (now: SaeNotes) => SaeNotes, step?: string) => void;
  changeNote: (
    saeId: string,
    feature: number,
    change: (now: FeatureNote) => FeatureNote,
    step?: string,
  ) => void;
  /** A label by hand; an empty text takes it away. */
  setLabel: (saeId: string, feature: number, text: string) => void;
  /** A label of another make; one that was written by hand is kept beside it. */
  putLabel: (saeId: string, feature: number, label: FeatureLabel) => void;
  setStarred: (saeId: string, features: readonly number[], starred: boolean) => void;
  setNoteText: (saeId: string, feature: number, text: string) => void;

  /** @returns its id */
  makeList: (saeId: string, name: string, features: readonly number[]) => string;
  renameList: (saeId: string, id: string, name: string) => void;
  deleteList: (saeId: string, id: string) => void;
  addToList: (saeId: string, id: string, features: readonly number[]) => void;
  removeFromList: (saeId: string, id: string, features: readonly number[]) => void;
  moveInList: (saeId: string, id: string, from: number, to: number) => void;
  /** The list that the feature list shows; null: all features. */
  openList: string | null;
  setOpenList: (id: string | null) => void;
  /** Whether the open list is sorted by a column, rather than in its own order. */
  listSorted: boolean;
  setListSorted: (sorted: boolean) => void;

  notesHistory: { past: readonly NotesStep[]; future: readonly NotesStep[] };
  undoNotes: () => void;
  redoNotes: () => void;

  exportNotes: (saeId: string) => Promise<File | null>;
  importNotes: (saeId: string, file: File) => Promise<void>;
}
interface NotesStep {
  saeId: string;
  notes: SaeNotes;
  step: string | null;
}

const REMEMBERED = 100; // steps of undo

export const createNotesSlice: Slice<NotesSlice> = (lab) => (set, get, api) => {
  /** Writes follow one another, so that the last word is the last written. */
  let writing: Promise<void> = Promise.resolve();
  const reading = new Map<string, Promise<void>>();

  const write = (saeId: string, before: SaeNotes, now: SaeNotes) => {
    const changed = [...new Set([...before.features.keys(), ...now.features.keys()])].filter(
      (feature) => before.features.get(feature) !== now.features.get(feature),
    );
    const features = changed.map((f) => [f, now.features.get(f) ?? null] as const);
    const lists = before.lists === now.lists ? null : now.lists;
    if (features.length === 0 && lists === null) return;
    writing = writing
      .then(() => lab.sae.notes.write(saeId, { features, lists }))
      .catch((e: unknown) => set({ notesError: toLabError(e) }));
  };
  const put = (saeId: string, notes: SaeNotes) => {
    write(saeId, get().notes[saeId] ?? NO_NOTES, notes);
    set({ notes: { ...get().notes, [saeId]: notes } });
  };
  const walk = (from: "past" | "future", to: "past" | "future") => {
    const { notesHistory } = get();
    const last = notesHistory[from].at(-1);
    if (!last) return;
    // What was said of the last change is no longer so.
    set({ notesWords: null });
    if (get().labelling.status === "ready") get().dismissLabelling();
    const here = { ...last, notes: get().notes[last.saeId] ?? NO_NOTES };
    put(last.saeId, last.notes);
    const left = notesHistory[from].slice(0, -1);
    const kept = [...notesHistory[to], here];
    set({
      notesHistory: from === "past" ? { past: left, future: kept } : { past: kept, future: left },
    });
  };
  const changeLists = (
    saeId: string,
    change: (lists: readonly FeatureList[]) => readonly FeatureList[],
  ) => get().changeNotes(saeId, (now) => ({ ...now, lists: change(now.lists) }));
  const label = (saeId: string, feature: number, patch: LabelPatch) =>
    get().changeNote(saeId, feature, (now) => relabelled(now, patch));
  const now = () => new Date().toISOString();

  api.subscribe((state, before) => {
    if (state.saeId === before.saeId) return;
    if (state.saeId !== null) void state.readNotes(state.saeId);
    if (before.saeId !== null) set({ openList: null });
  });

  return {
    notes: {},
    readNotes: (saeId) => {
      const known = reading.get(saeId);
      if (known) return known;
      const read = lab.sae.notes.read(saeId).then(
        (notes) => {
          // What was said before the answer came stays.
          const said = get().notes[saeId];
          const all = said ? mergeNotes(said, notes).notes : notes;
          set({ notes: { ...get().notes, [saeId]: all } });
        },
        () => {
          reading.delete(saeId); // a browser without storage has none, and a change will say so
        },
      );
      reading.set(saeId, read);
      return read;
    },
    notesError: null,
    notesWords: null,
    dismissNotes: () => set({ notesError: null, notesWords: null }),

    changeNotes: (saeId, change, step) => {
      const { notes, notesHistory } = get();
      const before = notes[saeId] ?? NO_NOTES;
      const after = change(before);
      if (after === before) return;
      const last = notesHistory.past.at(-1);
      const goesOn = step !== undefined && last?.step === step && last.saeId === saeId;
      const past = goesOn
        ? notesHistory.past
        : [...notesHistory.past, { saeId, notes: before, step: step ?? null }].slice(-REMEMBERED);
      set({ notesHistory: { past, future: [] } });
      put(saeId, after);
    },
    changeNote: (saeId, feature, change, step) =>
      get().changeNotes(
        saeId,
        (all) => {
          const before = all.features.get(feature) ?? NO_NOTE;
          const after = change(before);
          if (after === before) return all;
          const features = new Map(all.features);
          if (isEmptyNote(after)) features.delete(feature);
          else features.set(feature, after);
          return { ...all, features };
        },
        step,
      ),
    setLabel: (saeId, feature, text) => label(saeId, feature, { text, at: now() }),
    putLabel: (saeId, feature, made) => label(saeId, feature, { label: made }),
    setStarred: (saeId, features, starred) =>
      get().changeNotes(saeId, (all) => starredWith(all, features, starred)),
    setNoteText: (saeId, feature, text) =>
      get().changeNote(
        saeId,
        feature,
        (all) => (all.note === text ? all : { ...all, note: text }),
        `note ${feature}`,
      ),

    makeList: (saeId, name, features) => {
      const id = newId();
      changeLists(saeId, (lists) => listsOf.withList(lists, { id, name, features, at: now() }));
      return id;
    },
    renameList: (saeId, id, name) =>
      changeLists(saeId, (lists) => listsOf.renamed(lists, id, name, now())),
    deleteList: (saeId, id) => {
      changeLists(saeId, (lists) => listsOf.withoutList(lists, id));
      if (get().openList === id) set({ openList: null });
    },
    addToList: (saeId, id, features) =>
      changeLists(saeId, (lists) => listsOf.added(lists, id, features, now())),
    removeFromList: (saeId, id, features) =>
      changeLists(saeId, (lists) => listsOf.removed(lists, id, features, now())),
    moveInList: (saeId, id, from, to) =>
      changeLists(saeId, (lists) => listsOf.moved(lists, id, from, to, now())),
    openList: null,
    setOpenList: (openList) => set({ openList, listSorted: false }),
    listSorted: false,
    setListSorted: (listSorted) => set({ listSorted }),

    notesHistory: { past: [], future: [] },
    undoNotes: () => walk("past", "future"),
    redoNotes: () => walk("future", "past"),

    exportNotes: async (saeId) => {
      try {
        return await lab.sae.notes.export(saeId, get().notes[saeId] ?? NO_NOTES);
      } catch (e) {
        set({ notesError: toLabError(e) });
        return null;
      }
    },
    importNotes: async (saeId, file) => {
      set({ notesError: null, notesWords: null });
      try {
        const theirs = await lab.sae.notes.parse(saeId, file);
        const merged = mergeNotes(get().notes[saeId] ?? NO_NOTES, theirs);
        if (merged.changed > 0 || merged.lists > 0) {
          get().changeNotes(saeId, () => merged.notes);
        }
        set({ notesWords: mergeWords(merged) });
      } catch (e) {
        set({ notesError: toLabError(e) });
      }
    },
  };
};
