/**
 * Keeps steering between visits, in the browser's storage: presets, experiments, and what is on the screen, of which a link holds
 * only what fits (no vectors, four digits). Rows on the screen come back where the address says the same.
 */
import { encodeSteer } from "../core/steer-link.ts";
import { encodeSteerFile, decodeSteerFile, type SteerExperiment } from "./steer-file.ts";
import type { LabStore, Store } from "./store.ts";
import type { Browser } from "./sync.ts";

export const STEER_KEY = "glassroom.steering";
export const STEER_NOW_KEY = "glassroom.steering.now";
const NOW = "now";

/** Call after `restore`. Damaged entries are left out. */
export function restoreSteer(store: LabStore, { storage }: Pick<Browser, "storage">): void {
  const read = (key: string) => {
    try {
      const text = storage?.getItem(key) ?? null;
      return text === null ? null : decodeSteerFile(text);
    } catch {
      return null;
    }
  };
  const kept = read(STEER_KEY);
  if (kept) store.setState({ steerPresets: kept.presets, steerExperiments: kept.experiments });
  const [draft] = read(STEER_NOW_KEY)?.presets ?? [];
  const [last] = read(STEER_NOW_KEY)?.experiments ?? [];
  const { steerRows, saeId, text, prependBos } = store.getState();
  const now = encodeSteer(steerRows, saeId);
  const before = encodeSteer(draft?.rows ?? [], saeId);
  if (draft && now.rows === before.rows && now.saes === before.saes) {
    store.setState({ steerRows: draft.rows });
  }
  if (last?.prompt === text && last.prependBos === prependBos) {
    const { rows, attention, sampling, samples, modelId, prompt } = last;
    store.setState({
      steerSamples: samples,
      generatedWith: { text: prompt, prependBos, modelId, rows, attention, sampling },
    });
  }
}

/** @param rest milliseconds without a change before what is on the screen is written */
export function keepSteer(
  store: LabStore,
  { storage, onLeave }: Pick<Browser, "storage" | "onLeave">,
  rest = 500,
): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const write = (key: string, text: string): boolean => {
    try {
      storage?.setItem(key, text);
      return true;
    } catch {
      return false;
    }
  };
  const writeNow = () => {
    clearTimeout(timer);
    timer = undefined;
    write(STEER_NOW_KEY, encodeSteerFile(onScreen(store.getState())));
  };
  store.subscribe((now, before) => {
    if (
      now.steerPresets !== before.steerPresets ||
      now.steerExperiments !== before.steerExperiments
    ) {
      const { steerPresets: presets, steerExperiments: experiments } = now;
      const kept = write(
        STEER_KEY,
        encodeSteerFile({ presets: [...presets], experiments: [...experiments] }),
      );
      const words = kept
        ? null
        : "This browser has no room for more: the newest is lost when the page closes. Export it, or delete others.";
      if (words !== now.steerKeepError) store.setState({ steerKeepError: words });
    }
    if (now.steerRows !== before.steerRows || now.steerSamples !== before.steerSamples) {
      timer ??= setTimeout(writeNow, rest);
    }
  });
  onLeave(() => {
    if (timer !== undefined) writeNow();
  });
}

function onScreen({ steerRows, generatedWith: made, steerSamples }: Store) {
  const last: SteerExperiment[] = [];
  if (made && made.modelId !== null) {
    const { text: prompt, prependBos, modelId, rows, attention, sampling } = made;
    last.push({
      ...{ name: NOW, savedAt: NOW, modelId, prompt, prependBos, attention, sampling },
      ...{ rows: [...rows], samples: [...steerSamples] },
    });
  }
  return {
    presets: [{ name: NOW, rows: [...steerRows], attention: "free" as const }],
    experiments: last,
  };
}
