import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { LabError } from "../../src/core/lab-error.ts";
import type { HubSource, LoadProgress } from "../../src/core/model-source.ts";
import type { Checkpoint } from "../../src/model/checkpoint.ts";
import { fromHub } from "../../src/model/hub.ts";
import type { LoadContext } from "../../src/model/load-context.ts";
import { type Files, gpt2Files, MINI, ofBuffer, source } from "../fixtures/gpt2-weights.mjs";
import { COMMIT, type Hub, startHub } from "../fixtures/hub-server.mjs";
import { MemoryCaches } from "../fixtures/memory-cache.ts";

const ID = "someone/mini-gpt2";
const files = gpt2Files(MINI, { prefix: "transformer." });
const weights = files["model.safetensors"]!;
const bytesOf = ({ weights: given }: Checkpoint) => Buffer.from(given[0]!.data);
let hub: Hub;
let storage: MemoryCaches;

beforeAll(async () => {
  hub = await startHub({ tls: false });
});
afterAll(() => hub.close());
beforeEach(() => {
  hub.requests.length = 0;
  storage = new MemoryCaches();
  vi.stubGlobal("caches", storage);
});

interface More extends Partial<HubSource>, Partial<LoadContext> {}
function load(id = ID, more: More = {}) {
  const seen: LoadProgress[] = [];
  const { revision = "main", half, refresh, hub: from = hub.url, ...context } = more;
  const checkpoint = fromHub(
    { kind: "hub", id, revision, hub: from, half, refresh },
    {
      baseUrl: new URL("http://unused/"),
      signal: new AbortController().signal,
      progress: (p) => seen.push(p),
      retryMs: 5,
      ...context,
    },
  );
  return Object.assign(checkpoint, { seen });
}
const failure = async (loading: Promise<Checkpoint>): Promise<LabError> => {
  const error: unknown = await loading.catch((e: unknown) => e);
  if (error instanceof LabError) return error;
  throw new Error(`no LabError but ${String(error)}`);
};
const without = (...names: string[]): Files =>
  Object.fromEntries(Object.entries(files).filter(([name]) => !names.includes(name)));
const text = (content: string) => ofBuffer(Buffer.from(content));

/** Longer than a busy machine keeps anything waiting. */
const STALL_MS = 1500;

