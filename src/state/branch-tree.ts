/**
 * A text with its branches: plain data and pure functions. A branch goes on from a place in another one; its path is what
 * it shares with that one, and its own tokens after it. The root's tokens come right after the prompt.
 */
import type { LabError } from "../core/lab-error.ts";
import type { GeneratedToken, Generation } from "../core/generation.ts";

export interface WrittenToken extends Omit<GeneratedToken, "text"> {
  /** Whether a person chose it among the alternatives. */
  chosen: boolean;
}
export interface Branch {
  id: number;
  /** null for the root */
  parent: number | null;
  /** How many tokens of the parent's path it shares. */
  at: number;
  /** Its own, after those. */
  tokens: readonly WrittenToken[];
  status: "idle" | "running" | "failed" | Generation["stopped"];
  /** The `<|endoftext|>` that ended it. */
  end: WrittenToken | null;
  error: LabError | null;
}
export interface BranchTree {
  /** The root first; every branch comes after its parent. */
  branches: readonly Branch[];
  /** The branch on the screen, which is gone on with. */
  current: number;
}

const NEW = { tokens: [], status: "idle", end: null, error: null } as const;
export const ROOT = 0;

export const newTree = (): BranchTree => ({
  branches: [{ ...NEW, id: ROOT, parent: null, at: 0 }],
  current: ROOT,
});

export function branchOf({ branches }: BranchTree, id: number): Branch {
  const found = branches.find((branch) => branch.id === id);
  if (!found) throw new Error(`no branch ${id}`);
  return found;
}
export const currentBranch = (tree: BranchTree): Branch => branchOf(tree, tree.current);

/** All tokens from the prompt's end to the branch's end. */
export function pathOf(tree: BranchTree, id: number): readonly WrittenToken[] {
  const { parent, at, tokens } = branchOf(tree, id);
  return parent === null ? tokens : [...pathOf(tree, parent).slice(0, at), ...tokens];
}

/** The path, and the end of the text after it where there is one: what can be looked at. */
export function stepsOf(tree: BranchTree, id: number): readonly WrittenToken[] {
  const { end } = branchOf(tree, id);
  return end ? [...pathOf(tree, id), end] : pathOf(tree, id);
}

export const withBranch = (tree: BranchTree, id: number, patch: Partial<Branch>): BranchTree => ({
  ...tree,
  branches: tree.branches.map((branch) => (branch.id === id ? { ...branch, ...patch } : branch)),
});

export const grown = (tree: BranchTree, id: number, token: WrittenToken): BranchTree =>
  withBranch(tree, id, { tokens: [...branchOf(tree, id).tokens, token] });

/**
 * The text up to a step of the current branch, then another of the likeliest tokens there. Where a branch goes on so
 * already, that one becomes the current one.
 * @param choice index among the step's alternatives
 */
export function branched(tree: BranchTree, step: number, choice: number): BranchTree {
  const steps = stepsOf(tree, tree.current);
  const there = steps[step];
  const list = there?.alternatives;
  const chosen = list?.ids[choice];
  if (!there || !list || chosen === undefined || chosen === there.id) return tree;
  const ids = [...steps.slice(0, step).map(({ id }) => id), chosen];
  const same = tree.branches.find(({ id }) => {
    const path = pathOf(tree, id);
    return path.length >= ids.length && ids.every((token, i) => path[i]!.id === token);
  });
  if (same) return { ...tree, current: same.id };
  let parent = currentBranch(tree);
  while (parent.parent !== null && step <= parent.at) parent = branchOf(tree, parent.parent);
  const id = Math.max(...tree.branches.map((branch) => branch.id)) + 1;
  const first: WrittenToken = {
    id: chosen,
    string: list.strings[choice]!,
    probability: list.probabilities[choice]!,
    // Equal ones share a place.
    rank: list.logits.findIndex((logit) => logit === list.logits[choice]) + 1,
    alternatives: list,
    chosen: true,
  };
  const branch: Branch = { ...NEW, id, parent: parent.id, at: step, tokens: [first] };
  return { branches: [...tree.branches, branch], current: id };
}

/** Without a branch and all that goes on from it. The root stays. */
export function withoutBranch(tree: BranchTree, id: number): BranchTree {
  if (id === ROOT) return tree;
  const gone = new Set([id]);
  for (const { id: other, parent } of tree.branches) {
    if (parent !== null && gone.has(parent)) gone.add(other);
  }
  const branches = tree.branches.filter((branch) => !gone.has(branch.id));
  const current = gone.has(tree.current) ? branchOf(tree, id).parent! : tree.current;
  return { branches, current };
}

/** The steps of the current path at which some branch has another token. */
export function forksOf(tree: BranchTree): ReadonlySet<number> {
  const path = stepsOf(tree, tree.current);
  const forks = tree.branches.flatMap(({ id, at, parent }) => {
    const own = pathOf(tree, id);
    const shared = parent !== null && own.slice(0, at).every((t, i) => t.id === path[i]?.id);
    return shared && at < path.length ? [at] : [];
  });
  return new Set(forks);
}

export interface OutlineRow {
  branch: Branch;
  /** 0 for the root */
  depth: number;
  /** "1", "1.2": the root is 1, its second branch 1.2. */
  name: string;
  /** How long its path is. */
  length: number;
  /** The parent's token at the place where it leaves it; null for the root, and past the parent's end. */
  instead: WrittenToken | null;
}
/** The branches as an outline: each after its parent, in order of the places where they leave it. */
export function outline(tree: BranchTree): OutlineRow[] {
  const rows = (branch: Branch, depth: number, name: string): OutlineRow[] => {
    const steps = stepsOf(tree, branch.id);
    const instead =
      branch.parent === null ? null : (stepsOf(tree, branch.parent)[branch.at] ?? null);
    const children = tree.branches
      .filter(({ parent }) => parent === branch.id)
      .sort((a, b) => a.at - b.at || a.id - b.id);
    const own: OutlineRow = {
      ...{ branch, depth, name, instead },
      length: steps.length - (branch.end ? 1 : 0),
    };
    return [own, ...children.flatMap((child, i) => rows(child, depth + 1, `${name}.${i + 1}`))];
  };
  return rows(branchOf(tree, ROOT), 0, "1");
}
