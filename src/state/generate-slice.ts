/**
 * Texts that go on from the prompt, with branches. Both sides of a comparison are written, from one seed; each has a tree
 * of its own. What was written stays while the page shows something else; it belongs to the runs that it was made of.
 */
import { toLabError } from "../core/lab-error.ts";
import type { GeneratedToken } from "../core/generation.ts";
import {
  type Branch,
  type BranchTree,
  branchOf,
  branched,
  currentBranch,
  grown,
  newTree,
  pathOf,
  withBranch,
  withoutBranch,
  type WrittenToken,
} from "./branch-tree.ts";
import { type Runs, runs } from "./compare-slice.ts";
import { createNewest, type Run } from "./newest.ts";
import { samplingOf } from "./sampling.ts";
import type { Slice, Store } from "./store.ts";

export type Side = "a" | "b";
export interface Written {
  /** What it was made of, to tell when that is no longer on the bench. */
  runs: Runs;
  basis: Store["basis"];
  modelId: string | null;
  trees: { a: BranchTree; b: BranchTree | null };
}

export interface GenerateSlice {
  written: Written | null;
  /** Goes on with the branches on the screen; begins anew if there are none, or they are of something else. */
  write: (tokens: number) => Promise<void>;
  /** Another token at a step of a side's current branch, gone on with. */
  writeBranch: (side: Side, step: number, choice: number) => Promise<void>;
  goToBranch: (side: Side, id: number) => void;
  deleteBranch: (side: Side, id: number) => void;
  stopWriting: () => void;
  /** Puts all branches away. */
  clearWritten: () => void;
}

/** How many of the likeliest tokens each step keeps. */
const ALTERNATIVES = 10;

const benchId = ({ model }: Pick<Store, "model">): string | null =>
  model.status === "ready" ? model.value.id : null;

type BenchState = Parameters<typeof runs>[0] & Pick<Store, "basis">;

/** Whether the bench has another prompt, other edits or another model than when it was written. */
export const isWrittenElsewhere = (written: Written, now: BenchState): boolean =>
  written.modelId !== benchId(now) ||
  (written.basis !== now.basis && hasEdits(written.runs)) ||
  JSON.stringify(written.runs) !== JSON.stringify(runs(now));

const hasEdits = ({ a, b }: Runs): boolean => a.edits.length > 0 || (b?.edits.length ?? 0) > 0;

export const isWriting = ({ written }: Pick<Store, "written">): boolean =>
  written !== null &&
  [written.trees.a, written.trees.b].some((tree) =>
    tree?.branches.some(({ status }) => status === "running"),
  );

/** Whether a branch can be gone on with. */
export const hasEnded = ({ status }: Pick<Branch, "status">): boolean =>
  status === "end-of-text" || status === "context-full";

const writtenToken = (drawn: GeneratedToken): WrittenToken => {
  const { id, string, probability, rank, alternatives } = drawn;
  return { id, string, probability, rank, alternatives, chosen: false };
};

export const createGenerateSlice: Slice<GenerateSlice> = (lab) => (set, get) => {
  const newest = createNewest();

  const change = (side: Side, to: (tree: BranchTree) => BranchTree) => {
    const { written } = get();
    const tree = written?.trees[side];
    if (!written || !tree) return;
    set({ written: { ...written, trees: { ...written.trees, [side]: to(tree) } } });
  };

  const goOn = async (side: Side, written: Written, run: Run, maxNewTokens: number) => {
    const { model } = lab;
    const tree = written.trees[side];
    const spec = written.runs[side];
    if (!model || !tree || !spec || !("text" in spec.prompt)) return;
    const { id, status } = currentBranch(tree);
    if (hasEnded({ status })) return;
    const { text, prependBos } = spec.prompt;
    const put = (patch: Partial<Branch>) => change(side, (now) => withBranch(now, id, patch));
    put({ status: "running", error: null });
    try {
      const { stopped, end } = await model.generate(text, {
        ...samplingOf(get()),
        ...{ maxNewTokens, prependBos, edits: spec.edits, basis: written.basis },
        begun: pathOf(tree, id).map((token) => token.id),
        alternatives: ALTERNATIVES,
        signal: run.signal,
        onToken: (token) => {
          if (run.isNewest()) change(side, (now) => grown(now, id, writtenToken(token)));
        },
      });
      if (run.isNewest()) put({ status: stopped, end: end && writtenToken(end) });
    } catch (e) {
      const error = toLabError(e);
      if (run.isNewest() && error.code !== "cancelled") put({ status: "failed", error });
    }
  };

  const both = async (tokens: number, sides: readonly Side[]) => {
    get().stopWriting();
    const { written } = get();
    if (!written) return;
    const run = newest.start();
    await Promise.all(sides.map((side) => goOn(side, written, run, tokens)));
  };

  return {
    written: null,
    write: async (tokens) => {
      const state = get();
      if (!lab.model) return;
      if (state.written === null || isWrittenElsewhere(state.written, state)) {
        const now = runs(state);
        state.stopWriting();
        set({
          written: {
            ...{ runs: now, basis: state.basis, modelId: benchId(state) },
            trees: { a: newTree(), b: now.b && newTree() },
          },
        });
      }
      await both(tokens, ["a", "b"]);
    },
    writeBranch: async (side, step, choice) => {
      const before = get().written?.trees[side];
      if (!before) return;
      get().stopWriting();
      change(side, (tree) => branched(tree, step, choice));
      const after = get().written?.trees[side];
      const isNew = after && after.branches.length > before.branches.length;
      if (isNew) await both(samplingOf(get()).maxNewTokens, [side]);
    },
    goToBranch: (side, id) => change(side, (tree) => ({ ...tree, current: branchOf(tree, id).id })),
    deleteBranch: (side, id) => {
      const tree = get().written?.trees[side];
      if (!tree) return;
      const { branches } = withoutBranch(tree, id);
      const lost = tree.branches.filter((branch) => !branches.includes(branch));
      if (lost.some(({ status }) => status === "running")) get().stopWriting();
      change(side, (now) => withoutBranch(now, id));
    },
    stopWriting: () => {
      newest.stop();
      for (const side of ["a", "b"] as const) {
        const running = get().written?.trees[side]?.branches.filter(
          ({ status }) => status === "running",
        );
        for (const { id } of running ?? []) {
          change(side, (tree) => withBranch(tree, id, { status: "cancelled" }));
        }
      }
    },
    clearWritten: () => {
      get().stopWriting();
      set({ written: null });
    },
  };
};
