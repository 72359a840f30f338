/**
 * Two sets of notes of one SAE as one, and nothing of either is lost: a label that differs is kept beside the one that is
 * shown, notes are put one under the other, lists of one name are one list. Pure.
 */
import {
  type FeatureLabel,
  type FeatureList,
  type FeatureNote,
  type HypothesisTest,
  isScored,
  type LabelScore,
  NO_NOTE,
  type SaeNotes,
} from "../core/feature-notes.ts";

export interface Merged {
  notes: SaeNotes;
  /** Features about which something was said that was not known. */
  changed: number;
  /** Features that had another label on each side: one is shown, the other kept beside it. */
  conflicts: number[];
  /** Lists that are new, or have features that they did not have. */
  lists: number;
}

export function mergeNotes(ours: SaeNotes, theirs: SaeNotes): Merged {
  const features = new Map(ours.features);
  const conflicts: number[] = [];
  let changed = 0;
  for (const [feature, theirNote] of theirs.features) {
    const ourNote = ours.features.get(feature) ?? NO_NOTE;
    const { note, conflict } = mergeNote(ourNote, theirNote);
    if (conflict) conflicts.push(feature);
    if (JSON.stringify(note) === JSON.stringify(ourNote)) continue;
    features.set(feature, note);
    changed += 1;
  }
  const lists = mergeLists(ours.lists, theirs.lists);
  return {
    notes: { features, lists: lists.lists },
    ...{ changed, conflicts, lists: lists.changed },
  };
}

/** What stands for a feature: what a person wrote before what a program did, then what was scored, then the newer. */
function better(a: FeatureLabel, b: FeatureLabel): FeatureLabel {
  const human = Number(b.source.by === "user") - Number(a.source.by === "user");
  if (human !== 0) return human > 0 ? b : a;
  const scored = Number(isScored(b)) - Number(isScored(a));
  if (scored !== 0) return scored > 0 ? b : a;
  return Date.parse(b.at) > Date.parse(a.at) ? b : a;
}

const sameLabel = (a: FeatureLabel, b: FeatureLabel) =>
  a.text === b.text && a.source.by === b.source.by;

/** Of one text: the scores of both; of the same kind and judge the newer. */
function joined(a: FeatureLabel, b: FeatureLabel): FeatureLabel {
  const scores = new Map<string, LabelScore>();
  for (const score of [...a.scores, ...b.scores]) {
    const key = `${score.kind} ${score.judge}`;
    const known = scores.get(key);
    if (!known || Date.parse(score.at) > Date.parse(known.at)) scores.set(key, score);
  }
  return { ...a, scores: [...scores.values()] };
}

/** Adds a label to others unless it is among them. */
export const withOther = (
  others: readonly FeatureLabel[],
  label: FeatureLabel,
): readonly FeatureLabel[] =>
  others.some((other) => sameLabel(other, label))
    ? others.map((other) => (sameLabel(other, label) ? joined(other, label) : other))
    : [...others, label];

function mergeNote(
  ours: FeatureNote,
  theirs: FeatureNote,
): { note: FeatureNote; conflict: boolean } {
  let others = theirs.others.reduce(withOther, ours.others);
  let label = ours.label ?? theirs.label;
  let conflict = false;
  if (ours.label && theirs.label) {
    if (sameLabel(ours.label, theirs.label)) label = joined(ours.label, theirs.label);
    else {
      conflict = ours.label.text !== theirs.label.text;
      label = better(ours.label, theirs.label);
      others = withOther(others, label === ours.label ? theirs.label : ours.label);
    }
  }
  const shown = label;
  return {
    conflict,
    note: {
      label,
      others: shown ? others.filter((other) => !sameLabel(other, shown)) : others,
      note: joinedText(ours.note, theirs.note),
      starred: ours.starred || theirs.starred,
      tests: mergeTests(ours.tests, theirs.tests),
    },
  };
}

const joinedText = (ours: string, theirs: string): string => {
  if (ours.includes(theirs)) return ours;
  return theirs.includes(ours) ? theirs : `${ours}\n\n${theirs}`;
};

/** Of one id the newer. */
function mergeTests(
  ours: readonly HypothesisTest[],
  theirs: readonly HypothesisTest[],
): HypothesisTest[] {
  const tests = new Map(ours.map((test) => [test.id, test]));
  for (const test of theirs) {
    const known = tests.get(test.id);
    if (!known || Date.parse(test.at) > Date.parse(known.at)) tests.set(test.id, test);
  }
  return [...tests.values()];
}

function mergeLists(
  ours: readonly FeatureList[],
  theirs: readonly FeatureList[],
): { lists: FeatureList[]; changed: number } {
  const lists = [...ours];
  let changed = 0;
  for (const list of theirs) {
    const at = lists.findIndex(({ id, name }) => id === list.id || name === list.name);
    const known = lists[at];
    if (!known) {
      lists.push(list);
      changed += 1;
      continue;
    }
    const features = [...new Set([...known.features, ...list.features])];
    if (features.length === known.features.length) continue;
    lists[at] = { ...known, features };
    changed += 1;
  }
  return { lists, changed };
}

/** What came of an import, in words. */
export function mergeWords({ changed, conflicts, lists }: Merged): string {
  const count = (n: number, one: string, many: string) =>
    `${n.toLocaleString("en-US")} ${n === 1 ? one : many}`;
  if (changed === 0 && lists === 0) return "Nothing in the file was new.";
  const parts = [
    changed > 0 && count(changed, "feature", "features"),
    lists > 0 && count(lists, "list", "lists"),
  ].filter((part) => part !== false);
  const told = `Imported ${parts.join(" and ")}.`;
  if (conflicts.length === 0) return told;
  const named = conflicts.slice(0, 5).join(", ");
  const which = conflicts.length > 5 ? `${named}, …` : named;
  return `${told} ${count(conflicts.length, "feature", "features")} (${which}) had another label here: a label written by a person, scored, or newer is shown, the other is kept beside it.`;
}
