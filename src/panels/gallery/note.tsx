/** Over the lab, while its prompt is one of the gallery's: what to look at, and whether it is there. */
import type { ClaimFinding, GalleryFinding } from "../../core/gallery.ts";
import { sideNames } from "../../state/compare-slice.ts";
import { useLab } from "../../state/context.ts";
import { useFigure } from "../../state/figures-slice.ts";
import { GALLERY_OPTION, type GalleryEntry, questionOf } from "../../state/gallery-entries.ts";
import { shownEntry } from "../../state/gallery-slice.ts";
import { Button, IconButton } from "../../ui/button.tsx";
import { formatPercent, formatWeight } from "../../ui/format.ts";
import { tokenText } from "../../ui/token-text.ts";
import "./gallery.css";

export function GalleryNote() {
  const entry = useLab(shownEntry);
  return entry && <Note key={entry.id} entry={entry} />;
}

function Note({ entry }: { entry: GalleryEntry }) {
  const undo = useLab((s) => s.undoReplace);
  const undoable = useLab((s) => s.replaced?.after === s.text); // not where a link opened it
  const setOption = useLab((s) => s.setOption);
  const otherText = useLab((s) => s.otherText);
  const { shown, error } = useFigure("gallery", { question: questionOf(entry) });
  const head = shown?.a.head;
  const name = head ? `L${head.layer}H${head.head}, ${entry.headWords}` : entry.headWords;
  const names = sideNames({ otherText });
  const { words, url } = entry.source;
  return (
    <section className="card gallery-note" aria-label="From the gallery">
      <div className="gallery-note-head">
        <h2>{entry.title}</h2>
        {undoable && (
          <Button kind="quiet" onClick={undo}>
            Undo
          </Button>
        )}
        <IconButton
          icon="close"
          label="Put this note away"
          onClick={() => setOption(GALLERY_OPTION, null)}
        />
      </div>
      <p>{entry.look(name)}</p>
      {error && <p className="field-error">It could not be looked for: {error.message}</p>}
      {shown && (
        <dl className="gallery-findings" aria-live="polite">
          <Findings name={shown.b ? names.a : "On this model"} claims={shown.a.claims} />
          {shown.b && <Findings name={names.b} claims={otherSide(entry, otherText, shown.b)} />}
        </dl>
      )}
      <p className="quiet">
        {url ? (
          <a href={url} target="_blank" rel="noreferrer">
            {words}
          </a>
        ) : (
          words
        )}
      </p>
    </section>
  );
}

/** The entry's own second prompt has claims of its own; edits, or another prompt, are held to the first one's. */
const otherSide = (entry: GalleryEntry, otherText: string | null, b: GalleryFinding) =>
  entry.otherText !== null && otherText === entry.otherText ? b.otherClaims : b.claims;

function Findings({ name, claims }: { name: string; claims: readonly ClaimFinding[] }) {
  return (
    <div>
      <dt>{name}</dt>
      {claims.map((claim, i) => (
        <dd key={i}>
          <b>{verdict(claim)}</b>{" "}
          {claim.why ?? (
            <span className="mono">{claim.numbers.map((n) => numberWords(n)).join(" · ")}</span>
          )}
        </dd>
      ))}
    </div>
  );
}

const verdict = ({ holds }: ClaimFinding): string =>
  holds === null ? "It cannot be said:" : holds ? "It is there." : "It is not there.";

/** A head's weight, or the probability of a token or of several. */
function numberWords({ name, value, unit }: ClaimFinding["numbers"][number]): string {
  return unit === "weight"
    ? `${name} ${formatWeight(value)}`
    : `${unit === "token" ? tokenText(name) : name.trim()} ${formatPercent(value)}`;
}
