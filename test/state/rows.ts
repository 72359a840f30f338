/** Steering rows by chance, for tests of what reads and writes them. */
import fc from "fast-check";
import { modesOf, STEER_UNITS, type SteerRow, type SteerSource } from "../../src/core/steer.ts";

const index = fc.nat(9999);
/** Separators of the short form, letters of any script, what is neither. */
const characters = ["a", "B", " ", ".", "_", "!", "$", "(", "*", "é", "語", "😀"];
const phrases = fc.array(
  fc.string({ unit: fc.constantFrom(...characters), minLength: 1, maxLength: 4 }),
  { minLength: 1, maxLength: 2 },
);
const hook = fc
  .tuple(fc.nat(11), fc.constantFrom("hook_resid_pre", "hook_resid_post", "hook_attn_out"))
  .map(([layer, site]) => `blocks.${layer}.${site}`);
const sae = fc.string({
  unit: fc.constantFrom(...Array.from("ab3.-_")),
  minLength: 1,
  maxLength: 8,
});

/** Those that a link can hold. */
export const linkSource: fc.Arbitrary<SteerSource> = fc.oneof(
  fc.record({ kind: fc.constant("feature" as const), sae, feature: index }),
  fc.record({ kind: fc.constant("neuron" as const), layer: fc.nat(99), neuron: index }),
  fc.record({ kind: fc.constant("head" as const), layer: fc.nat(99), head: fc.nat(99), phrases }),
  fc.record({ kind: fc.constant("difference" as const), hook, plus: phrases, minus: phrases }),
);
const vector = fc.record({
  ...{ kind: fc.constant("vector" as const), hook, name: fc.string({ maxLength: 9 }) },
  vector: fc.array(
    fc.float({ noNaN: true, noDefaultInfinity: true }).map((x) => x + 0),
    {
      ...{ minLength: 1, maxLength: 4 },
    },
  ),
});

const at = fc.oneof(
  fc.constantFrom("all" as const, "generated" as const),
  fc.uniqueArray(fc.integer({ min: -99, max: 99 }), { minLength: 1, maxLength: 4 }),
);

/** With amounts of four digits, as links have them. */
const withSource = (source: fc.Arbitrary<SteerSource>): fc.Arbitrary<SteerRow> =>
  source.chain((own) =>
    fc
      .record({
        mode: fc.constantFrom(...modesOf(own)),
        amount: fc.integer({ min: -9999, max: 9999 }).map((n) => n / 100),
        ...{ at, on: fc.boolean(), unit: fc.constantFrom(...STEER_UNITS) },
      })
      .map((row) => ({ ...row, source: own, amount: row.mode === "ablate" ? 0 : row.amount })),
  );

export const anyRow = withSource(fc.oneof(linkSource, vector));
/** In the units that a link's rows have, one of each source. */
export const linkRows = fc.uniqueArray(
  withSource(linkSource).map((row): SteerRow => ({
    ...row,
    unit: row.source.kind === "neuron" ? "raw" : "max",
  })),
  { maxLength: 4, selector: ({ source }) => JSON.stringify(source) },
);
