/** Where the numbers on the screen come from, and the link to them. */
import { useContext, useMemo } from "react";
import { BASIS_NAME } from "../core/basis.ts";
import { encodeBenchEdits } from "../core/bench-edit.ts";
import { encodeSteer } from "../core/steer-link.ts";
import { LabError } from "../core/lab-error.ts";
import type { SaeSummary } from "../core/sae.ts";
import { StoreContext } from "./context.ts";
import { selectedSae } from "./sae-on-bench.ts";
import type { Store } from "./store.ts";
import { urlState } from "./sync.ts";
import { decodeUrl, writeUrl } from "./url.ts";

export interface Link {
  url: string;
  /** What it cannot hold, in words. */
  missing: string[];
}

/** @param href the page's address */
export function linkOf(state: Store, href: string): Link {
  const at = new URL(href);
  const { query, left } = writeUrl(urlState(state, decodeUrl(at.search)));
  at.search = query;
  const missing = left.map(({ words }) => words);
  if (state.model.status === "ready" && state.model.value.source === "files") {
    missing.push("the model, which came from files");
  }
  if (state.model.status === "ready" && state.model.value.edited) {
    missing.push("the edits of the model's weights, which are in this browser only");
  }
  const sae = selectedSae(state);
  if (sae && sae.origin !== "shipped")
    missing.push("the autoencoder, which is in this browser only");
  missing.push(
    ...steeredElsewhere(state).map(
      ({ name }) => `the autoencoder “${name}”, which is in this browser only`,
    ),
  );
  if (state.labTab === "explore" && state.exploreView === "examples") {
    if (state.searchText) missing.push("the kept text that is searched");
    if (state.searchFile) missing.push("the text file that is searched");
    const what = state.options["examples.what"];
    if (what === "vector" && state.vectorText !== "") missing.push("the vector that was pasted");
  }
  if (state.labTab === "explore" && state.exploreView === "generate" && state.written) {
    missing.push("the texts, which the seed writes again; branches chosen by hand it does not");
  }
  return { url: at.href, missing };
}

/** Autoencoders of this browser that rows of steering are of, without the one on the bench. */
function steeredElsewhere({ saes, saeId, steerRows }: Store): SaeSummary[] {
  const steered = new Set(
    steerRows.flatMap(({ source }) => (source.kind === "feature" ? [source.sae] : [])),
  );
  const shelf = saes.status === "ready" ? saes.value : [];
  return shelf.filter(({ id, origin }) => origin !== "shipped" && id !== saeId && steered.has(id));
}

/** @param now a moment, as milliseconds since 1970 */
export function provenanceOf(state: Store, version: string, href: string, now: number) {
  const model = state.model.status === "ready" ? state.model.value : null;
  const sae = selectedSae(state);
  const seed = Object.entries(state.options).filter(([name]) => name.endsWith(".seed"));
  return {
    app: `Glassroom ${version}`,
    date: new Date(now).toISOString(),
    link: linkOf(state, href).url,
    model: model && {
      ...{ id: model.id, source: model.source, revision: model.revision, commit: model.commit },
      roundedToFloat16: model.rounded,
    },
    device: model && `${model.device} (${model.deviceReason})`,
    basis: BASIS_NAME[state.basis],
    prompt: state.text,
    prependBos: state.prependBos,
    otherPrompt: state.otherText,
    edits: encodeBenchEdits(state.benchEdits),
    autoencoder: sae && { id: sae.id, name: sae.name, hook: sae.config.hook },
    steering: encodeSteer(state.steerRows, state.saeId).rows,
    ...Object.fromEntries(seed),
  };
}

/** Asked when something leaves the page, without following every change. */
export function useOrigin(version: string) {
  const store = useContext(StoreContext);
  return useMemo(() => {
    const state = (): Store => {
      if (!store) throw new LabError("internal", "there is no store");
      return store.getState();
    };
    return {
      provenance: () => provenanceOf(state(), version, location.href, Date.now()),
      link: () => linkOf(state(), location.href),
    };
  }, [store, version]);
}
