/** The written texts: of the only run, or of both sides of a comparison beside each other. */
import { useMemo } from "react";
import { differing, firstDifference } from "../../../charts/continuation.ts";
import { type BranchTree, currentBranch, stepsOf } from "../../../state/branch-tree.ts";
import { sideNames } from "../../../state/compare-slice.ts";
import { useLab } from "../../../state/context.ts";
import type { Written } from "../../../state/generate-slice.ts";
import { WrittenSide } from "./written-side.tsx";

export interface WrittenSidesProps {
  written: Written;
  shaded: boolean;
}

const useSteps = (tree: BranchTree | null) =>
  useMemo(() => (tree ? stepsOf(tree, tree.current) : []), [tree]);

export function WrittenSides({ written, shaded }: WrittenSidesProps) {
  const shown = useLab((s) => s.shownSides);
  const { runs, trees } = written;
  const [a, b] = [useSteps(trees.a), useSteps(trees.b)];
  const isRunning = (tree: BranchTree) => currentBranch(tree).status === "running";
  if (!trees.b || !runs.b) {
    return (
      <WrittenSide
        {...{ side: "a", name: null, run: runs.a, tree: trees.a, steps: a, shaded, written }}
        marked={[]}
      />
    );
  }
  const twoPrompts = JSON.stringify(runs.a.prompt) !== JSON.stringify(runs.b.prompt);
  const names = sideNames({ otherText: twoPrompts ? "" : null });
  const running = isRunning(trees.a) || isRunning(trees.b);
  // Their difference is the tokens that are marked.
  const shows = (side: "a" | "b") => shown !== (side === "a" ? "b" : "a");
  const first = firstDifference(a, b);
  return (
    <>
      <div className="sides">
        {shows("a") && (
          <WrittenSide
            {...{ side: "a", name: names.a, run: runs.a, tree: trees.a, steps: a, shaded, written }}
            marked={differing(a, b, isRunning(trees.b))}
          />
        )}
        {shows("b") && (
          <WrittenSide
            {...{ side: "b", name: names.b, run: runs.b, tree: trees.b, steps: b, shaded, written }}
            marked={differing(b, a, isRunning(trees.a))}
          />
        )}
      </div>
      <p className="quiet" role="status">
        {first !== null
          ? `The texts part at step ${first + 1}; tokens that differ at a step are underlined.`
          : running || a.length !== b.length || a.length === 0
            ? ""
            : "Both texts are the same."}
      </p>
    </>
  );
}
