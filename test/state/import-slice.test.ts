/** Imports: from files, from the Hub, with a question in between, and what is told of them. */
import { describe, expect, it } from "vitest";
import type { SaeQuestion } from "../../src/core/sae-import.ts";
import { LabError } from "../../src/core/lab-error.ts";
import { fakeBench, settle, summary } from "./saes.ts";

const question: SaeQuestion = {
  ...{ format: "OpenAI", file: "8.pt", dIn: 6, dSae: 3, hook: null, kinds: [] },
};
const file = new File(["x"], "8.pt");

describe("an import", () => {
  it("of files is put on the bench, and said", async () => {
    const { state, ready, nth } = fakeBench();
    await ready();
    const done = state().importSae([file]);
    expect(state().shelf).toMatchObject({
      progress: { what: "Importing 8.pt", cancellable: false },
    });
    nth("sae.import").resolve({ summary: summary("new", { hasDashboards: false }) });
    await settle();
    nth("sae.list").resolve([summary("new", { hasDashboards: false }), summary("a")]);
    await done;
    expect(state().saeId).toBe("new");
    expect(state().shelf).toEqual({ status: "ready", value: "Imported “NEW”." });
  });

  it("that does not say what it reads waits for an answer, which goes with the same files", async () => {
    const { state, ready, nth, count } = fakeBench();
    await ready();
    void state().importSae([file], "v5_32k/layer_8");
    nth("sae.import").resolve({ question });
    await settle();
    expect(state()).toMatchObject({ importQuestion: question, shelf: { status: "idle" } });
    const said = { hook: "blocks.1.hook_resid_post", modelId: "tiny" };
    void state().answerImport(said);
    expect(state().importQuestion).toBeNull();
    expect(nth("sae.import").input).toEqual({ files: [file], said, folder: "v5_32k/layer_8" });
    expect(count("sae.import")).toBe(2);
  });

  it("is given up with its question", async () => {
    const { state, ready, nth, count } = fakeBench();
    await ready();
    void state().importSae([file]);
    nth("sae.import").resolve({ question });
    await settle();
    state().dropImport();
    await state().answerImport({ hook: "blocks.1.hook_resid_post", modelId: "tiny" });
    expect([state().importQuestion, count("sae.import")]).toEqual([null, 1]);
  });

  it("from the Hub tells bytes and rate, and can be cancelled", async () => {
    const { state, ready, nth } = fakeBench();
    await ready();
    void state().fetchSae(" owner/saes ", "a", "v2");
    expect(nth("sae.fetch").input).toEqual({
      place: { hub: "https://huggingface.co/", repo: "owner/saes", path: "a", revision: "v2" },
      said: null,
    });
    const bytes = { loadedBytes: 5, totalBytes: 20, bytesPerSecond: 2 };
    nth("sae.fetch").progress(bytes);
    expect(state().shelf).toMatchObject({
      progress: { what: "Fetching owner/saes/a", share: 0.25, cancellable: true, bytes },
    });
    state().cancelShelf();
    await settle();
    expect(nth("sae.fetch").signal?.aborted).toBe(true);
    expect(state().shelf).toEqual({ status: "idle" });
  });

  it("of one that is here already says so, and of a failure keeps the words", async () => {
    const { state, ready, nth } = fakeBench();
    await ready();
    const done = state().fetchSae("owner/saes", "a");
    nth("sae.fetch").resolve({ summary: summary("b") });
    await settle();
    nth("sae.list").resolve([summary("a"), summary("b")]);
    await settle();
    nth("sae.features").reject(new LabError("not-found", "none"));
    await done;
    expect(state().shelf).toEqual({ status: "ready", value: "“B” is on the shelf already." });
    void state().fetchSae("no/one", "");
    nth("sae.fetch").reject(new LabError("not-found", "there is no repository"));
    await settle();
    expect(state().shelf).toMatchObject({ status: "failed", error: { code: "not-found" } });
    expect(state().saeId).toBe("b");
  });
});
