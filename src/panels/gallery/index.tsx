/** The gallery: prompts on which something can be seen, as cards. */
import { useLab } from "../../state/context.ts";
import { GALLERY, type GalleryEntry } from "../../state/gallery-entries.ts";
import { Dialog } from "../../ui/dialog.tsx";
import { ErrorCard } from "../../ui/error-card.tsx";
import "./gallery.css";

export default function GalleryDialog() {
  const setOpen = useLab((s) => s.setGalleryOpen);
  const error = useLab((s) => s.galleryError);
  const ready = useLab((s) => s.model.status === "ready");
  return (
    <Dialog title="Gallery" onClose={() => setOpen(false)}>
      <p>
        Each of these shows something known of language models. Choose one: it opens where it can be
        seen, and says whether it is there on the model of the bench.
        {!ready && " They open once a model is on the bench."}
      </p>
      {error && <ErrorCard title="Opening it" error={error} />}
      <ul className="gallery">
        {GALLERY.map((entry) => (
          <li key={entry.id}>
            <Card entry={entry} disabled={!ready} />
          </li>
        ))}
      </ul>
    </Dialog>
  );
}

function Card({ entry, disabled }: { entry: GalleryEntry; disabled: boolean }) {
  const openEntry = useLab((s) => s.openEntry);
  const opening = useLab((s) => s.openingEntry) === entry.id;
  return (
    <button
      type="button"
      className="gallery-card"
      disabled={disabled}
      aria-busy={opening}
      onClick={() => void openEntry(entry)}
    >
      <b>{entry.title}</b>
      <span className="mono gallery-prompt">{entry.text}</span>
      {entry.otherText !== null && (
        <span className="mono gallery-prompt">
          <span className="quiet">or</span> {entry.otherText}
        </span>
      )}
      <span>{entry.look(entry.headWords)}</span>
      <span className="quiet">{opening ? "Opening …" : entry.source.words}</span>
    </button>
  );
}
