/** Which part takes a file that was dropped on the page: by its name's ending. */
import { expect, it } from "vitest";
import { type FileTaker, takerOf } from "../../src/ui/file-takers.ts";

const taker = (what: string, accept: string): FileTaker => ({ what, accept, take: () => {} });

it("is the first whose endings fit, whatever the case; a kind of file names no ending", () => {
  const among = [
    taker("a graph", ".json,application/json"),
    taker("a table", ".csv,.tsv"),
    taker("anything of JSON", ".json"),
  ];
  expect(takerOf("Graph.JSON", among)?.what).toBe("a graph");
  expect(takerOf("a.b.tsv", among)?.what).toBe("a table");
  expect(takerOf("application/json", among)).toBeNull();
  expect(takerOf("csv", among)).toBeNull();
  expect(takerOf("model.safetensors", among)).toBeNull();
});