describe("a model of the Hub", () => {
  it("comes checked, with progress, over redirects, at one commit", async () => {
    hub.add(ID, files);
    const loading = load();
    const checkpoint = await loading;
    expect(checkpoint).toMatchObject({ id: ID, source: "hub", revision: "main", commit: COMMIT });
    expect(checkpoint).toMatchObject({ tiedHead: true, warnings: [] });
    expect(checkpoint.config).toMatchObject(MINI);
    expect(bytesOf(checkpoint).equals(weights.read(0, weights.size))).toBe(true);
    expect(checkpoint.weightBytes).toBe(4 * checkpoint.parameters);
    expect(JSON.parse(checkpoint.tokenizer.json).model.vocab["<|endoftext|>"]).toBe(599);
    const last = loading.seen.at(-1)!;
    expect(last).toMatchObject({ phase: "weights", file: "model.safetensors", fromCache: false });
    expect(last).toMatchObject({ loadedBytes: weights.size, totalBytes: weights.size });
    // The config by branch, the rest by the commit it named; the header before the weights.
    expect(hub.requests[0]).toBe(`GET /${ID}/resolve/main/config.json`);
    expect(hub.requests.slice(1).every((request) => request.includes(COMMIT))).toBe(true);
    const header = hub.requests.findIndex((request) => request.endsWith("bytes=0-65535"));
    const whole = hub.requests.findIndex((request) => /^GET \/cdn\/.*safetensors$/.test(request));
    expect(header).toBeGreaterThan(0);
    expect(whole).toBeGreaterThan(header);
  });

  it("is there again without any request, and its tensors can be read after the weights are released", async () => {
    hub.add(ID, files);
    const first = await load();
    const bias = await first.readTensor("ln_f.weight");
    expect(bias.dims).toEqual([40]);
    hub.requests.length = 0;
    const loading = load();
    const again = await loading;
    again.release();
    expect(() => again.weights).toThrow(/have been released/);
    expect(await again.readTensor("ln_f.weight")).toEqual(bias);
    expect(await again.readTensor("wte.weight")).toEqual(await first.readTensor("wte.weight"));
    await expect(again.readTensor("h.9.ln_1.bias")).rejects.toThrow(
      /has no tensor "h.9.ln_1.bias"/,
    );
    expect(again).toMatchObject({ commit: COMMIT, config: first.config });
    expect(hub.requests).toEqual([]);
    expect(loading.seen.every(({ fromCache }) => fromCache)).toBe(true);
    expect(loading.seen.at(-1)!.loadedBytes).toBe(weights.size);
  });

  it("is fetched again when the browser has dropped or damaged a part of it", async () => {
    hub.add(ID, files);
    await load();
    const [part] = [...storage.stored.keys()].filter((url) => url.includes("part"));
    storage.stored.delete(part!);
    hub.requests.length = 0;
    expect(bytesOf(await load()).length).toBe(weights.size);
    expect(hub.requests.length).toBeGreaterThan(0);
    storage.stored.get(part!)!.fill(0xff, -64);
    expect(bytesOf(await load()).length).toBe(weights.size);
    const kept = await load();
    expect(kept.warnings).toEqual([]);
  });

  it("also from a server that ignores ranges, and with a header that is longer than the first look", async () => {
    hub.add(ID, files, { noRange: true });
    expect((await load()).tensors.size).toBe(40);
    const { size } = weights;
    const read = (begin: number, end: number) => weights.read(begin, end);
    const length = Number(read(0, 8).readBigUInt64LE());
    const padded = Buffer.concat([
      read(0, 8 + length),
      Buffer.alloc(2 ** 17, " "),
      read(8 + length, size),
    ]);
    padded.writeBigUInt64LE(BigInt(length + 2 ** 17));
    hub.add("someone/padded", { ...files, "model.safetensors": ofBuffer(padded) });
    expect((await load("someone/padded")).tensors.size).toBe(40);
  });

  it.each([
    ["breaks", { cutAt: 150_000, times: 1 }],
    ["stalls", { stallAt: 150_000, times: 2 }],
    ["breaks, from a server that ignores ranges", { cutAt: 150_000, times: 2, noRange: true }],
  ])("is taken up again where it ended when the download %s", async (_, trouble) => {
    hub.add(ID, files, { ...trouble });
    const loading = load(ID, { stallMs: STALL_MS });
    expect(bytesOf(await loading).equals(weights.read(0, weights.size))).toBe(true);
    expect(hub.requests.at(-1)).toMatch(/safetensors bytes=150000-$/);
    const loaded = loading.seen
      .filter(({ phase }) => phase === "weights")
      .map((p) => p.loadedBytes);
    expect(loaded).toEqual([...loaded].sort((a, b) => a - b));
  });

  it("without tokenizer.json, out of vocab.json and merges.txt", async () => {
    const { model } = JSON.parse(String(files["tokenizer.json"]!.read(0, 1e6))) as {
      model: { vocab: object; merges: string[] };
    };
    hub.add(ID, {
      ...without("tokenizer.json", "tokenizer_config.json"),
      "vocab.json": text(JSON.stringify(model.vocab)),
      "merges.txt": text(model.merges.join("\n")),
    });
    const { tokenizer } = await load();
    expect(JSON.parse(tokenizer.json).model.merges).toEqual(model.merges);
    hub.add(ID, without("tokenizer.json"));
    storage.stored.clear();
    expect((await failure(load())).message).toMatch(/neither a tokenizer\.json nor vocab\.json/);
  });

  it("works where the browser keeps nothing, and says so", async () => {
    hub.add(ID, files);
    storage.quota = 1000;
    const full = await load();
    expect(full.warnings).toEqual([expect.stringMatching(/no storage left for this page, so the/)]);
    expect(storage.stored.size).toBe(0);
    full.release();
    expect((await full.readTensor("ln_f.weight")).data).toEqual(new Float32Array(40).fill(1));
    vi.stubGlobal("caches", undefined);
    expect((await load()).warnings).toEqual([expect.stringMatching(/keeps no files/)]);
  });
});

