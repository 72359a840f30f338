/** The KV cache and the generation loop, on the embedded model. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readFileSync } from "node:fs";
import type { DirectEdit } from "../../src/core/edits.ts";
import type { GeneratedToken, SamplingOptions } from "../../src/core/generation.ts";
import { generate, type GenerateRequest } from "../../src/model/generate.ts";
import { softmax, topIndices } from "../../src/math/softmax.ts";
import { createTokenizer, type Tokenizer } from "../../src/text/tokenizer.ts";
import { EMBEDDED, embeddedEngine, largestDifference, type NodeEngine } from "./node-engine.ts";

let engine: NodeEngine;
let tokenizer: Tokenizer;
beforeAll(async () => {
  engine = await embeddedEngine();
  const read = (file: string) => readFileSync(new URL(file, EMBEDDED), "utf8");
  const files = { json: read("tokenizer.json"), config: read("tokenizer_config.json") };
  tokenizer = createTokenizer(files, engine.config.bos_token_id);
});
afterAll(() => engine.release());

const model = () => ({ run: engine.runner.run, tokenizer, info: { config: engine.config } });
const greedy: SamplingOptions = {
  maxNewTokens: 12,
  temperature: 0,
  topK: 0,
  topP: 1,
  repetitionPenalty: 1,
  seed: 0,
};
const prompt = () => tokenizer.encode("Tom opened the door because", true).ids;
const start = (request: Partial<GenerateRequest> = {}) => {
  const seen: GeneratedToken[] = [];
  const done = generate(model(), {
    ids: prompt(),
    sampling: greedy,
    edits: [],
    onToken: (token) => seen.push(token),
    signal: new AbortController().signal,
    ...request,
  });
  return { seen, done };
};

describe("the cache", () => {
  it.each([1, 3, 5])(
    "of the first %i tokens gives the rest what a whole run gives them",
    async (cut) => {
      const ids = prompt();
      const hook = "blocks.3.hook_resid_post";
      const rest = ["blocks.2.attn.hook_pattern", hook];
      const base = { edits: [], logits: "last" } as const;
      const whole = await engine.runner.run({ ...base, ids: [ids], names: rest });
      const first = await engine.runner.run({
        ...base,
        ids: [ids.slice(0, cut)],
        names: [],
        keepPast: true,
      });
      expect(first.past!.length).toBe(cut);
      const past = first.past!;
      const second = await engine.runner.run({ ...base, ids: [ids.slice(cut)], names: rest, past });
      expect(largestDifference(second.logits!.data, whole.logits!.data)).toBeLessThan(1e-4);
      const d = engine.config.n_embd;
      const tail = whole.cache.get(hook)!.data.subarray(cut * d);
      expect(largestDifference(second.cache.get(hook)!.data, tail)).toBeLessThan(1e-4);
      expect(second.cache.get(rest[0]!)!.dims).toEqual([
        1,
        engine.config.n_head,
        ids.length - cut,
        ids.length,
      ]);
    },
  );

  it("with edits too: those of the prompt hold in the prompt, those without position everywhere", async () => {
    const ids = prompt();
    const edits: DirectEdit[] = [
      { hook: "blocks.1.attn.hook_z", op: "zero", head: 2, pos: 3 },
      { hook: "blocks.2.hook_resid_pre", op: "scale", value: 0.8 },
    ];
    const cut = 4;
    const last = { names: [], logits: "last", edits } as const;
    const whole = await engine.runner.run({ ...last, ids: [ids] });
    const first = await engine.runner.run({
      ...last,
      ids: [ids.slice(0, cut)],
      keepPast: true,
      editLength: cut,
    });
    const second = await engine.runner.run({
      ...last,
      ids: [ids.slice(cut)],
      past: first.past!,
      editLength: cut,
    });
    expect(largestDifference(second.logits!.data, whole.logits!.data)).toBeLessThan(1e-4);
  });
});

describe("generating", () => {
  it("greedily takes the likeliest token of a whole run at every step, and says its probability", async () => {
    const { seen, done } = start();
    const { tokens, text, stopped } = await done;
    expect(stopped).toBe("length");
    expect(tokens).toHaveLength(12);
    const ids = prompt();
    for (const [i, id] of tokens.entries()) {
      const { logits } = await engine.runner.run({
        ids: [ids],
        names: [],
        edits: [],
        logits: "last",
      });
      expect(topIndices(logits!.data, 1)).toEqual([id]);
      expect(seen[i]!.probability).toBeCloseTo(softmax(logits!.data)[id]!, 4);
      ids.push(id);
    }
    expect(seen.map((token) => token.id)).toEqual(tokens);
    expect(seen.map((token) => token.text).join("")).toBe(text);
    expect(text).toBe(tokenizer.decode(tokens));
  });

  it("tells of each step the rank of its token and the likeliest ones, before sampling bends them", async () => {
    const sampling = { ...greedy, temperature: 2, topK: 60, repetitionPenalty: 1.5, seed: 3 };
    const { seen, done } = start({ sampling, alternatives: 4 });
    await done;
    const ids = prompt();
    for (const { id, string, probability, rank, alternatives } of seen) {
      const run = await engine.runner.run({ ids: [ids], names: [], edits: [], logits: "last" });
      // Written anew: sorted whole, in float64.
      const z = [...run.logits!.data];
      const most = Math.max(...z);
      const sum = z.reduce((total, x) => total + Math.exp(x - most), 0);
      const order = z.map((_, i) => i).sort((a, b) => z[b]! - z[a]!);
      expect(alternatives!.ids).toEqual(order.slice(0, 4));
      expect(alternatives!.strings).toEqual(tokenizer.strings(order.slice(0, 4)));
      alternatives!.probabilities.forEach((p, i) =>
        expect(p).toBeCloseTo(Math.exp(z[order[i]!]! - most) / sum, 4),
      );
      expect(rank).toBe(order.indexOf(id) + 1);
      expect(probability).toBeCloseTo(Math.exp(z[id]! - most) / sum, 4);
      expect(string).toBe(tokenizer.strings([id])[0]);
      ids.push(id);
    }
    expect(seen.some(({ rank }) => rank > 1)).toBe(true);
  });

  it("goes on after a begun text as the whole would have, its edits and penalties too", async () => {
    const edits: DirectEdit[] = [
      { hook: "blocks.1.attn.hook_z", op: "zero", head: 2, pos: -1 },
      { hook: "blocks.2.hook_resid_pre", op: "scale", value: 0.9 },
    ];
    const sampling = { ...greedy, temperature: 1, repetitionPenalty: 1.3, seed: 5 };
    const whole = await start({ sampling, edits }).done;
    for (const cut of [1, 5, 11]) {
      const begun = whole.tokens.slice(0, cut);
      const rest = { ...sampling, maxNewTokens: sampling.maxNewTokens - cut };
      const { seen, done } = start({ sampling: rest, edits, begun });
      const { tokens, text } = await done;
      expect([...begun, ...tokens]).toEqual(whole.tokens);
      expect(tokenizer.decode(begun) + text).toBe(whole.text);
      expect(seen.map((token) => token.text).join("")).toBe(text);
    }
  });

  it("completes a character that the begun text left open", async () => {
    const [first, ...others] = tokenizer.encode("語", false).ids;
    expect(others.length).toBeGreaterThan(0);
    const wanted = others[0]!;
    const toward: DirectEdit = {
      hook: "blocks.3.hook_resid_post",
      op: "add",
      value: engine
        .weight("wte.weight")
        .subarray(wanted * engine.config.n_embd, (wanted + 1) * engine.config.n_embd)
        .map((v) => v * 1000),
    };
    const { done } = start({
      edits: [toward],
      begun: [first!],
      sampling: { ...greedy, maxNewTokens: others.length },
    });
    const { tokens, text } = await done;
    expect(tokens[0]).toBe(wanted);
    expect(tokenizer.decode([first!, ...tokens])).toBe(text);
  });

  it("refuses a count of alternatives that is none", async () => {
    await expect(start({ alternatives: -1 }).done).rejects.toThrow(/alternatives .* got -1/);
  });

  it("draws the same from the same seed, and something else from another", async () => {
    const sampling = { ...greedy, temperature: 1, topK: 50, topP: 0.95 };
    const [a, again, b] = await Promise.all(
      [7, 7, 8].map((seed) => start({ sampling: { ...sampling, seed } }).done),
    );
    expect(again).toEqual(a);
    expect(b!.tokens).not.toEqual(a!.tokens);
  });

  it("with an edit at every step equals whole runs with that edit", async () => {
    const value = Float32Array.from({ length: engine.config.n_embd }, (_, i) => Math.cos(i) * 2);
    const edits: DirectEdit[] = [{ hook: "blocks.1.hook_resid_post", op: "add", value }];
    const { tokens } = await start({ edits, sampling: { ...greedy, maxNewTokens: 6 } }).done;
    const ids = prompt();
    for (const id of tokens) {
      const { logits } = await engine.runner.run({ ids: [ids], names: [], edits, logits: "last" });
      expect(topIndices(logits!.data, 1)).toEqual([id]);
      ids.push(id);
    }
  });

  it("asks for a step's own edits with the step's tokens", async () => {
    const steps: [number, number][] = [];
    await start({
      sampling: { ...greedy, maxNewTokens: 3 },
      edits: async ({ ids, past }) => {
        steps.push([past?.length ?? 0, ids.length]);
        return [];
      },
    }).done;
    const n = prompt().length;
    expect(steps).toEqual([
      [0, n],
      [n, 1],
      [n + 1, 1],
    ]);
  });

  it("ends with what it has when it is stopped", async () => {
    const abort = new AbortController();
    const seen: number[] = [];
    const { done } = start({
      signal: abort.signal,
      onToken: ({ id }) => {
        seen.push(id);
        if (seen.length === 3) abort.abort();
      },
      // The loaded model looks at the signal before each run; the bare runner does not.
      edits: async () => {
        abort.signal.throwIfAborted();
        return [];
      },
    });
    const { tokens, stopped } = await done;
    expect(stopped).toBe("cancelled");
    expect(tokens).toEqual(seen);
    expect(seen).toHaveLength(3);
  });

  it("penalises what has been there, at every step, in prompt and text", async () => {
    const sampling = { ...greedy, maxNewTokens: 16, repetitionPenalty: 2 };
    const plain = await start({ sampling: { ...sampling, repetitionPenalty: 1 } }).done;
    const { tokens } = await start({ sampling }).done;
    expect(tokens).not.toEqual(plain.tokens);
    const ids = prompt();
    for (const id of tokens) {
      const run = await engine.runner.run({ ids: [ids], names: [], edits: [], logits: "last" });
      const scores = run.logits!.data.map((z, token) =>
        ids.includes(token) ? (z > 0 ? z / 2 : z * 2) : z,
      );
      expect(topIndices(scores, 1)).toEqual([id]);
      ids.push(id);
    }
  });

  it("ends after a token, or a text that several tokens make up, and keeps it", async () => {
    const { tokens, text } = await start().done;
    const at = await start({ stop: [tokens[4]!] }).done;
    expect(at).toEqual({
      tokens: tokens.slice(0, tokens.indexOf(tokens[4]!) + 1),
      text: tokenizer.decode(at.tokens),
      end: null,
      stopped: "stop",
    });
    const two = tokenizer.decode(tokens.slice(2, 4)); // no single token
    const found = await start({ stop: ["never there", two] }).done;
    expect(found.stopped).toBe("stop");
    expect(found.text).toBe(text.slice(0, text.indexOf(two) + two.length));
    await expect(start({ stop: [""] }).done).rejects.toThrow(/not at ""/);
  });

  it("takes one text alone, and refuses what no text ends with", async () => {
    const whole = await start().done;
    const one = whole.text.slice(0, 6);
    const [alone, listed] = [await start({ stop: one }).done, await start({ stop: [one] }).done];
    expect(alone).toEqual(listed);
    expect(alone.stopped).toBe("stop");
    const { vocab_size } = engine.config;
    for (const wrong of [[vocab_size], [-1], [1.5], [""], "", [null], 7, [["a"]]]) {
      const { done } = start({ stop: wrong as unknown as string[] });
      await expect(done, JSON.stringify(wrong)).rejects.toThrow(
        `token id of 0 … ${vocab_size - 1}, not at`,
      );
    }
  });

  it("ends when the context is full", async () => {
    const { n_positions } = engine.config;
    const ids = Array.from({ length: n_positions - 2 }, (_, i) => 500 + i);
    const { tokens, stopped } = await start({ ids, sampling: { ...greedy, maxNewTokens: 50 } })
      .done;
    expect(stopped === "context-full" ? tokens.length : -1).toBe(2);
  });

  it("ends at the end of the text, and does not write it", async () => {
    const bos = engine.config.bos_token_id;
    const wanted = Float32Array.from(
      engine.weight("wte.weight").subarray(bos * engine.config.n_embd),
    );
    const toBos: DirectEdit = {
      hook: "blocks.3.hook_resid_post",
      op: "add",
      value: wanted.map((v) => v * 1000),
    };
    const { seen, done } = start({ edits: [toBos], alternatives: 2 });
    const { end, ...rest } = await done;
    expect(rest).toEqual({ text: "", tokens: [], stopped: "end-of-text" });
    expect(seen).toEqual([]);
    expect(end).toMatchObject({ id: bos, string: "<|endoftext|>", text: "", rank: 1 });
    expect(end!.alternatives!.ids).toHaveLength(2);
  });

  it.each<[Partial<SamplingOptions>, RegExp]>([
    [{ maxNewTokens: 0 }, /maxNewTokens must be 1 or more, got 0/],
    [{ temperature: -1 }, /temperature .* got -1/],
    [{ topK: 1.5 }, /topK .* got 1.5/],
    [{ topP: 0 }, /topP .* got 0/],
    [{ repetitionPenalty: 0 }, /repetitionPenalty .* got 0/],
  ])("refuses %o", async (wrong, message) => {
    await expect(start({ sampling: { ...greedy, ...wrong } }).done).rejects.toThrow(message);
  });
});
