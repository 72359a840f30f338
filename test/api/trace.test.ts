/** Traces: what is read, changed and read again, against runs of the engine; their order, shapes and refusals. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type TraceMethods, traceMethods } from "../../src/api/trace.ts";
import type { DirectEdit } from "../../src/core/edits.ts";
import { runWithCache } from "../../src/lab/run-with-cache.ts";
import { readHooks } from "../../src/lab/trace-handlers.ts";
import type { LabClient } from "../../src/rpc/client.ts";
import type { LabApi } from "../../src/rpc/contract.ts";
import { engineAsModel } from "../lab/engine-model.ts";
import { embeddedEngine, largestDifference, type NodeEngine } from "../model/node-engine.ts";

let engine: NodeEngine;
let lab: TraceMethods;
/** What the worker was asked for: the hook points, or "logits". */
let asked: string[][] = [];
beforeAll(async () => {
  engine = await embeddedEngine();
  const model = engineAsModel(engine);
  const { signal } = new AbortController();
  const call = (method: keyof LabApi, input: unknown): Promise<unknown> => {
    if (method === "model.readHooks") {
      const request = input as LabApi["model.readHooks"]["input"];
      asked.push(request.names);
      return readHooks(model, request, signal);
    }
    asked.push(["logits"]);
    return runWithCache(model, input as LabApi["model.runWithCache"]["input"], signal);
  };
  const client = { call } as unknown as LabClient;
  lab = traceMethods(client, model.info, (text, bos) => [
    ...(bos ? [4095] : []),
    ...Array.from(text, (c) => c.charCodeAt(0)),
  ]);
});
beforeEach(() => {
  asked = [];
});
afterAll(() => engine.release());

const ids = [4095, 11, 500, 77, 1200];
const other = [4095, 99, 5, 2048, 31, 700, 8];
const resid = "blocks.1.hook_resid_post";
const later = "blocks.2.attn.hook_z";
const run = (edits: DirectEdit[], names: string[] = [], rows = [ids]) =>
  engine.runner.run({ ids: rows, names, edits, logits: "all" });

it("reads values, and logits, as a run has them", async () => {
  const [x, logits] = await lab.trace(ids, async (t) => [await t.get(resid), await t.logits()]);
  const plain = await run([], [resid]);
  expect(x.dims).toEqual([1, 5, 192]);
  expect(largestDifference(x.data, plain.cache.get(resid)!.data)).toBeLessThan(1e-5);
  expect(logits.dims).toEqual([1, 5, engine.config.vocab_size]);
  expect(largestDifference(logits.data, plain.logits!.data)).toBeLessThan(1e-4);
});

it("sets what depends on what was read, and reads on", async () => {
  const found = await lab.trace(ids, async (t) => {
    const x = await t.get(resid);
    t.set(
      resid,
      x.map((v, i) => (Math.floor(i / 192) === 2 ? -v : 2 * v)),
    );
    const after = await t.get(["z", 2]);
    t.edit({ hook: later, op: "zero", head: 3 });
    return { x, after, edited: await t.get(later), logits: await t.logits() };
  });
  const scales = ids.map((_, pos): DirectEdit => ({
    hook: resid,
    op: "scale",
    value: pos === 2 ? -1 : 2,
    pos,
  }));
  const once = await run(scales, [later]);
  const twice = await run([...scales, { hook: later, op: "zero", head: 3 }]);
  expect(largestDifference(found.after.data, once.cache.get(later)!.data)).toBeLessThan(1e-4);
  expect([...found.edited.head(3).data].every((v) => v === 0)).toBe(true);
  expect(found.edited.head(2).data).toEqual(found.after.head(2).data);
  expect(largestDifference(found.logits.data, twice.logits!.data)).toBeLessThan(1e-4);
});