describe("refused, with nothing kept", () => {
  const config = (json: object) => ({ ...files, "config.json": text(JSON.stringify(json)) });
  const broken = (change: (bytes: Buffer) => void): Files => {
    const bytes = Buffer.from(weights.read(0, weights.size));
    change(bytes);
    return { ...files, "model.safetensors": ofBuffer(bytes) };
  };
  const setLast = (value: number) => broken((bytes) => bytes.writeFloatLE(value, bytes.length - 8));
  const big = source(3 * 2 ** 30, () => Buffer.alloc(2 ** 16));

  it.each<[string, Files, object, string, RegExp]>([
    ["another architecture", config({ model_type: "llama" }), {}, "unsupported", /a "llama" model/],
    ["no config.json", without("config.json"), {}, "not-found", /no config\.json of "someone\/m/],
    ["a broken config.json", { ...files, "config.json": text("{") }, {}, "bad-file", /no JSON/],
    ["no weights at all", without("model.safetensors"), {}, "not-found", /no model\.safetensors/],
    [
      "weights as a pickle",
      { ...without("model.safetensors"), "pytorch_model.bin": text("x") },
      {},
      "unsupported",
      /only as pytorch_model\.bin/,
    ],
    [
      "weights too large for a tab",
      { ...files, "model.safetensors": big },
      {},
      "unsupported",
      /has 3\.0 GiB, more than a browser tab can hold in one piece \(at most 2\.0 GiB\)/,
    ],
    ["a gated model", files, { gated: true }, "not-found", /is gated: .* Accept its terms/],
    ["a failing server", files, { status: 500 }, "network", /answered 500/],
    ["a broken connection", files, { cutAt: 200_000 }, "network", /was cut off: .*200000 bytes/],
    ["a file that has become shorter", files, { short: 1000 }, "bad-file", /holds fewer bytes/],
    ["silence", files, { stallAt: 100_000 }, "network", /nothing for 1\.5 s after 100000 bytes/],
    [
      "missing tensors",
      gpt2Files(MINI, { omit: ["h.1.ln_2.bias"] }),
      {},
      "bad-file",
      /lacks 1 of the model's tensors: h\.1\.ln_2\.bias\./,
    ],
    [
      "a config of another size",
      config({ model_type: "gpt2", ...MINI, n_positions: 65, bos_token_id: 1 }),
      {},
      "bad-file",
      /"wpe\.weight" has shape \[64, 40\], but the config asks for \[65, 40\]/,
    ],
    [
      "a weight that is NaN",
      setLast(NaN),
      {},
      "bad-file",
      /element 38 of tensor "ln_f\.bias" is NaN/,
    ],
    ["a weight that is infinite", setLast(-Infinity), {}, "bad-file", /is -Infinity/],
    [
      "a header that claims 2^60 bytes",
      broken((bytes) => bytes.writeBigUInt64LE(2n ** 60n)),
      {},
      "bad-file",
      /header would be 1152921504606846976 bytes/,
    ],
    [
      "an empty weight file",
      { ...files, "model.safetensors": text("") },
      {},
      "bad-file",
      /model\.safetensors of .* holds fewer bytes than it must/,
    ],
    [
      "a tokenizer of another model",
      { ...files, "tokenizer.json": gpt2Files({ ...MINI, vocab_size: 700 })["tokenizer.json"]! },
      {},
      "bad-file",
      /token ids up to 699, but the model only 600/,
    ],
  ])("%s", async (_, given, trouble, code, message) => {
    hub.add(ID, given, trouble);
    const error = await failure(load(ID, { stallMs: STALL_MS }));
    expect(error.message).toMatch(message);
    expect(error.code).toBe(code);
    expect(storage.stored.size).toBe(0);
  });

  it("a model that does not exist, and a revision that does not", async () => {
    expect((await failure(load("no/body"))).message).toMatch(/no model "no\/body" on 127\.0\.0\.1/);
    hub.add(ID, files);
    const error = await failure(load(ID, { revision: "v9" }));
    expect(error.message).toBe('"someone/mini-gpt2" has no branch, tag or commit "v9"');
  });

  it("before the weights are fetched, whatever the header can tell", async () => {
    hub.add(ID, gpt2Files(MINI, { omit: ["wpe.weight"] }));
    await failure(load());
    expect(hub.requests.filter((request) => request.endsWith("safetensors"))).toEqual([]);
  });

  it("a download that is cancelled", async () => {
    hub.add(ID, files, { bytesPerSecond: 400_000 });
    const abort = new AbortController();
    const loading = load(ID, { signal: abort.signal });
    await expect.poll(() => loading.seen.some(({ phase }) => phase === "weights")).toBe(true);
    abort.abort();
    expect((await failure(loading)).code).toBe("cancelled");
    expect(storage.stored.size).toBe(0);
  });

  it("a Hub that cannot be reached", async () => {
    const other = await startHub({ tls: false });
    const url = new URL(other.url);
    await other.close();
    const error = await failure(load(ID, { hub: url.href }));
    expect(error.code).toBe("network");
    expect(error.message).toMatch(/cannot be reached/);
  });
});
