/** The bench of the moment as facts for a Python program. */
import { useContext, useMemo } from "react";
import { LabError } from "../core/lab-error.ts";
import type { SaeSummary } from "../core/sae.ts";
import type { RunFacts, SaeFacts } from "../python/run-facts.ts";
import { StoreContext } from "./context.ts";
import { editMisfit } from "./edits-slice.ts";
import type { Store } from "./store.ts";

type BenchState = Pick<
  Store,
  "model" | "saes" | "text" | "prependBos" | "shownView" | "otherText" | "basis" | "benchEdits"
>;

/** @param app where the app is served @throws LabError "internal" without a model on the bench */
export function runFacts(state: BenchState, app: string): RunFacts {
  const { model, saes, shownView } = state;
  if (model.status !== "ready") throw new LabError("internal", "there is no model on the bench");
  const { id, source, revision, commit, hub, rounded, config, edited } = model.value;
  const edits = state.benchEdits.filter((edit) => edit.on && editMisfit(state, edit) === null);
  const used = edits.flatMap(({ target }) => (target.kind === "feature" ? [target.sae] : []));
  const shelf = saes.status === "ready" ? saes.value : [];
  const cut = shownView && shownView.tokens.truncatedFrom !== null;
  return {
    app,
    model: {
      ...{ id, source, revision, commit, hub, rounded, config },
      ...(edited && { source: "files", revision: null, commit: null, hub: null, edited: true }),
    },
    prompt: state.text,
    prependBos: state.prependBos,
    cutTo: cut ? shownView.tokens.ids.length : null,
    other: state.otherText,
    basis: state.basis,
    edits,
    saes: shelf.filter((sae) => used.includes(sae.id)).map(saeFacts),
  };
}

export const saeFacts = ({ id, name, config, origin }: SaeSummary): SaeFacts => ({
  ...{ id, name, hook: config.hook },
  ...(config.out && { hookOut: config.out.hook }),
  ...{ variant: config.variant, dSae: config.dSae },
  ...(config.normalize && { normalize: config.normalize }),
  shipped: origin === "shipped",
});

/** For figures: what gives the facts when Python is asked for, without following every change. */
export function useRunFacts(): () => RunFacts {
  const store = useContext(StoreContext);
  return useMemo(
    () => () => {
      if (!store) throw new LabError("internal", "there is no store");
      return runFacts(store.getState(), new URL("./", document.baseURI).href);
    },
    [store],
  );
}
