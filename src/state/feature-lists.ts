/**
 * Named lists of an SAE's features: pure functions from what there is to what there will be. The store's actions of the same
 * names (`notes-slice.ts`) apply them to the SAE they are given, as one step of undo each.
 */
import { type FeatureList, NOTE_LIMITS } from "../core/feature-notes.ts";
import { LabError } from "../core/lab-error.ts";
import { unusedName } from "../core/unused-name.ts";

type Lists = readonly FeatureList[];

/** A name that no other list has: "Cities", "Cities 2", … @throws LabError "bad-input" for an empty or overlong one */
export function freeName(lists: Lists, wanted: string): string {
  const name = wanted.trim();
  if (name === "" || name.length > NOTE_LIMITS.name) {
    throw new LabError(
      "bad-input",
      `a list needs a name of 1 to ${NOTE_LIMITS.name} characters; choose another`,
    );
  }
  return unusedName(
    name,
    lists.map((list) => list.name),
  );
}

const changed = (
  lists: Lists,
  id: string,
  at: string,
  change: (list: FeatureList) => Partial<FeatureList>,
): Lists => lists.map((list) => (list.id === id ? { ...list, ...change(list), at } : list));

export const withList = (lists: Lists, list: FeatureList): Lists => [
  ...lists,
  { ...list, name: freeName(lists, list.name), features: [...new Set(list.features)] },
];

export const withoutList = (lists: Lists, id: string): Lists =>
  lists.filter((list) => list.id !== id);

export const renamed = (lists: Lists, id: string, name: string, at: string): Lists =>
  changed(lists, id, at, () => ({ name: freeName(withoutList(lists, id), name) }));

/** Added at the end; those that are there stay where they are. */
export const added = (lists: Lists, id: string, features: readonly number[], at: string): Lists =>
  changed(lists, id, at, (list) => ({ features: [...new Set([...list.features, ...features])] }));

export const removed = (lists: Lists, id: string, features: readonly number[], at: string): Lists =>
  changed(lists, id, at, (list) => ({
    features: list.features.filter((feature) => !features.includes(feature)),
  }));

/** Takes a feature of the list to another place of it; a place beyond the ends is the end. */
export const moved = (lists: Lists, id: string, from: number, to: number, at: string): Lists =>
  changed(lists, id, at, ({ features }) => {
    const feature = features[from];
    if (feature === undefined) return {};
    const rest = features.toSpliced(from, 1);
    return { features: rest.toSpliced(Math.max(0, to), 0, feature) };
  });