it("patches from another run of the same trace", async () => {
  const logits = await lab.trace(ids, async (t) => {
    const source = await t.run(other).get(resid);
    t.edit({ hook: resid, op: "replace", pos: 3, value: source.at(-1).data });
    return t.logits();
  });
  const source = (await run([], [resid], [other])).cache.get(resid)!.data;
  const value = source.slice(6 * 192);
  const patched = await run([{ hook: resid, op: "replace", pos: 3, value }]);
  expect(largestDifference(logits.data, patched.logits!.data)).toBeLessThan(1e-4);
});

describe("several prompts", () => {
  it("are one batch; a row is what it would be alone, and is changed alone", async () => {
    const found = await lab.trace([ids, other], async (t) => {
      const both = await t.get(resid);
      const first = await t.row(0).get(resid);
      t.row(1).set(resid, 0.25);
      t.row(-1).edit({ hook: later, op: "scale", value: 2, pos: -1 });
      return { both, first, logits: [await t.row(0).logits(), await t.row(1).logits()] };
    });
    expect(found.both.dims).toEqual([2, 7, 192]);
    expect(found.both.data[5 * 192]).toBeNaN();
    expect(found.first.dims).toEqual([1, 5, 192]);
    const plain = await run([], [resid]);
    const changed = await run(
      [
        { hook: resid, op: "replace", value: 0.25 },
        { hook: later, op: "scale", value: 2, pos: 6 },
      ],
      [],
      [other],
    );
    expect(largestDifference(found.first.data, plain.cache.get(resid)!.data)).toBeLessThan(1e-5);
    expect(largestDifference(found.logits[0]!.data, plain.logits!.data)).toBeLessThan(1e-4);
    expect(found.logits[1]!.dims).toEqual([1, 7, engine.config.vocab_size]);
    expect(largestDifference(found.logits[1]!.data, changed.logits!.data)).toBeLessThan(1e-4);
    expect(found.both.at(-1).dims).toEqual([2, 192]);
    expect(found.both.at(-1).data[0]).toBe(found.both.data[4 * 192]);
  });

  it("set with the whole batch, each row takes its own part; attention too", async () => {
    const pattern = "blocks.1.attn.hook_pattern";
    const scores = "blocks.1.attn.hook_attn_scores";
    for (const hook of [resid, pattern, scores]) {
      const logits = await lab.trace([ids, other], async (t) => {
        const x = await t.get(hook);
        t.set(
          hook,
          x.map((v) => v * 0.5),
        );
        return t.logits();
      });
      const [a, b] = await Promise.all(
        [ids, other].map((row) => run([{ hook, op: "scale", value: 0.5 }], [], [row])),
      );
      const V = engine.config.vocab_size;
      expect(largestDifference(logits.data.subarray(0, 5 * V), a!.logits!.data)).toBeLessThan(1e-4);
      expect(largestDifference(logits.data.subarray(7 * V), b!.logits!.data)).toBeLessThan(1e-4);
    }
  });
});

describe("runs as little as it can", () => {
  it("values of one block are one run, and so are those asked for at once", async () => {
    await lab.trace(ids, async (t) => {
      await t.get("blocks.1.hook_resid_pre");
      await t.get("blocks.1.attn.hook_z");
      await t.get(resid);
      expect(asked).toHaveLength(1);
      await Promise.all([
        t.get(later),
        t.get("blocks.3.attn.hook_pattern"),
        t.get("blocks.3.mlp.hook_pre"),
      ]);
      expect(asked).toHaveLength(2);
      await t.get("blocks.3.mlp.hook_post");
      await t.get(resid);
      expect(asked).toHaveLength(2);
    });
  });

  it("what a change leaves behind is read again, what was before it is not", async () => {
    await lab.trace(ids, async (t) => {
      const before = await t.get("blocks.1.attn.hook_z");
      t.set("blocks.1.mlp.hook_post", 0);
      await t.get("blocks.1.attn.hook_z");
      expect(asked).toHaveLength(1);
      const out = await t.get("blocks.1.hook_mlp_out");
      expect(asked).toHaveLength(2);
      const bias = engine.weight("h.1.mlp.c_proj.bias");
      expect(largestDifference(out.at(2).data, bias)).toBeLessThan(1e-5);
      expect(before.dims).toEqual([1, 5, 6, 32]);
    });
  });

  it("what was asked for before a change is what was there before it", async () => {
    await lab.trace(ids, async (t) => {
      const asking = t.get(resid);
      t.set(resid, 0);
      const [before, after] = [await asking, await t.get(resid)];
      expect(before.data.some((v) => v !== 0)).toBe(true);
      expect(after.data.every((v) => v === 0)).toBe(true);
    });
  });
});

