import { afterEach, describe, expect, it } from "vitest";
import { LabError } from "../../src/core/lab-error.ts";
import { createClient, type LabClient } from "../../src/rpc/client.ts";
import type { Port } from "../../src/rpc/contract.ts";
import { breathe, serve, type Handlers } from "../../src/rpc/serve.ts";

const opened: MessagePort[] = [];
afterEach(() => {
  for (const port of opened.splice(0)) port.close();
});

/** Both real halves over a MessageChannel; methods not given answer nothing. */
function join(handlers: Partial<Handlers>): LabClient {
  const { port1, port2 } = new MessageChannel();
  opened.push(port1, port2);
  serve(port2, handlers);
  port1.start();
  port2.start();
  return createClient(port1);
}

describe("the worker boundary", () => {
  it("carries the answer of the call it belongs to", async () => {
    const client = join({
      "sae.dashboard": async ({ feature }) => {
        if (feature === 1) await breathe();
        throw new LabError("not-found", `no feature ${feature}`);
      },
      "sae.pause": async () => ({ value: null }),
    });
    const slow = client.call("sae.dashboard", { id: "a", feature: 1, basis: "raw" });
    await expect(
      client.call("sae.dashboard", { id: "a", feature: 2, basis: "raw" }),
    ).rejects.toThrow("no feature 2");
    await expect(client.call("sae.pause", { paused: true })).resolves.toBeNull();
    await expect(slow).rejects.toMatchObject({ code: "not-found", message: "no feature 1" });
  });

  it("wraps whatever a handler throws", async () => {
    const client = join({
      "sae.list": async () => {
        throw new TypeError("x is undefined");
      },
    });
    await expect(client.call("sae.list", null)).rejects.toMatchObject({
      name: "LabError",
      code: "internal",
      message: "x is undefined",
    });
  });

  it("stops the worker when the caller aborts", async () => {
    const abort = new AbortController();
    const seen: string[] = [];
    let stopped: () => void = () => {};
    const done = new Promise<void>((resolve) => (stopped = resolve));
    const client = join({
      "model.generate": async (_, { signal, progress }) => {
        try {
          for (let i = 0; ; i++) {
            signal.throwIfAborted();
            progress({
              ...{ id: i, text: `t${i}`, string: `t${i}` },
              ...{ probability: 1, rank: 1, alternatives: null },
            });
            await breathe();
          }
        } finally {
          stopped();
        }
      },
    });
    const call = client.call(
      "model.generate",
      {
        prompt: { ids: [0] },
        sampling: {
          maxNewTokens: 9,
          temperature: 0,
          topK: 0,
          topP: 1,
          repetitionPenalty: 1,
          seed: 0,
        },
        edits: [],
        basis: "raw",
        steer: null,
        stop: [],
        begun: [],
        alternatives: 0,
      },
      {
        signal: abort.signal,
        onProgress: ({ text }) => {
          seen.push(text);
          if (text === "t3") abort.abort();
        },
      },
    );
    await expect(call).rejects.toMatchObject({ code: "cancelled" });
    await done;
    expect(seen).toEqual(["t0", "t1", "t2", "t3"]);
  });

  it("refuses a call that was aborted before it began", async () => {
    const client = join({});
    const signal = AbortSignal.abort();
    await expect(client.call("sae.list", null, { signal })).rejects.toMatchObject({
      code: "cancelled",
    });
  });

  it("moves transferred buffers instead of copying them", async () => {
    const client = join({
      "sae.export": async () => {
        const bytes = Uint8Array.of(1, 2, 3);
        return { value: [{ name: "cfg.json", bytes }], transfer: [bytes.buffer] };
      },
    });
    const [file] = await client.call("sae.export", { id: "a" });
    expect(file).toEqual({ name: "cfg.json", bytes: Uint8Array.of(1, 2, 3) });
  });

  it("rejects what is open, and all that follows, when the worker dies", async () => {
    const listeners = new Map<string, (event: Event) => void>();
    const port = {
      postMessage: () => {},
      addEventListener: (type: string, listener: (event: Event) => void) =>
        void listeners.set(type, listener),
    } as unknown as Port;
    const crashes: LabError[] = [];
    const client = createClient(port, (error) => crashes.push(error));
    const open = client.call("sae.list", null);
    const crash = Object.assign(new Event("error"), { message: "out of memory" });
    listeners.get("error")?.(crash);
    listeners.get("error")?.(crash);
    await expect(open).rejects.toMatchObject({ code: "worker-crash" });
    await expect(client.call("sae.list", null)).rejects.toThrow(/out of memory/);
    expect(crashes).toHaveLength(1);
  });
});
