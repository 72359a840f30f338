import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  branched,
  type BranchTree,
  currentBranch,
  forksOf,
  grown,
  newTree,
  outline,
  pathOf,
  ROOT,
  stepsOf,
  withBranch,
  withoutBranch,
  type WrittenToken,
} from "../../src/state/branch-tree.ts";

/** A drawn token whose alternatives are it and the two after it. */
const token = (id: number): WrittenToken => ({
  ...{ id, string: `t${id}`, probability: 0.5, rank: 1, chosen: false },
  alternatives: {
    ids: [id, id + 1, id + 2],
    strings: [id, id + 1, id + 2].map((i) => `t${i}`),
    logits: [2, 1, 1],
    probabilities: [0.5, 0.2, 0.2],
  },
});
const write = (tree: BranchTree, ...ids: number[]) =>
  ids.reduce((now, id) => grown(now, now.current, token(id)), tree);
const ids = (tree: BranchTree, id = tree.current) => pathOf(tree, id).map((t) => t.id);

describe("a text with branches", () => {
  it("leaves the text at a step with another token, and keeps both", () => {
    const text = write(newTree(), 10, 20, 30, 40);
    const other = branched(text, 2, 1); // t31 in place of t30
    expect(ids(other)).toEqual([10, 20, 31]);
    expect(ids(other, ROOT)).toEqual([10, 20, 30, 40]);
    expect(currentBranch(other)).toMatchObject({ parent: ROOT, at: 2, status: "idle" });
    expect(currentBranch(other).tokens[0]).toMatchObject({
      probability: 0.2,
      rank: 2,
      chosen: true,
    });
    expect(ids(write(other, 50, 60))).toEqual([10, 20, 31, 50, 60]);
  });

  it("does nothing for the token that is there, and none twice", () => {
    const text = write(newTree(), 10, 20, 30);
    expect(branched(text, 1, 0)).toBe(text);
    expect(branched(text, 9, 0)).toBe(text);
    expect(branched(text, 1, 7)).toBe(text);
    const once = branched(text, 1, 1);
    const back = { ...once, current: ROOT };
    expect(branched(back, 1, 1)).toEqual(once);
  });

  it("hangs a branch on the one whose token it replaces, siblings beside each other", () => {
    const first = write(branched(write(newTree(), 10, 20, 30), 1, 1), 50, 60); // 10 21 50 60
    const deeper = branched(first, 3, 2); // 10 21 50 62
    expect(currentBranch(deeper)).toMatchObject({ parent: 1, at: 3 });
    const early = branched(deeper, 0, 1); // 11: seen from the deepest branch, but the root's token
    expect(currentBranch(early)).toMatchObject({ parent: ROOT, at: 0 });
    const sibling = branched({ ...deeper, current: 1 }, 1, 2); // 22, beside 21
    expect(currentBranch(sibling)).toMatchObject({ parent: ROOT, at: 1 });
    expect(ids(sibling)).toEqual([10, 22]);
    // Back to the root's own token, from a branch: no new one.
    expect(branched({ ...sibling, current: 1 }, 1, 0).branches).toHaveLength(4);
  });

  it("goes back to the text when its own token is chosen again", () => {
    const text = write(newTree(), 10, 20, 30);
    const other = write(branched(text, 1, 1), 70);
    // The branch's first token knows the same alternatives, the root's own among them.
    expect(branched(other, 1, 0)).toEqual({ ...other, current: ROOT });
  });

  it("can leave at the end of the text, whose alternatives are steps too", () => {
    const ended = withBranch(write(newTree(), 10), ROOT, { end: token(99), status: "end-of-text" });
    expect(stepsOf(ended, ROOT).map((t) => t.id)).toEqual([10, 99]);
    const on = branched(ended, 1, 2);
    expect(ids(on)).toEqual([10, 101]);
    expect(currentBranch(on)).toMatchObject({ parent: ROOT, at: 1, end: null });
  });

  it("loses a branch with all that goes on from it", () => {
    const first = write(branched(write(newTree(), 10, 20), 1, 1), 50);
    const deeper = branched(first, 2, 1);
    const gone = withoutBranch(deeper, 1);
    expect(gone.branches.map(({ id }) => id)).toEqual([ROOT]);
    expect(gone.current).toBe(ROOT);
    expect(withoutBranch(deeper, ROOT)).toBe(deeper);
  });

  it("is told as an outline", () => {
    const text = write(newTree(), 10, 20, 30);
    const late = { ...branched(text, 2, 1), current: ROOT };
    const early = write(branched(late, 0, 1), 40, 50);
    const inner = branched(early, 1, 1);
    expect(
      outline(inner).map(({ name, depth, length, instead, branch }) => [
        name,
        depth,
        length,
        instead?.id ?? null,
        branch.id,
      ]),
    ).toEqual([
      ["1", 0, 3, null, 0],
      ["1.1", 1, 3, 10, 2],
      ["1.1.1", 2, 2, 40, 3],
      ["1.2", 1, 3, 30, 1],
    ]);
  });

  it("knows the steps of the text at which branches leave it, and those of others not", () => {
    const text = write(newTree(), 10, 20, 30);
    const one = write(branched(text, 1, 1), 40, 50); // at step 1, on the root's path and the branch's
    const two = branched(one, 2, 1); // at step 2 of the branch
    expect([...forksOf({ ...two, current: ROOT })]).toEqual([1]);
    expect([...forksOf({ ...two, current: 1 })]).toEqual([1, 2]);
    expect([...forksOf(two)]).toEqual([1, 2]);
  });

  it("stays one tree, parents before children, whatever is done", () => {
    const act = fc.tuple(fc.constantFrom("write", "branch", "go", "delete"), fc.nat(6), fc.nat(2));
    fc.assert(
      fc.property(fc.array(act, { maxLength: 30 }), (acts) => {
        let tree = write(newTree(), 10, 20);
        for (const [what, at, choice] of acts) {
          if (what === "write") tree = write(tree, at * 10);
          if (what === "branch") tree = branched(tree, at, choice);
          const { id } = tree.branches[at % tree.branches.length]!;
          if (what === "go") tree = { ...tree, current: id };
          if (what === "delete") tree = withoutBranch(tree, id);
          expect(
            outline(tree)
              .map(({ branch }) => branch.id)
              .sort(),
          ).toEqual(tree.branches.map(({ id: each }) => each).sort());
          const order = tree.branches.map(({ id: each }) => each);
          for (const { id: each, parent, at: shared } of tree.branches) {
            if (parent === null) continue;
            expect(order.indexOf(parent)).toBeLessThan(order.indexOf(each));
            expect(shared).toBeLessThanOrEqual(pathOf(tree, parent).length);
          }
          expect(currentBranch(tree)).toBeDefined();
        }
      }),
    );
  });
});
