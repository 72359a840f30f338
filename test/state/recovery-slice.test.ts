/** What the page says of a worker that is replaced, and what it keeps. */
import { describe, expect, it } from "vitest";
import { createLab } from "../../src/api/lab.ts";
import { LabError } from "../../src/core/lab-error.ts";
import type { RecoveryEvent } from "../../src/rpc/recover.ts";
import { createLabStore } from "../../src/state/store.ts";
import { fakeClient, info } from "./saes.ts";

const cause = new LabError("device-lost", "the GPU stopped");

function recoveringStore() {
  const { client } = fakeClient();
  let tell: (event: RecoveryEvent) => void = () => {};
  const restart = () => Promise.resolve();
  const lab = createLab({
    ...client,
    restart,
    onRecovery: (listener) => {
      const before = tell;
      tell = (event) => {
        before(event);
        listener(event);
      };
    },
  });
  const store = createLabStore(lab);
  return { state: () => store.getState(), tell: (event: RecoveryEvent) => tell(event) };
}

describe("recovery", () => {
  it("is told from the stop to the model's return, which may be on another device", () => {
    const { state, tell } = recoveringStore();
    tell({ kind: "stopped", cause });
    expect(state().recovery).toMatchObject({ status: "restarting", progress: null });
    tell({ kind: "running", cause, info: { ...info, device: "wasm" }, repeated: ["prompt.view"] });
    expect(state().recovery).toMatchObject({ status: "restarted", repeats: true, trains: false });
    expect(state().model).toMatchObject({ status: "ready", value: { device: "wasm" } });
    state().dismissRecovery();
    expect(state().recovery).toBeNull();
  });

  it("says that a training goes on", () => {
    const { state, tell } = recoveringStore();
    tell({ kind: "running", cause, info: null, repeated: ["sae.list", "sae.continue"] });
    expect(state().recovery).toMatchObject({ trains: true });
  });

  it("stays on show while the lab is down, until a model arrives", () => {
    const { state, tell } = recoveringStore();
    tell({ kind: "down", cause, error: new LabError("network", "no connection") });
    state().dismissRecovery();
    expect(state().recovery).toMatchObject({ status: "down", error: { code: "network" } });
    tell({ kind: "running", cause, info, repeated: [] });
    expect(state().recovery).toMatchObject({ status: "restarted" });
  });

  it("keeps what was typed and chosen", () => {
    const { state, tell } = recoveringStore();
    state().setText("Precious words");
    state().addSteer(7);
    tell({ kind: "stopped", cause });
    tell({ kind: "running", cause, info, repeated: [] });
    expect(state().text).toBe("Precious words");
    expect(state().steerRows).toMatchObject([{ source: { kind: "feature", feature: 7 } }]);
  });
});
