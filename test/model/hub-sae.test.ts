/** Autoencoders from a server with the Hub's paths, answers and refusals. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { LoadProgress } from "../../src/core/model-source.ts";
import { fetchSae } from "../../src/model/hub-sae.ts";
import { COMMIT, type Hub, startHub } from "../fixtures/hub-server.mjs";

const REPO = "jbloom/GPT2-Small-SAEs-Reformatted";
const FOLDER = "blocks.8.hook_resid_pre";
const bytesOf = (text: string) => new TextEncoder().encode(text);
const content = (bytes: Uint8Array) => ({
  size: bytes.length,
  read: (begin: number, end: number) => Buffer.from(bytes.subarray(begin, end)),
});
/** Above a megabyte, so that it does not come with the first look at its size. */
const weights = Uint8Array.from({ length: 1_500_000 }, (_, i) => i % 251);
const folder = {
  [`${FOLDER}/cfg.json`]: content(bytesOf('{"d_in":768}')),
  [`${FOLDER}/sae_weights.safetensors`]: content(weights),
  [`${FOLDER}/sparsity.safetensors`]: content(bytesOf("logs")),
};

let hub: Hub;
beforeAll(async () => (hub = await startHub({ tls: false })));
afterAll(() => hub.close());

interface Asked {
  hub?: string;
  repo?: string;
  revision?: string;
  progress?: (progress: LoadProgress) => void;
  signal?: AbortSignal;
}
const ask = (path: string, asked: Asked = {}) => {
  const { repo = REPO, revision = "main", progress = () => {}, signal = never() } = asked;
  return fetchSae(
    { hub: asked.hub ?? hub.url, repo, path, revision },
    { baseUrl: new URL("http://app/"), signal, progress, retryMs: 1, stallMs: 2000 },
  );
};
const never = () => new AbortController().signal;
const read = async (files: File[]) =>
  Object.fromEntries(
    await Promise.all(
      files.map(async (file) => [file.name, new Uint8Array(await file.arrayBuffer())] as const),
    ),
  );

describe("an autoencoder on the Hub", () => {
  it("is SAELens's folder, at the commit of its first answer, with bytes and rate told", async () => {
    hub.add(REPO, folder);
    const seen: LoadProgress[] = [];
    const { files, commit } = await ask(`/${FOLDER}/`, { progress: (p) => seen.push(p) });
    const found = await read(files);
    expect(Object.keys(found)).toEqual(["cfg.json", "sae_weights.safetensors", "sparsity.safetensors"]); // prettier-ignore
    expect(Buffer.compare(found["sae_weights.safetensors"]!, weights)).toBe(0);
    expect(commit).toBe(COMMIT);
    const told = seen.filter(({ phase }) => phase === "weights");
    expect(told.at(-1)).toMatchObject({ loadedBytes: 1_500_000, totalBytes: 1_500_000 });
    const asked = hub.requests.filter((line) => line.includes("sae_weights"));
    expect(asked.every((line) => line.includes(COMMIT))).toBe(true);
  });
  it("has no densities where they were not kept", async () => {
    const files = Object.entries(folder).filter(([path]) => !path.includes("sparsity"));
    hub.add(REPO, Object.fromEntries(files));
    expect((await ask(FOLDER)).files.map(({ name }) => name)).toEqual([
      "cfg.json",
      "sae_weights.safetensors",
    ]);
  });
  it("is dictionary_learning's folder, or a .pt file by its path", async () => {
    const files = { "a/trainer_0/config.json": content(bytesOf("{}")), "a/trainer_0/ae.pt": content(bytesOf("pt")), "resid_post_mlp/8.pt": content(bytesOf("8")) }; // prettier-ignore
    hub.add("someone/dictionaries", files);
    const names = async (path: string) =>
      (await ask(path, { repo: "someone/dictionaries" })).files.map(({ name }) => name);
    expect(await names("a/trainer_0")).toEqual(["config.json", "ae.pt"]);
    expect(await names("a/trainer_0/ae.pt")).toEqual(["config.json", "ae.pt"]);
    expect(await names("resid_post_mlp/8.pt")).toEqual(["8.pt"]);
  });
  it("goes on where its download broke off", async () => {
    const shaky = await startHub({ tls: false }); // its own: broken connections are not for the others
    shaky.add(REPO, folder, { cutAt: 700_000, times: 2 }); // the densities are the first
    const found = await read((await ask(FOLDER, { hub: shaky.url })).files);
    expect(Buffer.compare(found["sae_weights.safetensors"]!, weights)).toBe(0);
    expect(shaky.requests.at(-1)).toMatch(/sae_weights\.safetensors bytes=700000-$/);
    await shaky.close();
  });
  it("stops when it is cancelled", async () => {
    hub.add(REPO, folder, { bytesPerSecond: 4_000_000 });
    const abort = new AbortController();
    const progress = ({ loadedBytes }: LoadProgress) => {
      if (loadedBytes > 0) abort.abort();
    };
    await expect(ask(FOLDER, { signal: abort.signal, progress })).rejects.toMatchObject({
      code: "cancelled",
    });
  });
});

describe("what the Hub refuses is said in words", () => {
  const fails = async (asked: Promise<unknown>, code: string, words: RegExp) => {
    await expect(asked).rejects.toMatchObject({ code });
    await expect(asked).rejects.toThrow(words);
  };
  it("a repository that there is not", () =>
    fails(ask(FOLDER, { repo: "no/one" }), "not-found", /there is no repository "no\/one" on/));
  it("a folder that there is not", () => {
    hub.add(REPO, folder);
    return fails(
      ask("blocks.9"),
      "not-found",
      /has neither cfg\.json nor config\.json in "blocks\.9"/,
    );
  });
  it("a branch that there is not", () => {
    hub.add(REPO, folder);
    return fails(ask(FOLDER, { revision: "v9" }), "not-found", /no branch, tag or commit "v9"/);
  });
  it("a gated repository", () => {
    hub.add("meta/gated", folder, { gated: true });
    return fails(ask(FOLDER, { repo: "meta/gated" }), "not-found", /is gated/);
  });
  it("a pointer of Git LFS in the file's place", () => {
    const pointer = content(bytesOf("version https://git-lfs.github.com/spec/v1\noid sha256:0\n"));
    hub.add(REPO, { ...folder, [`${FOLDER}/sae_weights.safetensors`]: pointer });
    return fails(ask(FOLDER), "bad-file", /only a pointer of Git LFS/);
  });
  it("weights that are missing", () => {
    hub.add(REPO, { [`${FOLDER}/cfg.json`]: content(bytesOf("{}")) });
    return fails(ask(FOLDER), "not-found", /there is no .*sae_weights\.safetensors/);
  });
  it("what is no repository, or leads out of one", async () => {
    await fails(ask(FOLDER, { repo: "just-a-name" }), "bad-input", /write owner\/name/);
    await fails(ask("../../else"), "bad-input", /no folder/);
  });
  it("a Hub that cannot be reached", async () => {
    const place = { hub: "http://127.0.0.1:9/", repo: REPO, path: FOLDER, revision: "main" };
    const context = { baseUrl: new URL("http://app/"), signal: never(), progress: () => {} };
    await fails(fetchSae(place, context), "network", /cannot be reached/);
  });
});
