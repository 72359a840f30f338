/** Files for other programs: labelled cases with their part of the data, and a direction with its scale. */
import {
  type FoundDirection,
  PARTS,
  placeHook,
  type ProbePlace,
  type WrittenDirection,
} from "../core/probe.ts";
import { writeSafetensors } from "../formats/safetensors-write.ts";
import { groupFolds } from "../math/group-folds.ts";
import { labelText, type ProbeSet } from "./probe-set.ts";

/** One text a line. `ids`: tokens, BOS first. `at`: positions of the cases, null for the whole text. `fold`: of `PARTS`; 0 is held out first. */
export function exportProbeSet(set: ProbeSet, seed: number): string {
  const { cases, labels, texts } = set;
  const group = Int32Array.from(cases, ({ text }) => text);
  const label = labels.kind === "classes" ? labels.y : new Int32Array(cases.length);
  const folds = groupFolds(group, label, PARTS, seed);
  const lines = new Map<number, { at: (number | null)[]; labels: (string | number)[] }>();
  cases.forEach(({ text, at }, n) => {
    const line = lines.get(text) ?? { at: [], labels: [] };
    line.at.push(at);
    line.labels.push(labels.kind === "numbers" ? labels.y[n]! : labelText(set, n));
    lines.set(text, line);
  });
  return [...lines]
    .map(([text, line]) => JSON.stringify({ ids: texts[text], ...line, fold: folds[text] }))
    .join("\n");
}

const F32 = "F32" as const;

/** The unit vector, where it is, its scale, and what it is in the residual stream, if it writes into it. Raw basis. */
export function directionFiles(
  model: string,
  name: string,
  place: ProbePlace,
  { to, unit, slope, mean, deviation }: FoundDirection,
  written: WrittenDirection | null,
): { name: string; bytes: Uint8Array<ArrayBuffer> }[] {
  const facts = {
    ...{ model, name, hook: placeHook(place), head: place.head, towards: to },
    ...{ slope, mean, deviation },
    ...(written && { writes_to: written.hook }),
  };
  const json = JSON.stringify({
    ...{ ...facts, unit: [...unit] },
    ...(written && { written: [...written.vector] }),
  });
  const metadata = Object.fromEntries(Object.entries(facts).map(([key, v]) => [key, String(v)]));
  const file = `probe-${name.replace(/[^\p{L}\p{N}.]+/gu, "-").slice(0, 80)}`;
  const tensors = [
    { name: "unit", dtype: F32, shape: [unit.length], data: unit },
    ...(written
      ? [{ name: "written", dtype: F32, shape: [written.vector.length], data: written.vector }]
      : []),
  ];
  return [
    { name: `${file}.json`, bytes: new TextEncoder().encode(json) },
    { name: `${file}.safetensors`, bytes: writeSafetensors(tensors, metadata) },
  ];
}
