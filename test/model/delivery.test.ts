/** How models of the Hub are delivered: in shards, taken up again in another visit, once for all tabs, as float16. */
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { LabError } from "../../src/core/lab-error.ts";
import type { HubSource, LoadProgress } from "../../src/core/model-source.ts";
import { f32ToF16 } from "../../src/formats/half.ts";
import type { Checkpoint } from "../../src/model/checkpoint.ts";
import { fromHub } from "../../src/model/hub.ts";
import type { LoadContext } from "../../src/model/load-context.ts";
import { keptModels, openModelCache } from "../../src/model/model-cache.ts";
import { type Files, gpt2Files, MINI, ofBuffer, sharded } from "../fixtures/gpt2-weights.mjs";
import { COMMIT, type Hub, startHub } from "../fixtures/hub-server.mjs";
import { MemoryCaches } from "../fixtures/memory-cache.ts";

const ID = "someone/mini-gpt2";
const files = gpt2Files(MINI, { prefix: "transformer." });
const weights = files["model.safetensors"]!;
const original = weights.read(0, weights.size);
const NEXT = "1".repeat(40);
let hub: Hub;
let storage: MemoryCaches;

beforeAll(async () => {
  hub = await startHub({ tls: false });
});
afterAll(() => hub.close());
beforeEach(() => {
  hub.requests.length = 0;
  hub.move(COMMIT);
  storage = new MemoryCaches();
  vi.stubGlobal("caches", storage);
});

