/**
 * Keeps the address and the browser's storage in step with the store. Choosing (a lab, a head, a feature, a model) is
 * a step that Back undoes; typing and moving the position are not. What does not fit an address (a long prompt, many edits)
 * is kept in the history entry as well, so that reload and Back still find it.
 */
import { EMBEDDED_MODEL } from "../api/lab.ts";
import { readMirror } from "../api/storage.ts";
import { encodeBenchEdits } from "../core/bench-edit.ts";
import type { SteerRow } from "../core/steer.ts";
import { encodeSteer } from "../core/steer-link.ts";
import { DEFAULT_PROMPT } from "./prompt-slice.ts";
import { decodeSettings, encodeSettings, SETTINGS, SETTINGS_KEY } from "./settings.ts";
import type { LabStore, Store } from "./store.ts";
import { decodeUrl, encodeUrl, unreadParts, type UrlState, writeUrl } from "./url.ts";
import { storedDrafts, storeDrafts } from "./stored-drafts.ts";
import { storedMarks, storeMarks } from "./stored-marks.ts";
import { storedTask, storeTask } from "./stored-task.ts";
import { sameHead } from "./view-slice.ts";

/** What is used of the window: a test passes its own. */
export interface Browser {
  location: Pick<Location, "search" | "pathname" | "hash">;
  history: Pick<History, "pushState" | "replaceState" | "state">;
  storage: Pick<Storage, "getItem" | "setItem"> | null;
  onBack: (listener: () => void) => void;
  /** The page is about to be left or reloaded. */
  onLeave: (listener: () => void) => void;
}

/**
 * The mirror that the address names, or else the one that was chosen here. The page asks before it starts its worker,
 * whose policy lets it reach that server and no other.
 */
export function mirrorOf(browser: Pick<Browser, "location" | "storage">): string | null {
  const { hub } = decodeUrl(browser.location.search);
  for (const address of [hub, readSettings(browser).chosenMirror ?? null]) {
    try {
      if (address !== null) return readMirror(address) ?? null;
    } catch {
      continue; // no address: like any other nonsense in a link it is passed over
    }
  }
  return null;
}

/** Fills the store from the address, the history entry and the settings; call before the first render. */
export function restore(store: LabStore, browser: Browser): UrlState {
  const { search } = browser.location;
  const url = whole(browser);
  const settings = readSettings(browser);
  store.setState({
    ...settings,
    writerKey: settings.writer?.keptKey ?? "",
    ownTask: storedTask(browser.storage),
    graphMarks: storedMarks(browser.storage),
    drafts: storedDrafts(browser.storage),
    // A link says all of how its figures look; the plain address leaves it to what was chosen here.
    ...(search !== "" && { basis: url.basis }),
    mirror: mirrorOf(browser),
    unreadLink: unreadParts(search),
    linked: url,
    text: url.text ?? DEFAULT_PROMPT,
    prependBos: url.prependBos,
    labTab: url.lab,
    exploreView: url.view,
    head: url.head,
    neuron: url.neuron,
    layerPart: url.part,
    otherText: url.otherText,
    benchEdits: url.edits,
    options: url.options,
    position: url.position,
    lock: url.cell,
    shownSides: url.sides,
    dimFirst: url.dimFirst,
    saeId: url.saeId,
    feature: url.feature,
    steerRows: url.steer,
    device: url.device,
  });
  return url;
}

/** @param rest milliseconds without a change before typing and sliding are written: browsers limit how often */
export function startSync(store: LabStore, browser: Browser, rest = 250): void {
  let applying = false; // while Back is being followed, nothing is written
  const linked = decodeUrl(browser.location.search);
  // A mirror that was chosen here and is not in the address is written into it with the next change.
  const first = { ...urlState(store.getState(), linked), hub: linked.hub };
  let written = encodeUrl(first);
  let keptThen = JSON.stringify(keptOf(first));
  let resting: ReturnType<typeof setTimeout> | undefined;
  const write = (state: Store, push: boolean) => {
    const url = urlState(state, decodeUrl(browser.location.search));
    const query = encodeUrl(url);
    const kept = keptOf(url);
    const keptNow = JSON.stringify(kept);
    if (query === written && keptNow === keptThen) return;
    const address = `${browser.location.pathname}${query}${browser.location.hash}`;
    if (push) browser.history.pushState(kept, "", address);
    else browser.history.replaceState(kept, "", address);
    written = query;
    keptThen = keptNow;
  };
  /** Writes now what waits for a rest, into the entry that it belongs to. */
  const flush = (state: Store) => {
    if (resting === undefined) return;
    clearTimeout(resting);
    resting = undefined;
    write(state, false);
  };
  store.subscribe((now, before) => {
    saveSettings(browser, now, before);
    if (now.ownTask !== before.ownTask) storeTask(browser.storage, now.ownTask);
    if (now.graphMarks !== before.graphMarks) storeMarks(browser.storage, now.graphMarks);
    if (now.drafts !== before.drafts) storeDrafts(browser.storage, now.drafts);
    if (applying) return;
    if (isStep(now, before)) {
      flush(before);
      write(now, true);
      return;
    }
    clearTimeout(resting);
    resting = setTimeout(() => flush(store.getState()), rest);
  });
  browser.onLeave(() => flush(store.getState()));
  browser.onBack(() => {
    clearTimeout(resting);
    resting = undefined;
    applying = true;
    const url = whole(browser);
    const s = store.getState();
    store.setState({ mirror: mirrorOf(browser) });
    s.setLab(url.lab);
    store.setState({ exploreView: url.view, options: url.options });
    store.setState({ shownSides: url.sides, dimFirst: url.dimFirst });
    if (url.basis !== s.basis) s.setBasis(url.basis);
    s.selectHead(url.head);
    s.selectNeuron(url.neuron);
    s.selectLayerPart(url.part);
    s.setOtherText(url.otherText);
    if (encodeBenchEdits(url.edits) !== encodeBenchEdits(s.benchEdits)) {
      store.setState({ benchEdits: url.edits });
      void s.refreshPrompt();
    }
    s.setPrependBos(url.prependBos);
    s.setText(url.text ?? DEFAULT_PROMPT);
    s.selectPosition(url.position);
    store.setState({ lock: url.cell });
    if (url.saeId !== null && url.saeId !== s.saeId) void s.selectSae(url.saeId);
    if (url.feature !== store.getState().feature) void s.selectFeature(url.feature);
    const inLink = (rows: readonly SteerRow[]) => encodeSteer(rows, url.saeId).rows;
    if (inLink(url.steer) !== inLink(s.steerRows)) s.setSteerRows(url.steer);
    if (isOtherModel(url, s)) {
      void s.loadModel(url.model ?? EMBEDDED_MODEL, { revision: url.revision ?? undefined });
    }
    written = encodeUrl(url);
    keptThen = JSON.stringify(keptOf(url));
    applying = false;
  });
}

