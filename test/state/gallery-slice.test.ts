import { describe, expect, it } from "vitest";
import { LabError } from "../../src/core/lab-error.ts";
import { galleryEntry } from "../../src/state/gallery-entries.ts";
import { shownEntry } from "../../src/state/gallery-slice.ts";
import { benchStore } from "./bench-store.ts";
import { settle } from "./saes.ts";

const edit = { target: { kind: "mlp", layer: 1 }, op: "zero", amount: 0, pos: null } as const;
const found = {
  claims: [],
  otherClaims: [],
  head: { layer: 2, head: 1, weight: 0.9 },
  position: 3,
};

async function bench() {
  const fake = benchStore();
  await fake.ready();
  fake.state().setGalleryOpen(true);
  return fake;
}

describe("an entry of the gallery", () => {
  it("opens with its head and position, and is taken back as one step", async () => {
    const { state, nth } = await bench();
    state().setText("Mine");
    state().addEdit(edit);
    state().setOption("lens.show", "rank");
    state().selectHead({ layer: 0, head: 0 });
    const before = state();
    void state().openEntry(galleryEntry("tower")!);
    expect(nth("figure.gallery").input).toMatchObject({
      prompt: { text: "The Eiffel Tower is in", prependBos: true },
      edits: [],
      question: { position: { token: " Tower" } },
    });
    expect(state().text).toBe("Mine"); // until it is known where to look
    nth("figure.gallery").resolve(found);
    await settle();
    expect(state()).toMatchObject({
      ...{ text: "The Eiffel Tower is in", labTab: "explore", exploreView: "lens", position: 3 },
      ...{ head: { layer: 2, head: 1 }, benchEdits: [], otherText: null, galleryOpen: false },
      options: { "lens.show": "rank", "gallery.entry": "tower" },
    });
    expect(shownEntry(state())?.id).toBe("tower");
    expect(state().undoReplace()).toBe(true);
    const { text, head, position, benchEdits, options, exploreView } = before;
    expect(state()).toMatchObject({ text, head, position, benchEdits, options, exploreView });
    expect(shownEntry(state())).toBeNull();
  });

  it("of two prompts opens the comparison; the last token is followed, not its number", async () => {
    const { state, nth } = await bench();
    void state().openEntry(galleryEntry("quote")!);
    nth("figure.gallery").resolve({ ...found, head: null });
    await settle();
    expect(state()).toMatchObject({ otherText: "She laughed. I am going home", head: null });
    expect(state().position).toBeNull();
    state().setText("She laughed."); // another prompt: the note is no longer of it
    expect(shownEntry(state())).toBeNull();
    expect(state().undoReplace()).toBe(false);
  });

  it("stays closed when it cannot be opened, and says why; only the last one chosen opens", async () => {
    const { state, nth } = await bench();
    void state().openEntry(galleryEntry("ioi")!);
    void state().openEntry(galleryEntry("days")!);
    nth("figure.gallery", 0).resolve(found);
    await settle();
    expect(state().text).not.toContain("Monday");
    expect(state().galleryOpen).toBe(true);
    nth("figure.gallery", 1).reject(new LabError("out-of-memory", "no room"));
    await settle();
    expect(state().galleryError?.message).toBe("no room");
    expect(state()).toMatchObject({ galleryOpen: true, openingEntry: null });
  });
});
