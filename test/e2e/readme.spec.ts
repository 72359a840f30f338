/** The examples in the README run in the browser, in their order, as they stand there. */
import { readFileSync } from "node:fs";
import { expect, test } from "./fixtures.ts";
import { untilReady } from "./lab.ts";

const EXAMPLES = [...readFileSync("README.md", "utf8").matchAll(/^```js\n(.*?)^```/gms)].map(
  ([, code]) => code!,
);

test("every example of the README runs", async ({ page }) => {
  test.setTimeout(300_000);
  expect(EXAMPLES.length).toBeGreaterThan(5);
  await page.goto("./");
  await untilReady(page);
  // One console session: what an example declares is there for the next.
  const session = await page.context().newCDPSession(page);
  for (const code of EXAMPLES) {
    const { exceptionDetails } = await session.send("Runtime.evaluate", {
      expression: code,
      replMode: true,
      awaitPromise: true,
    });
    const said = exceptionDetails?.exception?.description ?? exceptionDetails?.text;
    expect(said, code).toBeUndefined();
  }
  const { result } = await session.send("Runtime.evaluate", {
    expression:
      "({ text, count: tokens.length, dims: back.dims, shown: examples.length, logits: logits.dims })",
    returnByValue: true,
  });
  const value = result.value as {
    text: string;
    count: number;
    dims: number[];
    shown: number;
    logits: number[];
  };
  expect(value.text.length).toBeGreaterThan(0);
  expect(value.count).toBeGreaterThan(0);
  expect(value.dims).toEqual([value.logits[1], 192]);
  expect(value.shown).toBeGreaterThan(0);
});