interface More extends Partial<HubSource>, Partial<LoadContext> {}
function load(more: More = {}) {
  const seen: LoadProgress[] = [];
  const { id = ID, revision = "main", half, refresh, hub: from = hub.url, ...context } = more;
  const checkpoint = fromHub(
    { kind: "hub", id, revision, hub: from, half, refresh },
    {
      baseUrl: new URL("http://unused/"),
      signal: new AbortController().signal,
      progress: (p) => seen.push(p),
      retryMs: 5,
      partBytes: 2 ** 14,
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
const bytesOf = ({ weights: given }: Checkpoint) => Buffer.from(given[0]!.data);
const fetches = () => hub.requests.filter((request) => /\/cdn\/.*safetensors/.test(request));
const kept = async () => keptModels((await openModelCache())!);

describe("weights in several files", () => {
  const shards = sharded(files, 3);

  it("are the same model as in one, kept and read back", async () => {
    hub.add(ID, files);
    const whole = await load();
    hub.add("someone/shards", shards);
    const parts = await load({ id: "someone/shards" });
    expect(parts.weights.map(({ name }) => name)).toEqual([
      "model-00001-of-00003.safetensors",
      "model-00002-of-00003.safetensors",
      "model-00003-of-00003.safetensors",
    ]);
    hub.requests.length = 0;
    const loading = load({ id: "someone/shards" });
    const again = await loading;
    expect(hub.requests).toEqual([]);
    expect(loading.seen.at(-1)).toMatchObject({ loadedBytes: loading.seen.at(-1)!.totalBytes });
    parts.release();
    again.release();
    for (const name of whole.tensors.keys()) {
      const expected = await whole.readTensor(name);
      expect(await parts.readTensor(name), name).toEqual(expected);
      expect(await again.readTensor(name), name).toEqual(expected);
    }
  });

  it.each<[string, Files, RegExp]>([
    [
      "an index that leads elsewhere",
      {
        ...shards,
        "model.safetensors.index.json": text('{"weight_map":{"a":"../x.safetensors"}}'),
      },
      /index\.json cannot be used: tensor "a" is said to be in "\.\.\/x\.safetensors"/,
    ],
    [
      "an index that is not true",
      { ...shards, "model.safetensors.index.json": swapped(shards) },
      /says that tensor "transformer\.wte\.weight" is in model-00002.*, but that file does not hold it/,
    ],
    [
      "a shard that is missing",
      Object.fromEntries(Object.entries(shards).filter(([name]) => !name.includes("00002-of"))),
      /there is no model-00002-of-00003\.safetensors/,
    ],
  ])("are refused with %s, before any of them is fetched", async (_, given, message) => {
    hub.add(ID, given);
    expect((await failure(load())).message).toMatch(message);
    expect(fetches().filter((request) => !request.endsWith("bytes=0-65535"))).toEqual([]);
    expect(storage.stored.size).toBe(0);
  });
});

function text(content: string) {
  return ofBuffer(Buffer.from(content));
}
function swapped(shards: Files) {
  const source = shards["model.safetensors.index.json"]!;
  const index = String(source.read(0, source.size));
  return text(index.replace(/("transformer\.wte\.weight":"model-0000)1/, "$12"));
}

describe("a download that was broken off by the end of a visit", () => {
  /** What is left when the page is closed amid the download: no handler of it runs. */
  async function interrupted(trouble: object = {}, more: More = {}) {
    hub.add(ID, files, { cutAt: 150_000, ...trouble });
    await failure(load(more));
    hub.add(ID, files, { ...trouble });
    hub.requests.length = 0;
  }

  it("goes on where it ended, in whole parts", async () => {
    await interrupted();
    const [begun] = await kept();
    expect(begun).toMatchObject({ id: ID, complete: false, bytes: 9 * 2 ** 14 });
    const loading = load();
    expect(bytesOf(await loading).equals(original)).toBe(true);
    expect(fetches().at(-1)).toMatch(/bytes=147456-$/);
    expect(loading.seen.find(({ phase }) => phase === "weights")!.loadedBytes).toBe(147456);
    expect(await kept()).toMatchObject([{ complete: true, bytes: weights.size }]);
    hub.requests.length = 0;
    expect(bytesOf(await load()).equals(original)).toBe(true);
    expect(hub.requests).toEqual([]);
  });

  it("starts again when the file is another one by now", async () => {
    await interrupted({ noCommit: true, tag: "first" });
    hub.add(ID, files, { noCommit: true, tag: "second" });
    expect(bytesOf(await load()).equals(original)).toBe(true);
    expect(hub.requests.at(-1)).toMatch(/model\.safetensors$/);
  });

  it("goes on at a server that names no commit, if the file's tag is the same", async () => {
    await interrupted({ noCommit: true });
    expect(bytesOf(await load()).equals(original)).toBe(true);
    expect(hub.requests.at(-1)).toMatch(/model\.safetensors bytes=147456-$/);
  });

  it("goes on, too, when it is rounded on the way", async () => {
    hub.add(ID, files);
    const expected = bytesOf(await load({ half: true }));
    storage.stored.clear();
    await interrupted({}, { half: true });
    expect(bytesOf(await load({ half: true })).equals(expected)).toBe(true);
    expect(fetches().at(-1)).toMatch(/bytes=\d+-$/);
  });

  it("is fetched anew when it is to be kept in another way", async () => {
    await interrupted();
    const checkpoint = await load({ half: true });
    expect(checkpoint.rounded).toBe(true);
    expect(await kept()).toMatchObject([{ complete: true, rounded: true }]);
  });
});

describe("rounded to float16 when it is kept", () => {
  it("takes half the room, and holds each weight as the nearest float16", async () => {
    hub.add(ID, files);
    const exact = await load();
    storage.stored.clear();
    const half = await load({ half: true });
    expect(half).toMatchObject({ rounded: true, parameters: exact.parameters });
    expect(half.weightBytes).toBe(exact.weightBytes / 2);
    expect(bytesOf(half).length).toBeLessThan(0.52 * weights.size);
    half.release();
    const again = await load();
    expect(again.rounded).toBe(true);
    for (const name of exact.tensors.keys()) {
      const { data } = await exact.readTensor(name);
      const rounded = await half.readTensor(name);
      expect(f32ToF16(rounded.data), name).toEqual(f32ToF16(data));
      expect(await again.readTensor(name), name).toEqual(rounded);
    }
  });

  it("can be read again where nothing is kept", async () => {
    hub.add(ID, files);
    storage.quota = 1000;
    const half = await load({ half: true });
    expect(half.warnings.length).toBe(1);
    const before = await half.readTensor("h.1.mlp.c_fc.weight");
    half.release();
    expect(await half.readTensor("h.1.mlp.c_fc.weight")).toEqual(before);
  });

  it("is refused for a weight that float16 cannot hold", async () => {
    const large = Buffer.from(original);
    large.writeFloatLE(70000, large.length - 8);
    hub.add(ID, { ...files, "model.safetensors": ofBuffer(large) });
    const error = await failure(load({ half: true }));
    expect(error.message).toMatch(/"ln_f\.bias" holds 70000, too large for float16/);
    expect(storage.stored.size).toBe(0);
  });
});

describe("a branch that moves on", () => {
  it("is kept as it was until a newer one is asked for; then the old one goes", async () => {
    hub.add(ID, files);
    await load();
    const changed = Buffer.from(original);
    changed.writeFloatLE(0.25, changed.length - 4);
    hub.add(ID, { ...files, "model.safetensors": ofBuffer(changed) });
    hub.move(NEXT);
    expect((await load()).commit).toBe(COMMIT);
    const newer = await load({ refresh: true });
    expect(newer.commit).toBe(NEXT);
    expect((await newer.readTensor("ln_f.bias")).data.at(-1)).toBe(0.25);
    expect(await kept()).toMatchObject([{ commit: NEXT, revisions: ["main"] }]);
  });

  it("keeps the old one when the newer cannot be had", async () => {
    hub.add(ID, files);
    await load();
    hub.move(NEXT);
    hub.add(ID, files, { status: 500 });
    expect((await failure(load({ refresh: true }))).code).toBe("network");
    expect((await load()).commit).toBe(COMMIT);
  });

  it("shares what is kept with other names of the same commit", async () => {
    hub.add(ID, files);
    await load();
    hub.requests.length = 0;
    const tagged = await load({ revision: "v2" });
    expect(tagged).toMatchObject({ revision: "v2", commit: COMMIT });
    expect(fetches().filter((request) => !request.endsWith("bytes=0-65535"))).toEqual([]);
    expect(await kept()).toMatchObject([{ revisions: ["main", "v2"] }]);
    hub.requests.length = 0;
    await load({ revision: COMMIT });
    expect(hub.requests).toEqual([]);
  });
});

describe("two tabs", () => {
  /** Web Locks as far as they are used. */
  class Locks {
    #tail = new Map<string, Promise<unknown>>();
    async request(
      name: string,
      { ifAvailable }: { ifAvailable?: boolean },
      work: (lock: object | null) => unknown,
    ): Promise<unknown> {
      const before = this.#tail.get(name);
      if (before && ifAvailable) return work(null);
      const mine = (async () => {
        await before?.catch(() => {});
        return work({});
      })();
      this.#tail.set(name, mine);
      try {
        return await mine;
      } finally {
        if (this.#tail.get(name) === mine) this.#tail.delete(name);
      }
    }
  }

  it("fetch a model once: the second waits, sees how far the first is, and reads what is kept", async () => {
    vi.stubGlobal("navigator", { locks: new Locks() });
    hub.add(ID, files, { bytesPerSecond: 400_000 });
    const first = load();
    await expect.poll(() => first.seen.some(({ phase }) => phase === "weights")).toBe(true);
    const second = load();
    expect(bytesOf(await second).equals(original)).toBe(true);
    expect(second.seen[0]).toMatchObject({ phase: "waiting" });
    expect(second.seen.at(-1)).toMatchObject({ phase: "weights", fromCache: true });
    await first;
    expect(fetches().filter((request) => request.endsWith("safetensors")).length).toBe(1);
    vi.unstubAllGlobals();
  });
});

describe("a server that has too much to do", () => {
  it("is waited for as long as it asks, if that is short", async () => {
    hub.add(ID, files, { busy: 2, retryAfter: 0 });
    expect(bytesOf(await load()).equals(original)).toBe(true);
  });

  it.each([
    [{ busy: 9, retryAfter: 90 }, /answered 429 .*; too many requests from here; wait 90 s and/],
    [{ busy: 9 }, /wait some minutes and load it again/],
  ])("else is an error that says for how long", async (trouble, message) => {
    hub.add(ID, files, trouble);
    const error = await failure(load());
    expect(error.code).toBe("network");
    expect(error.message).toMatch(message);
  });
});

it("says before the download how much memory the model will take", async () => {
  hub.add(ID, files);
  const loading = load();
  const { parameters } = await loading;
  const first = loading.seen.find(({ phase }) => phase === "weights")!;
  expect(first.loadedBytes).toBe(0);
  // float32 weights, the files, and 150 MB
  expect(first.memoryBytes).toBe(4 * parameters + weights.size + 150e6);
});

it("refuses a model that does not fit into memory, out of its headers", async () => {
  const xl = { n_layer: 48, n_head: 25, n_embd: 1600, n_positions: 1024, vocab_size: 50257 };
  hub.add(ID, sharded(gpt2Files(xl), 13));
  const error = await failure(load());
  expect(error).toMatchObject({ code: "unsupported" });
  expect(error.message).toMatch(
    /1558 million parameters: .* needs about 5\.9 GiB, and WebAssembly/,
  );
  expect(fetches().filter((request) => !/bytes=0-\d+$/.test(request))).toEqual([]);
});
