/** What is said of one feature: pure functions, and the hooks by which every panel tells a feature by its label. */
import {
  type FeatureLabel,
  type FeatureList,
  type FeatureNote,
  isEmptyNote,
  NO_NOTE,
  NO_NOTES,
  type SaeNotes,
} from "../core/feature-notes.ts";
import { useLab } from "./context.ts";
import { withOther } from "./merge-notes.ts";

/** Words of the user's own, or a label made by a program. */
export type LabelPatch = { text: string; at: string } | { label: FeatureLabel };

/**
 * The feature with another label. Its scores were of the words before and go with them. Words that a person wrote are kept
 * beside those of a program; a program's go when another program's come.
 */
export function relabelled(now: FeatureNote, patch: LabelPatch): FeatureNote {
  const { label: before } = now;
  if ("text" in patch) {
    const text = patch.text.trim();
    if (text === (before?.text ?? "")) return now;
    if (text === "") return { ...now, label: null };
    return { ...now, label: { text, source: { by: "user" }, scores: [], at: patch.at } };
  }
  const kept = before?.source.by === "user" && before.text !== patch.label.text;
  return { ...now, label: patch.label, others: kept ? withOther(now.others, before) : now.others };
}

/** One of the others becomes the label, and the label one of the others. */
export function exchanged(now: FeatureNote, at: number): FeatureNote {
  const chosen = now.others[at];
  if (!chosen) return now;
  const rest = now.others.toSpliced(at, 1);
  return { ...now, label: chosen, others: now.label ? withOther(rest, now.label) : rest };
}

export function starredWith(
  notes: SaeNotes,
  chosen: readonly number[],
  starred: boolean,
): SaeNotes {
  const features = new Map(notes.features);
  for (const feature of chosen) {
    const note = { ...(features.get(feature) ?? NO_NOTE), starred };
    if (isEmptyNote(note)) features.delete(feature);
    else features.set(feature, note);
  }
  return { ...notes, features };
}

const words = (text: string) => text.toLowerCase().split(/\s+/).filter(Boolean);

/** Whether every word of a query is in the label, the others, the note or a test's statement; a number is the feature's own. */
export function matches(feature: number, note: FeatureNote, query: string): boolean {
  const said = [
    ...[String(feature), note.label?.text ?? "", note.note],
    ...note.others.map(({ text }) => text),
    ...note.tests.map(({ statement }) => statement),
  ];
  const text = said.join("\n").toLowerCase();
  return words(query).every((word) => text.includes(word));
}

export const NOTE_FILTERS = ["all", "starred", "labelled", "unlabelled", "noted"] as const;
export type NoteFilter = (typeof NOTE_FILTERS)[number];

/**
 * Rows of the feature list that pass: of the list that is open, in its order; with what is searched for.
 * @param list null: all features, in the order of the rows
 */
export function filterRows<R extends { feature: number }>(
  rows: readonly R[],
  { features }: SaeNotes,
  { query, filter, list }: { query: string; filter: NoteFilter; list: FeatureList | null },
): readonly R[] {
  const passes = ({ feature }: R): boolean => {
    const note = features.get(feature) ?? NO_NOTE;
    const kept: Record<NoteFilter, boolean> = {
      all: true,
      starred: note.starred,
      labelled: note.label !== null,
      unlabelled: note.label === null,
      noted: note.note !== "" || note.tests.length > 0,
    };
    return kept[filter] && (query.trim() === "" || matches(feature, note, query));
  };
  if (list === null) return filter === "all" && query.trim() === "" ? rows : rows.filter(passes);
  const byFeature = new Map(rows.map((row) => [row.feature, row]));
  return list.features.flatMap((feature) => {
    const row = byFeature.get(feature);
    return row && passes(row) ? row : [];
  });
}

/** Notes of the SAE on the bench, or of a given one. */
export function useNotes(saeId?: string | null): SaeNotes {
  return useLab((s) => {
    const id = saeId === undefined ? s.saeId : saeId;
    return (id === null ? undefined : s.notes[id]) ?? NO_NOTES;
  });
}

/** A feature's label; null where it has none, or its SAE's notes have not been read. */
export const useFeatureLabel = (feature: number | null, saeId?: string | null) =>
  useNotes(saeId).features.get(feature ?? -1)?.label ?? null;

/** A feature as one line of text: "412 · Paris and other capitals", or its number. */
export const featureWords = (notes: SaeNotes, feature: number): string => {
  const label = notes.features.get(feature)?.label;
  return label ? `${feature} · ${label.text}` : String(feature);
};