it("gives copies: what is done to one reaches neither the run nor what was saved", async () => {
  await lab.trace(ids, async (t) => {
    const x = await t.get(resid);
    const saved = t.save(x);
    const [first] = x.data;
    x.data.fill(7);
    expect(saved.data[0]).toBe(first);
    expect((await t.get(resid)).data[0]).toBe(first);
    const { data, dims } = t.save({ data: Float32Array.of(1), dims: [1] });
    expect([...data, ...dims]).toEqual([1, 1]);
  });
});

it("takes the value of one head, [B, T, h], and of one query, [B, H, S]", async () => {
  await lab.trace("abc", async (t) => {
    expect(t.ids).toEqual([[4095, 97, 98, 99]]);
    const z = await t.get(later);
    expect(z.head(5).dims).toEqual([1, 4, 32]);
    expect(z.head(5).at(-1).data).toEqual(z.data.slice((3 * 6 + 5) * 32));
    const pattern = await t.get("pattern0");
    expect(pattern.at(1).dims).toEqual([1, 6, 4]);
    expect(
      pattern
        .at(1)
        .head(2)
        .data.reduce((a, b) => a + b, 0),
    ).toBeCloseTo(1, 5);
  });
});

describe("refuses", () => {
  const trace = (
    body: Parameters<typeof lab.trace>[1],
    what: Parameters<typeof lab.trace>[0] = ids,
  ) => lab.trace(what, body);
  it("a change before what has been read, with both names", async () => {
    await expect(
      trace(async (t) => {
        await t.get(later);
        t.set(resid, 0);
      }),
    ).rejects.toThrow(
      /blocks.1.hook_resid_post cannot be changed any more: blocks.2.attn.hook_z, which/,
    );
    await expect(
      trace(async (t) => {
        await t.logits();
        t.edit({ hook: later, op: "zero" });
      }),
    ).rejects.toThrow(/blocks.2.attn.hook_z cannot .* the logits, which comes after/);
  });
  it("a value of another shape, with the hook, the shape expected and the one given", async () => {
    const set = (
      value: Parameters<Parameters<Parameters<typeof lab.trace>[1]>[0]["set"]>[1],
      what: number[] | number[][] = ids,
    ) => trace((t) => t.set(later, value), what);
    const shaped = (dims: number[]) => ({
      data: new Float32Array(dims.reduce((a, b) => a * b, 1)),
      dims,
    });
    await expect(set(shaped([5, 192]))).rejects.toThrow(
      "blocks.2.attn.hook_z is [1, 5, 6, 32] here, and was to be set to [5, 192]",
    );
    await expect(set(new Float32Array(7))).rejects.toThrow(/set to 7 numbers/);
    await expect(set(shaped([5, 6, 32]))).resolves.toBeUndefined();
    await expect(set(shaped([5, 6, 32]), [ids, ids])).rejects.toThrow(/is \[2, 5, 6, 32\] here/);
    await expect(set(NaN)).rejects.toThrow(/cannot be set to NaN/);
    await expect(set(shaped([1, 5, 6, 32]).data.fill(NaN))).rejects.toThrow(/cannot be set to NaN/);
  });
  it("what is no value, and numbers that are not as many as their dims say", async () => {
    const set = (value: unknown) => trace((t) => t.set(later, value as number));
    const is = "blocks.2.attn.hook_z is \\[1, 5, 6, 32\\] here";
    await expect(set(Promise.resolve(0))).rejects.toThrow(
      new RegExp(`${is}: .* not to a promise \\(await it first\\)`),
    );
    await expect(set([1, 2])).rejects.toThrow(/not to a plain array of 2/);
    await expect(set("0")).rejects.toThrow(/not to "0"/);
    await expect(set(undefined)).rejects.toThrow(/not to missing/);
    await expect(set(null)).rejects.toThrow(/not to null/);
    await expect(set({ data: new Float32Array(96), dims: [1, 5, 6, 32] })).rejects.toThrow(
      /set to what holds 96 values, \[1, 5, 6, 32\] has 960/,
    );
  });
  it("what cannot be kept; a number and an array can", async () => {
    const save = (value: unknown) => trace((t) => t.save(value as number));
    await expect(save(Promise.resolve())).rejects.toThrow(/not a promise \(await it first\)/);
    await expect(save(undefined)).rejects.toThrow(/not missing/);
    await expect(save(5)).resolves.toBe(5);
    await expect(save(Float32Array.of(1))).resolves.toEqual(Float32Array.of(1));
  });
  it("a trace without a function", async () => {
    await expect(lab.trace(ids, undefined as never)).rejects.toThrow(/not missing/);
    await expect(lab.trace(ids, {} as never)).rejects.toThrow(/and a function that is given it/);
  });
  it("wrong edits when they are made, or when the trace ends with nothing read after them", async () => {
    const edit = (value: unknown, after?: () => void) =>
      trace((t) => {
        t.edit(value as DirectEdit);
        after?.();
      });
    const never = () => expect.unreachable();
    await expect(edit(null, never)).rejects.toThrow(/the edit is null/);
    await expect(edit({ op: "zero" }, never)).rejects.toThrow(/the edit has no hook/);
    await expect(edit({ hook: later, op: "zero", position: 1 }, never)).rejects.toThrow(
      /edit of blocks.2.attn.hook_z: op "zero" has no key "position"/,
    );
    await expect(edit({ hook: "z2", op: "zero", head: 6 })).rejects.toThrow(
      /edit of blocks.2.attn.hook_z: head 6 is not among 0 … 5/,
    );
    await expect(edit({ hook: later, op: "add", value: new Float32Array(3) })).rejects.toThrow(
      /op "add" takes/,
    );
    await expect(edit({ hook: "z2", op: "zero", head: 5 })).resolves.toBeUndefined();
  });
  it("names, heads, positions and rows that there are not", async () => {
    await expect(trace((t) => t.get("blocks.9.hook_resid_post"))).rejects.toThrow(/no hook point/);
    await expect(trace((t) => t.get("resid_post"))).rejects.toThrow(/means 4 hook points/);
    await expect(trace(async (t) => (await t.get(later)).head(6))).rejects.toThrow(
      /blocks.2.attn.hook_z: head 6 is not among 0 … 5/,
    );
    await expect(trace(async (t) => (await t.get(later)).at(-6))).rejects.toThrow(
      /position -6 is not among -5 … 4/,
    );
    await expect(trace(async (t) => (await t.get(resid)).head(0))).rejects.toThrow(
      /it has no head axis; its shape is \[1, 5, 192\]/,
    );
    await expect(trace((t) => t.row(2), [ids, other])).rejects.toThrow(/row 2 is not among -2 … 1/);
  });
  it("a prompt without tokens, or with too many", async () => {
    await expect(trace(() => 0, [])).rejects.toThrow(
      /1 to 256 tokens in this model, this one has 0/,
    );
    await expect(trace(() => 0, new Array<number>(257).fill(1))).rejects.toThrow(/has 257/);
  });
  it("anything once its function has returned", async () => {
    const kept = await trace((t) => ({ t }));
    const { t } = kept as { t: Parameters<Parameters<typeof lab.trace>[1]>[0] };
    await expect(t.get(resid)).rejects.toThrow(/this trace is over/);
    expect(() => t.set(resid, 0)).toThrow(/this trace is over/);
  });
  it("what the engine refuses, at the next value that is read", async () => {
    await expect(
      trace(async (t) => {
        t.edit({ hook: later, op: "zero", head: 6 });
        await t.get(later);
      }),
    ).rejects.toThrow(/edit of blocks.2.attn.hook_z: head 6/);
  });
});
