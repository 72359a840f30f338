import { expect, it } from "vitest";
import { newRow, type SteerRow } from "../../src/core/steer.ts";
import { keepSteer, restoreSteer, STEER_KEY, STEER_NOW_KEY } from "../../src/state/steer-keep.ts";
import { type GeneratedWith, NO_TEXT } from "../../src/state/steer-text-slice.ts";
import { benchStore } from "./bench-store.ts";

const VECTOR: SteerRow = newRow(
  { kind: "vector", hook: "blocks.0.hook_resid_post", name: "probe", vector: [1, 2] },
  0.123456789,
);
const FEATURE: SteerRow = newRow({ kind: "feature", sae: "a", feature: 3 }, 1.23456789);

/** A browser's storage that may be full. */
function browser(kept: Record<string, string> = {}, full = false) {
  const storage = {
    getItem: (key: string) => kept[key] ?? null,
    setItem: (key: string, value: string) => {
      if (full) throw new Error("quota");
      kept[key] = value;
    },
  };
  const leave: (() => void)[] = [];
  const onLeave = (listener: () => void) => void leave.push(listener);
  return { kept, storage, onLeave, leave: () => leave.forEach((each) => each()) };
}
const made: GeneratedWith = {
  ...{ text: "Once", prependBos: true, modelId: "tiny", rows: [FEATURE] },
  attention: "free",
  sampling: {
    ...{ maxNewTokens: 8, temperature: 1, topK: 0, topP: 1, repetitionPenalty: 1, seed: 3 },
  },
};

it("keeps presets, experiments, and what is on the screen, whole", () => {
  const page = browser();
  const first = benchStore();
  keepSteer(first.store, page);
  first.state().setSteerRows([VECTOR, FEATURE]);
  first.state().savePreset("one");
  first.store.setState({
    generatedWith: made,
    steerSamples: [{ seed: 3, plain: { ...NO_TEXT, status: "length" }, steered: NO_TEXT }],
  });
  page.leave();

  const again = benchStore();
  // The address has the feature alone, in four digits.
  again.store.setState({ text: "Once", saeId: "a", steerRows: [{ ...FEATURE, amount: 1.235 }] });
  restoreSteer(again.store, page);
  expect(again.state().steerRows).toEqual([VECTOR, FEATURE]);
  expect(again.state().steerPresets).toEqual(first.state().steerPresets);
  expect(again.state().steerSamples).toMatchObject([{ seed: 3 }]);

  const elsewhere = benchStore();
  elsewhere.store.setState({ text: "Twice", saeId: "a", steerRows: [{ ...FEATURE, amount: 9 }] });
  restoreSteer(elsewhere.store, page);
  expect(elsewhere.state().steerRows).toEqual([{ ...FEATURE, amount: 9 }]);
  expect(elsewhere.state().steerSamples).toEqual([]);
});

it("passes over what is damaged, and says when there is no room", () => {
  const damaged = browser({ [STEER_KEY]: "{", [STEER_NOW_KEY]: "[]" }, true);
  const { store, state } = benchStore();
  restoreSteer(store, damaged);
  expect(state().steerPresets).toEqual([]);
  keepSteer(store, damaged);
  state().savePreset("one");
  expect(state().steerKeepError).toMatch(/no room/);
});
