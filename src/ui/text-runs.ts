/** A text node as the pieces that the browser laid out, each on one line, with its baseline. In pixels of the window. */

export interface TextRun {
  text: string;
  x: number;
  baseline: number;
  width: number;
}
/** An edge beyond which nothing is seen. */
export interface Clip {
  right: number;
  /** Whether "…" stands for what is cut off. */
  dots: boolean;
}

export function textRuns(node: Text, style: CSSStyleDeclaration, clip: Clip | null): TextRun[] {
  const range = document.createRange();
  range.selectNodeContents(node);
  const [box, second] = range.getClientRects();
  if (!box) return [];
  if (!second && (!clip || box.right <= clip.right + 0.5)) return [run(node.data, box, style)];
  const runs: { text: string; box: DOMRect; right: number }[] = [];
  let cut = false;
  for (let at = 0; at < node.length;) {
    const end = at + (node.data.codePointAt(at)! > 0xffff ? 2 : 1);
    range.setStart(node, at);
    range.setEnd(node, end);
    const character = node.data.slice(at, end);
    at = end;
    const [place] = range.getClientRects();
    if (!place) continue;
    if (clip && place.right > clip.right + 0.5) {
      cut = true;
      continue;
    }
    const last = runs.at(-1);
    if (last && Math.abs(last.box.top - place.top) < 2 && place.left >= last.right - 1) {
      last.text += character;
      last.right = place.right;
    } else runs.push({ text: character, box: place, right: place.right });
  }
  const last = runs.at(-1);
  if (last && cut && clip?.dots) last.text = `${last.text.slice(0, -1)}…`;
  return runs
    .filter(({ text }) => text.trim() !== "")
    .map(({ text, box, right }) =>
      run(text, new DOMRect(box.left, box.top, right - box.left, box.height), style),
    );
}

function run(text: string, box: DOMRect, style: CSSStyleDeclaration): TextRun {
  const { ascent, descent } = metrics(style);
  const line = style.whiteSpace.startsWith("pre") ? text : text.replace(/\s+/g, " ");
  return {
    text: style.textTransform === "uppercase" ? line.toUpperCase() : line,
    x: box.left,
    baseline: box.top + (box.height * ascent) / (ascent + descent),
    width: box.width,
  };
}

const known = new Map<string, { ascent: number; descent: number }>();

/** How far a font reaches above and below its baseline. */
function metrics({ fontStyle, fontWeight, fontSize, fontFamily }: CSSStyleDeclaration) {
  const font = `${fontStyle} ${fontWeight} ${fontSize} ${fontFamily}`;
  let found = known.get(font);
  if (!found) {
    const context = document.createElement("canvas").getContext("2d");
    if (context) context.font = font;
    const size = context?.measureText("x");
    found = {
      ascent: size?.fontBoundingBoxAscent ?? 0.8,
      descent: size?.fontBoundingBoxDescent ?? 0.2,
    };
    known.set(font, found);
  }
  return found;
}
