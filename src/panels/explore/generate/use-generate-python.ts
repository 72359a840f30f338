/** Python for the texts on the screen, and for others like them. */
import { useContext } from "react";
import type { SamplingOptions } from "../../../core/generation.ts";
import { generatePython } from "../../../python/generate.ts";
import { stepsOf } from "../../../state/branch-tree.ts";
import { StoreContext } from "../../../state/context.ts";
import type { Side } from "../../../state/generate-slice.ts";
import { useRunFacts } from "../../../state/run-facts.ts";

/** Reads the texts when it is called, so that it need not follow every token. */
export function useGeneratePython(sampling: SamplingOptions): () => string {
  const store = useContext(StoreContext);
  const runFacts = useRunFacts();
  return () => {
    const facts = runFacts();
    const { written, shownView, otherView } = store!.getState();
    const ids = (side: Side) => {
      const tree = written?.trees[side];
      return tree ? stepsOf(tree, tree.current).map(({ id }) => id) : [];
    };
    return generatePython(facts, {
      sampling,
      written: { a: ids("a"), b: ids("b") },
      promptTokens: {
        a: shownView?.tokens.ids.length ?? 0,
        b: otherView?.tokens.ids.length ?? null,
      },
    });
  };
}
