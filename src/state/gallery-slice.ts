/** The gallery: open or not, and taking a prompt from it, with all that it is to be looked at by, as one step. */
import { type LabError, toLabError } from "../core/lab-error.ts";
import { GALLERY_OPTION, type GalleryEntry, galleryEntry, questionOf } from "./gallery-entries.ts";
import { createNewest } from "./newest.ts";
import type { Slice, Store } from "./store.ts";

export interface GallerySlice {
  galleryOpen: boolean;
  setGalleryOpen: (open: boolean) => void;
  /** The entry whose head is being looked for. */
  openingEntry: string | null;
  galleryError: LabError | null;
  openEntry: (entry: GalleryEntry) => Promise<void>;
}

/** The entry that the prompt is of, until it is changed or the note is put away; links tell it. */
export function shownEntry({ options, text }: Pick<Store, "options" | "text">) {
  const entry = galleryEntry(options[GALLERY_OPTION]);
  return entry?.text === text ? entry : null;
}

export const createGallerySlice: Slice<GallerySlice> = (lab) => (set, get) => {
  const newest = createNewest();
  return {
    galleryOpen: false,
    setGalleryOpen: (galleryOpen) => {
      newest.stop();
      set({ galleryOpen, openingEntry: null, galleryError: null });
    },
    openingEntry: null,
    galleryError: null,
    openEntry: async (entry) => {
      const { model } = lab;
      if (!model) return; // the cards wait for it
      const { id, text, otherText, view } = entry;
      const run = newest.start();
      set({ openingEntry: id, galleryError: null });
      try {
        const { head, position } = await model.figure(
          "gallery",
          { text, prependBos: true },
          { question: questionOf(entry), signal: run.signal },
        );
        if (!run.isNewest()) return;
        get().replaceBench({
          ...{ text, otherText, prependBos: true, neuron: null, benchEdits: [] },
          ...{ labTab: "explore", exploreView: view, shownSides: "all" },
          head: head && { layer: head.layer, head: head.head },
          position: entry.position === "last" ? null : position,
          options: { ...get().options, [GALLERY_OPTION]: id },
        });
        get().setGalleryOpen(false);
      } catch (e) {
        const error = toLabError(e);
        if (run.isNewest()) set({ openingEntry: null, galleryError: error });
      }
    },
  };
};
