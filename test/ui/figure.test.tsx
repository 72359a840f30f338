/** A figure's corner offers its Python, or says why there is none. */
import { renderToStaticMarkup } from "react-dom/server";
import { expect, it } from "vitest";
import type { Python } from "../../src/ui/figure-numbers.ts";
import { Figure } from "../../src/ui/figure.tsx";

const cornerWith = (python: Python) =>
  renderToStaticMarkup(
    <Figure
      title="Lengths"
      name="lengths"
      what={{ words: "How long each is." }}
      table={() => ({ columns: ["length"], rows: [[1]] })}
      python={python}
    >
      …
    </Figure>,
  );

it("with Python, it can be copied", () => {
  const html = cornerWith(() => "print(1)");
  expect(html).toContain("Copy as Python");
  expect(html).not.toContain("No Python");
});
it("without Python, the menu says why", () => {
  const html = cornerWith({ none: "nothing is tracked." });
  expect(html).toContain("No Python: nothing is tracked.");
  expect(html).not.toContain("Copy as Python");
});
it("its numbers can always be saved", () => {
  expect(cornerWith(() => "")).toMatch(/>CSV<.*>JSON</);
});