const benchId = ({ model }: Store): string | null =>
  model.status === "ready" ? model.value.id : null;

/** Whether a link names another model than the bench's. One from files has no name in a link: it stays. */
const isOtherModel = (url: UrlState, { model }: Store): boolean => {
  if (model.status !== "ready") return true;
  if (model.value.source === "files") return url.model !== null;
  return (url.model ?? EMBEDDED_MODEL) !== (model.value.edited?.base ?? model.value.id);
};

/** @param linked the address as it is: it keeps naming its model until one is on the bench */
export function urlState(s: Store, linked: UrlState): UrlState {
  const info = s.model.status === "ready" ? s.model.value : null;
  const hub = info?.source === "hub";
  const revision = info?.revision === "main" ? null : (info?.revision ?? null);
  const waiting = info === null || s.loading.status === "running";
  return {
    text: s.text === DEFAULT_PROMPT ? null : s.text,
    prependBos: s.prependBos,
    lab: s.labTab,
    view: s.exploreView,
    head: s.head,
    neuron: s.neuron,
    part: s.layerPart,
    position: s.position,
    cell: s.lock,
    otherText: s.otherText,
    edits: s.benchEdits,
    sides: s.shownSides,
    basis: s.basis,
    dimFirst: s.dimFirst,
    options: s.options,
    saeId: s.saeId,
    feature: s.feature,
    steer: s.steerRows,
    model: waiting ? linked.model : hub ? (info.edited?.base ?? info.id) : null,
    revision: waiting ? linked.revision : hub ? revision : null,
    hub: s.mirror,
    device: s.device,
  };
}

/** Whether a change is a step for Back. The first SAE and feature arrive by themselves and are none. */
const isStep = (now: Store, before: Store): boolean =>
  now.labTab !== before.labTab ||
  now.exploreView !== before.exploreView ||
  now.mirror !== before.mirror ||
  !sameHead(now.head, before.head) ||
  (now.feature !== before.feature && before.feature !== null && now.feature !== null) ||
  (benchId(now) !== benchId(before) && benchId(before) !== null);

type Kept = Partial<Pick<UrlState, "text" | "otherText" | "edits" | "steer" | "options">>;

/** What the address has no room for; null where it holds all. */
function keptOf(url: UrlState): Kept | null {
  const left = new Set(writeUrl(url).left.map(({ key }) => key));
  if (left.size === 0) return null;
  const options = Object.fromEntries(
    Object.entries(url.options).filter(([name]) => left.has(name)),
  );
  return {
    ...(left.has("prompt") && { text: url.text }),
    ...(left.has("other") && { otherText: url.otherText }),
    ...(left.has("edits") && { edits: url.edits }),
    ...(left.has("steer") && { steer: url.steer }),
    ...(Object.keys(options).length > 0 && { options }),
  };
}

/** The address with what was kept beside it. The history entry is of this page, and only of its own writing. */
function whole({ location, history }: Pick<Browser, "location" | "history">): UrlState {
  const url = decodeUrl(location.search);
  const state: unknown = history.state;
  const kept = typeof state === "object" && state !== null ? (state as Kept) : {};
  return { ...url, ...kept, options: { ...url.options, ...kept.options } };
}

function readSettings({ storage }: Pick<Browser, "storage">) {
  try {
    return decodeSettings(storage?.getItem(SETTINGS_KEY) ?? null);
  } catch {
    return {}; // storage may be forbidden: then nothing is remembered
  }
}
function saveSettings({ storage }: Browser, now: Store, before: Store): void {
  if (SETTINGS.every((key) => now[key] === before[key])) return;
  try {
    storage?.setItem(SETTINGS_KEY, encodeSettings(now));
  } catch {
    return; // full or forbidden: the setting holds for this visit
  }
}
