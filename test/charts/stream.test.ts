import { expect, it } from "vitest";
import { consecutiveCosines, cosinesAt } from "../../src/charts/stream.ts";

// T 2, S 3; the value says where it stands: t.ij
const at = (t: number) => [0, 1, 2].flatMap((i) => [0, 1, 2].map((j) => t * 100 + i * 10 + j));
const stateCosines = { data: Float32Array.from([...at(0), ...at(1)]), dims: [2, 3, 3] };

it("reads consecutive states, and one position's", () => {
  expect([...consecutiveCosines({ stateCosines })]).toEqual([1, 101, 12, 112]);
  expect([...cosinesAt({ stateCosines }, 1)]).toEqual(at(1));
});
