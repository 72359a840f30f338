/** The menu in a figure's corner: its Python, its picture and numbers as files, its link. */
import { useContext, useState, type MouseEvent } from "react";
import { toLabError } from "../core/lab-error.ts";
import { BasisContext, basisWords, type FigureBasis } from "./basis.tsx";
import type { Python, Table } from "./figure-numbers.ts";
import { tableCsv, tableJson } from "./figure-files.ts";
import { PopoverButton } from "./popover.tsx";
import { OriginContext } from "./provenance.ts";
import { saveFiles } from "./save-files.ts";

export interface FigureMenuProps {
  name: string;
  table: () => Table;
  python: Python;
  basis: FigureBasis | undefined;
  about: string;
}
/** What happened last, for all to see. `byHand`: a text that the browser did not let be copied. */
interface Told {
  text: string;
  byHand?: string;
}

export function FigureMenu({ name, table, python, basis, about }: FigureMenuProps) {
  const origin = useContext(OriginContext);
  const chosen = useContext(BasisContext);
  const [told, setTold] = useState<Told | null>(null);

  const attempt = (work: () => Promise<Told>) => () => {
    setTold(null);
    work()
      .then(setTold)
      .catch((e: unknown) => setTold({ text: toLabError(e).message }));
  };
  const copy = (make: () => { text: string; done: string }) =>
    attempt(async () => {
      const { text, done } = make();
      try {
        await navigator.clipboard.writeText(text);
        return { text: done };
      } catch {
        return { text: "The browser does not let this page copy. Copy it by hand:", byHand: text };
      }
    });
  const provenance = () => ({
    figure: name,
    ...origin?.provenance(),
    ...(basis !== undefined && { basis: basisWords(basis, chosen) }),
  });
  /** What draws is fetched when it is wanted: most visits want none. */
  const drawing = async (figure: HTMLElement) => {
    const { figureSvg } = await import("./figure-svg.ts");
    const title = figure.querySelector("h2")?.textContent ?? name;
    const { url = "" } = origin?.link() ?? {};
    return figureSvg(figure, { title, link: url, metadata: JSON.stringify(provenance(), null, 1) });
  };
  const picture = async (figure: HTMLElement) => {
    const { figurePng } = await import("./figure-png.ts");
    return figurePng(await drawing(figure));
  };
  const save =
    (ending: string, type: string, make: (figure: HTMLElement) => BlobPart | Promise<BlobPart>) =>
    (e: MouseEvent<HTMLElement>) => {
      const figure = e.currentTarget.closest<HTMLElement>(".figure")!;
      attempt(async () => {
        const file = `glassroom-${name}.${ending}`;
        saveFiles([new File([await make(figure)], file, { type })]);
        return { text: `Saved ${file}` };
      })();
    };
  const copyLink = copy(() => {
    const { url, missing } = origin!.link();
    const lost = missing.length > 0 ? ` Not in it: ${missing.join("; ")}.` : "";
    return { text: url, done: `Link copied.${lost}` };
  });
  return (
    <span className="figure-corner">
      <PopoverButton
        label="Take this figure with you"
        about={about}
        className="corner-button"
        sign="⋯"
        popoverClass="figure-menu"
        role="group"
        onOpen={() => setTold(null)}
      >
        {"none" in python ? (
          <p className="menu-none">No Python: {python.none}</p>
        ) : (
          <button
            type="button"
            className="menu-item"
            onClick={copy(() => ({ text: python(), done: "Python copied." }))}
          >
            Copy as Python
          </button>
        )}
        <div className="menu-files" role="group" aria-label="Save as">
          <span aria-hidden="true">Save as</span>
          <button
            type="button"
            onClick={save("png", "image/png", picture)}
            title="A picture, at twice the size of the screen"
          >
            PNG
          </button>
          <button
            type="button"
            onClick={save("svg", "image/svg+xml", async (figure) => (await drawing(figure)).text)}
            title="A drawing, its texts as texts"
          >
            SVG
          </button>
          <button
            type="button"
            onClick={save("csv", "text/csv", () => tableCsv(table()))}
            title="The numbers alone, under a header row"
          >
            CSV
          </button>
          <button
            type="button"
            onClick={save("json", "application/json", () => tableJson(table(), provenance()))}
            title="The numbers, and where they come from"
          >
            JSON
          </button>
        </div>
        {origin && (
          <button type="button" className="menu-item" onClick={copyLink}>
            Copy link
          </button>
        )}
        <p className="menu-told" role="status">
          {told?.text}
        </p>
        {told?.byHand !== undefined && (
          <textarea
            className="menu-by-hand"
            aria-label="To be copied by hand"
            readOnly
            rows={6}
            value={told.byHand}
            ref={(box) => {
              box?.focus();
              box?.select();
            }}
          />
        )}
      </PopoverButton>
    </span>
  );
}
