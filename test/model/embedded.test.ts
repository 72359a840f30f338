import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { getCheckpoint } from "../../src/model/get-checkpoint.ts";

const ID = "tinylab-gpt2-4l";
const PUBLIC = new URL("../../public/", import.meta.url);
let server: Server;
let base: URL;
let missing: "404" | "page" = "404";

beforeAll(async () => {
  // A plain host: the app lies under a path, ranges are unknown.
  server = createServer(({ url = "" }, response) => {
    try {
      response.end(readFileSync(new URL(`.${url.replace("/some/where", "")}`, PUBLIC)));
    } catch {
      if (missing === "404") response.writeHead(404).end();
      else response.writeHead(200, { "Content-Type": "text/html" }).end("<!doctype html>");
    }
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  base = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/some/where/`);
});
afterAll(() => server.close());

const load = (id: string) =>
  getCheckpoint(
    { kind: "embedded", id },
    { baseUrl: base, signal: new AbortController().signal, progress: () => {} },
  );

describe("the model that comes with the app", () => {
  it("is loaded from beside the app, under any path", async () => {
    const checkpoint = await load(ID);
    const file = readFileSync(new URL(`models/${ID}/model.safetensors`, PUBLIC));
    expect(Buffer.from(checkpoint.weights[0]!.data).equals(file)).toBe(true);
    expect(checkpoint).toMatchObject({ id: ID, source: "embedded", revision: null, warnings: [] });
    const norm = await checkpoint.readTensor("ln_f.weight");
    expect(norm.dims).toEqual([checkpoint.config.n_embd]);
    checkpoint.release();
    expect(await checkpoint.readTensor("ln_f.weight")).toEqual(norm);
  });

  it.each(["404", "page"] as const)("is named when it is not there (%s)", async (how) => {
    missing = how;
    await expect(load("another")).rejects.toMatchObject({
      code: "not-found",
      message: expect.stringMatching(/config\.json of/),
    });
  });
});
