/**
 * The link that the page was opened by, and what of it is not as it says: parts that make no sense, and places that the model,
 * the prompt or the autoencoder on the bench lack. What is shown instead is said beside each.
 */
import { neuronName } from "../core/neurons.ts";
import type { OptionName } from "./option-names.ts";
import { saeMisfit } from "./sae-fit.ts";
import { selectedSae } from "./sae-on-bench.ts";
import type { Slice, Store } from "./store.ts";
import type { UrlState } from "./url.ts";
import { type Cell, sameHead } from "./view-slice.ts";

export interface LinkSlice {
  /** "view=xyz" */
  unreadLink: readonly string[];
  /** What the address said when the page was opened; null once its notice was put away. */
  linked: UrlState | null;
  /** Puts the notice away. */
  dismissLink: () => void;
}

export const createLinkSlice: Slice<LinkSlice> = () => (set) => {
  return {
    unreadLink: [],
    linked: null,
    dismissLink: () => set({ unreadLink: [], linked: null, oddOptions: {} }),
  };
};

export type LinkState = Pick<
  Store,
  "linked" | "model" | "shownView" | "saes" | "saeId" | "features" | "feature" | "steerRows"
> &
  Pick<Store, "text" | "head" | "neuron" | "layerPart" | "position" | "lock"> &
  Pick<Store, "options" | "oddOptions">;

/** A sentence for each; [] while all is as the link says, or not known yet. */
export const linkMisfits = (state: LinkState): string[] => [
  ...ofModel(state),
  ...ofPrompt(state),
  ...ofSae(state),
  ...Object.entries(state.oddOptions).flatMap(([name, { value, shown }]) =>
    state.options[name as OptionName] === value
      ? [
          `${name}=${short(value)} is no choice here; ${shown === "" ? "the default" : short(shown)} holds.`,
        ]
      : [],
  ),
];

const short = (text: string) => (text.length > 40 ? `${text.slice(0, 40)}…` : text);

/** What the link selected, while it is still selected. */
function ofModel({ linked, model, head, neuron, layerPart }: LinkState): string[] {
  if (!linked || model.status !== "ready") return [];
  const { n_layer, n_head, n_inner } = model.value.config;
  const { id } = model.value;
  const out: string[] = [];
  if (head && sameHead(head, linked.head) && (head.layer >= n_layer || head.head >= n_head)) {
    out.push(
      `Head ${head.layer}.${head.head}: ${id} has layers 0 to ${n_layer - 1} of heads 0 to ${n_head - 1}. All heads are shown.`,
    );
  }
  const sameNeuron = neuron && linked.neuron && neuronName(neuron) === neuronName(linked.neuron);
  if (sameNeuron && (neuron.layer >= n_layer || neuron.neuron >= n_inner)) {
    out.push(
      `Neuron ${neuron.layer}.${neuron.neuron}: ${id} has layers 0 to ${n_layer - 1} of neurons 0 to ${n_inner - 1}. None is selected.`,
    );
  }
  if (layerPart && layerPart.layer === linked.part?.layer && layerPart.layer >= n_layer) {
    out.push(
      `Layer ${layerPart.layer}: ${id} has layers 0 to ${n_layer - 1}. Its last is selected.`,
    );
  }
  return out;
}

/** Typing makes another prompt, of which the link says nothing. */
function ofPrompt({ linked, shownView, text, position, lock }: LinkState): string[] {
  if (!linked || !shownView || (linked.text !== null && linked.text !== text)) return [];
  const count = shownView.tokens.ids.length;
  const has = `the prompt has ${count} ${count === 1 ? "token" : "tokens"}, counted from 0`;
  const out: string[] = [];
  if (position !== null && position === linked.position && position >= count) {
    out.push(`Position ${position}: ${has}. The last is selected.`);
  }
  if (lock && isSame(lock, linked.cell) && lock.q >= count) {
    out.push(`The locked pair ${lock.q}.${lock.k}: ${has}. No pair is locked.`);
  }
  return out;
}
const isSame = (a: Cell, b: Cell | null) => a.q === b?.q && a.k === b.k;

function ofSae(state: LinkState): string[] {
  const { linked, model, saes, features, feature, steerRows } = state;
  if (!linked || saes.status !== "ready") return [];
  const sae = selectedSae(state);
  const isHere = linked.saeId === null || saes.value.some(({ id }) => id === linked.saeId);
  if (!isHere) {
    const named = [
      ...(linked.feature === null ? [] : [`feature ${linked.feature}`]),
      ...(linked.steer.length === 0 ? [] : ["the steering"]),
    ];
    return [
      `The autoencoder “${linked.saeId}” is not in this browser. ${sae ? `“${sae.name}” is on the bench instead` : "None is on the bench"}${named.length > 0 ? `, without ${named.join(" and ")} of the other` : ""}.`,
    ];
  }
  const known = saes.value.find(({ id }) => id === linked.saeId);
  if (known && known.id !== sae?.id && model.status === "ready") {
    const why = saeMisfit(known.config, model.value);
    if (why !== null) {
      return [
        `“${known.name}” cannot be used here: ${why}. ${sae ? `“${sae.name}” is on the bench instead` : "None is on the bench"}.`,
      ];
    }
  }
  if (!sae || (linked.saeId !== null && sae.id !== linked.saeId)) return [];
  const has = `“${sae.name}” has features 0 to ${sae.config.dSae - 1}`;
  const out: string[] = [];
  if (linked.feature !== null && linked.feature >= sae.config.dSae && features.status === "ready") {
    out.push(
      `Feature ${linked.feature}: ${has}. ${feature === null ? "None is selected" : `Feature ${feature} is shown instead`}.`,
    );
  }
  const outside = steerRows.flatMap(({ source }) =>
    source.kind === "feature" && source.sae === sae.id && source.feature >= sae.config.dSae
      ? [String(source.feature)]
      : [],
  );
  if (outside.length > 0) {
    out.push(
      `Steered ${outside.length === 1 ? "feature" : "features"} ${outside.join(", ")}: ${has}. Not used.`,
    );
  }
  return out;
}
