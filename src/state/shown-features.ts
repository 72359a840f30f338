/** The rows that the feature list shows, and that "next" and "previous" walk: sorted, searched, of the list that is open. */
import { useMemo } from "react";
import type { FeatureRow, FeatureTable } from "../core/sae.ts";
import { useLab } from "./context.ts";
import { listFeatures, sortedList } from "./feature-list.ts";
import { filterRows, NOTE_FILTERS, type NoteFilter, useNotes } from "./feature-notes.ts";
import { useChoice, useText } from "./options-slice.ts";

export const useFeatureQuery = () => useText("features.query", "");
export const useNoteFilter = () => useChoice<NoteFilter>("features.notes", NOTE_FILTERS);

export function useShownFeatures(table: FeatureTable): readonly FeatureRow[] {
  const settings = useLab((s) => s.featureList);
  const openList = useLab((s) => s.openList);
  const listSorted = useLab((s) => s.listSorted);
  const notes = useNotes();
  const [query] = useFeatureQuery();
  const [filter] = useNoteFilter();
  const chosen = useLab((s) => s.chosenFeatures);
  const sorted = useMemo(() => listFeatures(table.rows, settings), [table, settings]);
  return useMemo(() => {
    const list = notes.lists.find(({ id }) => id === openList) ?? null;
    // A list shows all that is in it, dead ones too.
    const rows = list === null ? sorted : table.rows;
    const order = list && listSorted ? sortedList(list, table.rows, settings) : list;
    const found = filterRows(rows, notes, { query, filter, list: order });
    if (chosen === null) return found;
    const wanted = new Set(chosen);
    return found.filter(({ feature }) => wanted.has(feature));
  }, [sorted, table, notes, query, filter, openList, listSorted, settings, chosen]);
}
