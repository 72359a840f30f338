/** A client whose worker may die: both real halves over message channels, several "workers" one after another. */
import { afterEach, describe, expect, it, vi } from "vitest";
import { LabError } from "../../src/core/lab-error.ts";
import type { GeneratedToken } from "../../src/core/generation.ts";
import type { ModelInfo } from "../../src/core/model-info.ts";
import type { Port } from "../../src/rpc/contract.ts";
import { createRecoveringClient, type RecoveryEvent } from "../../src/rpc/recover.ts";
import { serve, type Handlers } from "../../src/rpc/serve.ts";
import { info, summary } from "../state/saes.ts";

/** Long enough for messages between the halves to arrive on a busy machine. */
const settle = () => new Promise((resolve) => setTimeout(resolve, 50));

const opened: MessagePort[] = [];
afterEach(() => {
  for (const port of opened.splice(0)) port.close();
});

const never = () => new Promise<never>(() => {});
const lost = () => Promise.reject(new LabError("device-lost", "the GPU stopped"));
const TOKENIZER = { json: "{}", config: "{}" };
const EMBEDDED = { kind: "embedded", id: "tinylab" } as const;
const load = { source: EMBEDDED, device: "auto" } as const;
/** As the real one does: refuses nothing, and says where the model runs. */
const loads: Handlers["model.load"] = async ({ device, because }) => ({
  value: {
    info: { ...info, device: device === "wasm" ? "wasm" : "webgpu", deviceReason: because ?? "" },
    tokenizer: TOKENIZER,
  },
});

/** Workers that behave one after another as they are told; the last one's way is kept for all that follow. */
function lab(...ways: Partial<Handlers>[]) {
  const death: (() => void)[] = [];
  const ended: number[] = [];
  const calls: string[] = [];
  let clock = 0;
  const spawn = () => {
    const number = death.length;
    const { port1, port2 } = new MessageChannel();
    opened.push(port1, port2);
    const way = { "model.load": loads, ...ways[Math.min(number, ways.length - 1)] } as Handlers;
    const heard = new Proxy(way, {
      get: (target, method: keyof Handlers) => {
        calls.push(`${number} ${method}`);
        return target[method];
      },
    });
    serve(port2, heard);
    port1.start();
    port2.start();
    return {
      port: port1 as Port,
      end: () => ended.push(number),
      onDeath: (listener: () => void) => death.push(listener),
    };
  };
  const client = createRecoveringClient(spawn, () => clock);
  const events: RecoveryEvent[] = [];
  client.onRecovery((event) => events.push(event));
  return {
    ...{ client, events, ended, calls, death },
    wait: (ms: number) => (clock += ms),
    kinds: () => events.map(({ kind }) => kind),
  };
}
const tokenize = { text: "a", prependBos: true };
const tokens = { ids: [1], strings: ["a"], truncatedFrom: null, warnings: [] };

