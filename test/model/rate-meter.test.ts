import { expect, it } from "vitest";
import type { LoadProgress } from "../../src/core/model-source.ts";
import { createRateMeter } from "../../src/model/rate-meter.ts";

const label = { phase: "weights", file: "f", fromCache: false } as const;

it("tells first and last, ten times a second between, with the rate of the last seconds", () => {
  const seen: LoadProgress[] = [];
  let now = 0;
  const report = createRateMeter(
    (p) => seen.push(p),
    label,
    () => now,
  );
  report(0, 20_000);
  expect(seen).toEqual([{ ...label, loadedBytes: 0, totalBytes: 20_000, bytesPerSecond: null }]);
  for (now = 10; now <= 4000; now += 10) report(now, 20_000); // 1 byte a millisecond
  expect(seen.length).toBe(41);
  expect(seen.at(-1)!.bytesPerSecond).toBeCloseTo(1000, 6);
  for (; now <= 8000; now += 10) report(4000 + (now - 4000) * 3, 20_000); // three times as fast
  expect(seen.at(-1)!.bytesPerSecond).toBeCloseTo(3000, 6);
  report(20_000, 20_000);
  expect(seen.at(-1)!.loadedBytes).toBe(20_000);
});
