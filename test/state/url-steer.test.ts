import fc from "fast-check";
import { expect, it } from "vitest";
import { decodeUrl, encodeUrl, URL_DEFAULTS } from "../../src/state/url.ts";

const roundTrip = (steer: Parameters<typeof encodeUrl>[0]["steer"]) =>
  decodeUrl(encodeUrl({ ...URL_DEFAULTS, steer })).steer;

it("carries steered features in a link", () => {
  const steer = [
    { feature: 412, mode: "add", coefficient: 3.5 },
    { feature: 7, mode: "clamp", coefficient: -2 },
  ] as const;
  expect(encodeUrl({ ...URL_DEFAULTS, steer: [...steer] })).toBe("?steer=412a3.5_7c-2");
  expect(roundTrip([...steer])).toEqual(steer);
});
it("keeps four digits of any strength", () => {
  const strength = fc.double({ noNaN: true, min: -1e6, max: 1e6 });
  fc.assert(
    fc.property(strength, (coefficient) => {
      const [back] = roundTrip([{ feature: 1, mode: "add", coefficient }]);
      expect(back?.coefficient).toBeCloseTo(Number(coefficient.toPrecision(4)), 10);
    }),
  );
});
it("ignores what makes no sense", () => {
  expect(decodeUrl("?steer=5a1_x_7z3_8a_9c1e999_5c2").steer).toEqual([
    { feature: 5, mode: "clamp", coefficient: 2 },
  ]);
});
