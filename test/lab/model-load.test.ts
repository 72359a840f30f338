/** A model comes to the bench, or is given up on the way: also while its session is made, when no message is let in. */
import { afterEach, expect, it, vi } from "vitest";
import { setAppBase } from "../../src/core/app-url.ts";
import type { ModelSource } from "../../src/core/model-source.ts";
import { bench } from "../../src/lab/bench.ts";
import { modelHandlers } from "../../src/lab/model-handlers.ts";
import type { Checkpoint } from "../../src/model/checkpoint.ts";
import type { ModelSession } from "../../src/model/session.ts";
import { gpt2Files, MINI } from "../fixtures/gpt2-weights.mjs";
import { engineOf } from "../model/tuning-engine.ts";

let whenMade = () => {};
const disposed: string[] = [];
/** The runtime for browsers does not start in Node: its other build makes the same graph's session. */
vi.mock("../../src/model/session.ts", () => ({
  warmUp: () => {},
  wasmThreads: () => 1,
  createSession: async (checkpoint: Checkpoint): Promise<ModelSession> => {
    const { runtime, release } = await engineOf(checkpoint);
    whenMade();
    const dispose = async () => {
      disposed.push(checkpoint.id);
      await release();
    };
    return { ...runtime, dispose };
  },
}));

setAppBase("http://unused/");
const made = Object.entries(gpt2Files(MINI)).map(
  ([name, file]) => new File([new Uint8Array(file.read(0, file.size))], name),
);
const load = (name: string, signal = new AbortController().signal) => {
  const source: ModelSource = { kind: "files", files: made, name };
  const request = { source, device: "wasm" } as const;
  return modelHandlers["model.load"](request, { signal, progress: () => {} });
};

afterEach(() => {
  whenMade = () => {};
});

it("takes the place of the one before, which is let go", async () => {
  await load("first");
  const { value } = await load("second");
  expect(value.info.id).toBe("second");
  expect(bench.require().info.id).toBe("second");
  expect(disposed).toEqual(["first"]);
});

it("given up by a message that came while its session was made, is let go and leaves the bench as it was", async () => {
  await load("before");
  const before = bench.require();
  disposed.length = 0;
  const given = new AbortController();
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => {
    given.abort(new Error("given up"));
  };
  whenMade = () => {
    port2.postMessage("cancel");
  };
  await expect(load("given up", given.signal)).rejects.toThrow("given up");
  port1.close();
  expect(bench.require()).toBe(before);
  expect(disposed).toEqual(["given up"]);
});