describe("a worker that dies", () => {
  it("is replaced, the model loaded again, and the interrupted call made once more", async () => {
    const { client, death, ended, calls, events } = lab(
      { "model.tokenize": never },
      { "model.tokenize": async () => ({ value: tokens }) },
    );
    await client.call("model.load", load);
    const open = client.call("model.tokenize", tokenize);
    await settle();
    death[0]!();
    expect(await open).toEqual(tokens);
    expect(ended).toEqual([0]);
    expect(calls).toEqual([
      ...["0 model.load", "0 model.tokenize"],
      ...["1 model.load", "1 model.tokenize"],
    ]);
    expect(events.at(-1)).toMatchObject({ kind: "running", repeated: ["model.tokenize"] });
  });

  it("is replaced when nothing was asked of it, and calls meanwhile wait", async () => {
    const { client, death, kinds } = lab({ "model.tokenize": async () => ({ value: tokens }) });
    await client.call("model.load", load);
    death[0]!();
    expect(await client.call("model.tokenize", tokenize)).toEqual(tokens);
    expect(kinds()).toEqual(["stopped", "running"]);
  });

  it("fails a call that would change something twice", async () => {
    const { client, death, calls } = lab({ "sae.delete": never }, {});
    const open = client.call("sae.delete", { id: "a" });
    await settle();
    death[0]!();
    await expect(open).rejects.toMatchObject({ code: "worker-crash" });
    expect(calls).toEqual(["0 sae.delete"]);
  });

  it("fails a call that kills the next one too, and is there for others", async () => {
    const { client, death, ended } = lab(
      { "model.tokenize": never },
      { "model.tokenize": never },
      { "sae.list": async () => ({ value: [] }) },
    );
    const open = client.call("model.tokenize", tokenize);
    await settle();
    death[0]!();
    await settle();
    await settle();
    death[1]!();
    await expect(open).rejects.toMatchObject({ code: "worker-crash" });
    expect(await client.call("sae.list", null)).toEqual([]);
    expect(ended).toEqual([0, 1]);
  });

  it("is left down after three restarts in a minute, until it is asked for", async () => {
    const { client, death, events, wait } = lab({ "sae.list": async () => ({ value: [] }) });
    for (const i of [0, 1, 2, 3]) {
      death[i]!();
      await settle();
    }
    expect(events.at(-1)).toMatchObject({ kind: "down" });
    await expect(client.call("sae.list", null)).rejects.toMatchObject({ code: "worker-crash" });
    await client.restart();
    expect(await client.call("sae.list", null)).toEqual([]);
    wait(61_000);
    death.at(-1)!();
    expect(await client.call("sae.list", null)).toEqual([]);
  });

  it("is left down when the model cannot be had, and says why; another model ends that", async () => {
    const gone: Handlers["model.load"] = () =>
      Promise.reject(new LabError("network", "no connection"));
    const { client, death, events } = lab({}, { "model.load": gone }, {});
    await client.call("model.load", load);
    death[0]!();
    await vi.waitFor(() =>
      expect(events.at(-1)).toMatchObject({ kind: "down", error: { code: "network" } }),
    );
    await expect(client.call("sae.list", null)).rejects.toMatchObject({ code: "network" });
    expect((await client.call("model.load", load)).info.device).toBe("webgpu");
  });

  it("does not repeat what the caller has given up", async () => {
    const { client, death, calls } = lab({ "model.tokenize": never });
    const abort = new AbortController();
    const open = client.call("model.tokenize", tokenize, { signal: abort.signal });
    await settle();
    death[0]!();
    abort.abort();
    await expect(open).rejects.toMatchObject({ code: "cancelled" });
    await settle();
    expect(calls).toEqual(["0 model.tokenize"]);
  });
});

describe("a lost GPU", () => {
  const worker = (loads: Handlers["model.load"]): Partial<Handlers> => {
    let where: ModelInfo["device"] | null = null;
    return {
      "model.load": async (input, context) => {
        const answer = await loads(input, context);
        where = answer.value.info.device;
        return answer;
      },
      "model.tokenize": () => (where === "wasm" ? Promise.resolve({ value: tokens }) : lost()),
    };
  };

  it("is tried once more in another worker; then the CPU takes its place, and the reason is told", async () => {
    const { client, events } = lab(worker(loads), worker(loads), worker(loads));
    await client.call("model.load", load);
    expect(await client.call("model.tokenize", tokenize)).toEqual(tokens);
    const running = events.filter((event) => event.kind === "running");
    expect(running.map(({ info }) => info?.device)).toEqual(["webgpu", "wasm"]);
    expect(running[1]!.info!.deviceReason).toMatch(/GPU was lost twice \(the GPU stopped\)/);
  });

  it("takes along the calls that it left unanswered", async () => {
    const { client } = lab(
      { "model.tokenize": lost, "sae.list": never },
      {
        "model.tokenize": async () => ({ value: tokens }),
        "sae.list": async () => ({ value: [] }),
      },
    );
    await client.call("model.load", load);
    const list = client.call("sae.list", null);
    expect(await client.call("model.tokenize", tokenize)).toEqual(tokens);
    expect(await list).toEqual([]);
  });

  it("gives way to the CPU when it cannot be had again", async () => {
    const none: Handlers["model.load"] = (input, context) =>
      input.device === "wasm"
        ? loads(input, context)
        : Promise.reject(new LabError("no-webgpu", "none"));
    const { client, events } = lab(worker(loads), worker(none));
    await client.call("model.load", load);
    expect(await client.call("model.tokenize", tokenize)).toEqual(tokens);
    expect(events.at(-1)).toMatchObject({ kind: "running", info: { device: "wasm" } });
  });
});

describe("memory that is used up", () => {
  const full = () => Promise.reject(new LabError("out-of-memory", "too much"));
  it("fails the call alone while the model still computes", async () => {
    const { client, kinds } = lab({
      "model.tokenize": full,
      "lab.health": async () => ({ value: null }),
    });
    await expect(client.call("model.tokenize", tokenize)).rejects.toMatchObject({
      code: "out-of-memory",
    });
    expect(kinds()).toEqual([]);
  });

  it("takes another worker when nothing computes any more", async () => {
    const { client, kinds } = lab(
      { "model.tokenize": full, "lab.health": full },
      { "model.tokenize": async () => ({ value: tokens }) },
    );
    expect(await client.call("model.tokenize", tokenize)).toEqual(tokens);
    expect(kinds()).toEqual(["stopped", "running"]);
  });
});

describe("long calls", () => {
  it("tells each token of a text once", async () => {
    const token = (id: number): GeneratedToken => ({
      ...{ id, text: String(id), string: String(id), probability: 1, rank: 1, alternatives: null },
    });
    const says = (upTo: number, ends: boolean): Partial<Handlers> => ({
      "model.generate": async (_, { progress }) => {
        for (let id = 0; id < upTo; id++) progress(token(id));
        return ends ? { value: { text: "", tokens: [], end: null, stopped: "length" } } : never();
      },
    });
    const { client, death } = lab(says(2, false), says(4, true));
    const heard: number[] = [];
    const request = { prompt: tokenize } as never;
    const open = client.call("model.generate", request, { onProgress: ({ id }) => heard.push(id) });
    await settle();
    death[0]!();
    await open;
    expect(heard).toEqual([0, 1, 2, 3]);
  });

  it("goes on with a training from its checkpoint, paused if it was", async () => {
    const progress = { runId: "run 1", step: 3, status: "running" } as never;
    const paused: boolean[] = [];
    const { client, death, calls } = lab(
      {
        "sae.train": (_, context) => (context.progress(progress), never()),
        "sae.pause": async () => ({ value: null }),
      },
      {
        "sae.continue": async ({ id }, context) => {
          context.progress(progress);
          await settle();
          return { value: summary(id) };
        },
        "sae.pause": async (input) => (paused.push(input.paused), { value: null }),
      },
    );
    const open = client.call("sae.train", {} as never);
    await settle();
    await client.call("sae.pause", { paused: true });
    death[0]!();
    expect(await open).toMatchObject({ id: "run 1" });
    expect(calls).toContain("1 sae.continue");
    expect(paused).toEqual([true]);
  });

  it("begins a training anew that had no checkpoint yet", async () => {
    const progress = { runId: "run 1" } as never;
    const { client, death } = lab(
      { "sae.train": (_, context) => (context.progress(progress), never()) },
      {
        "sae.continue": () => Promise.reject(new LabError("not-found", "no checkpoint")),
        "sae.train": async () => ({ value: summary("run 2") }),
      },
    );
    const open = client.call("sae.train", {} as never);
    await settle();
    death[0]!();
    expect(await open).toMatchObject({ id: "run 2" });
  });
});
