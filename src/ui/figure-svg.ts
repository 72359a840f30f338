/**
 * A figure on the page as an SVG that stands for itself: texts as texts, canvases as images, backgrounds and borders as
 * rectangles, with the colours and sizes that the browser computed. No foreignObject, so that drawing programs can open it.
 * A chart that scrolls is drawn whole. What pseudo-elements, shadows and transforms draw is left out.
 */
import { cssColour, type Paint } from "./css-colour.ts";
import { type Clip, textRuns } from "./text-runs.ts";

const SVG = "http://www.w3.org/2000/svg";

export interface FigureSvg {
  text: string;
  width: number;
  height: number;
}

/** Controls and hints say nothing on paper. */
const LEFT_OUT =
  "[popover], .what-button, .figure-corner, .figure-controls, .readout, input, select, textarea, " +
  "dialog, .visually-hidden, [hidden]";

/** @param about written into the file: `title`, and where the numbers come from as text */
export function figureSvg(
  figure: HTMLElement,
  about: { title: string; link: string; metadata: string },
): FigureSvg {
  const restore = spread(figure);
  try {
    const { left, top, width, height } = figure.getBoundingClientRect();
    const drawing = new Drawing(left, top);
    const background = cssColour(getComputedStyle(figure).backgroundColor);
    drawing.box(figure, getComputedStyle(figure), drawing.root);
    drawing.children(figure, drawing.root, null);
    const size = { width: Math.ceil(width), height: Math.ceil(height) };
    return { text: drawing.text(size, about, background), ...size };
  } finally {
    restore();
  }
}

/**
 * Makes room for what scrolls, for as long as it is measured: within one task, so that nothing is drawn and no chart hears of
 * it.
 */
function spread(figure: HTMLElement): () => void {
  const { width, maxWidth } = figure.style;
  figure.dataset["export"] = ""; // lists are as tall as they are, see figure.css
  const scrollers = [...figure.querySelectorAll<HTMLElement>("*")].filter((element) =>
    /auto|scroll/.test(getComputedStyle(element).overflowX),
  );
  for (let round = 0; round < 6; round++) {
    const missing = Math.max(0, ...scrollers.map((el) => el.scrollWidth - el.clientWidth));
    if (missing <= 1) break;
    figure.style.width = `${figure.getBoundingClientRect().width + missing}px`;
    figure.style.maxWidth = "none";
  }
  return () => {
    delete figure.dataset["export"];
    Object.assign(figure.style, { width, maxWidth });
  };
}

class Drawing {
  readonly #document = document.implementation.createDocument(SVG, "svg");
  readonly root: Element = this.#document.documentElement;
  readonly #left: number;
  readonly #top: number;

  constructor(left: number, top: number) {
    this.#left = left;
    this.#top = top;
  }

  text(
    { width, height }: { width: number; height: number },
    { title, link, metadata }: { title: string; link: string; metadata: string },
    background: Paint | null,
  ): string {
    const { root } = this;
    set(root, { width, height, viewBox: `0 0 ${width} ${height}` });
    const paper = this.#make("rect", { width, height, ...paint("fill", background) });
    root.prepend(
      this.#make("title", {}, title),
      this.#make("desc", {}, link),
      this.#make("metadata", {}, metadata),
      ...(background ? [paper] : []),
    );
    return `<?xml version="1.0" encoding="UTF-8"?>\n${new XMLSerializer().serializeToString(root)}\n`;
  }

  children(parent: Element, into: Element, clip: Clip | null): void {
    for (const node of parent.childNodes) {
      if (node instanceof Text) this.#text(node, parent, into, clip);
      else if (node instanceof Element) this.#element(node, into, clip);
    }
  }

  #element(element: Element, into: Element, clip: Clip | null): void {
    if (element.matches(LEFT_OUT)) return;
    const style = getComputedStyle(element);
    if (style.display === "none" || style.opacity === "0") return;
    const faint = style.opacity !== "1" && !(element instanceof SVGElement);
    const group = faint ? this.#make("g", { opacity: style.opacity }) : into;
    if (faint) into.append(group);
    if (element instanceof SVGSVGElement) {
      this.#svg(element, group);
      return;
    }
    if (style.visibility === "visible") {
      this.box(element, style, group);
      if (element instanceof HTMLCanvasElement) this.#canvas(element, group);
    }
    const cuts = /hidden|clip/.test(style.overflowX);
    const { right } = element.getBoundingClientRect();
    this.children(element, group, cuts ? { right, dots: style.textOverflow === "ellipsis" } : clip);
  }

  /** Background and borders. */
  box(element: Element, style: CSSStyleDeclaration, into: Element): void {
    const rect = this.#rect(element.getBoundingClientRect());
    if (rect.width === 0 || rect.height === 0) return;
    const radius = Math.min(parseFloat(style.borderTopLeftRadius) || 0, rect.height / 2);
    const corner = radius > 0 ? { rx: round(radius) } : {};
    const fill = cssColour(style.backgroundColor);
    if (fill) into.append(this.#make("rect", { ...rect, ...corner, ...paint("fill", fill) }));
    const sides = (["Top", "Right", "Bottom", "Left"] as const).map((side) => ({
      width: style[`border${side}Style`] === "none" ? 0 : parseFloat(style[`border${side}Width`]),
      colour: cssColour(style[`border${side}Color`]),
    }));
    const [first] = sides;
    const same = sides.every(
      ({ width, colour }) =>
        width === first!.width && JSON.stringify(colour) === JSON.stringify(first!.colour),
    );
    if (same) {
      const { width, colour } = first!;
      if (width === 0 || !colour) return;
      const inner = {
        x: round(rect.x + width / 2),
        y: round(rect.y + width / 2),
        width: round(Math.max(0, rect.width - width)),
        height: round(Math.max(0, rect.height - width)),
      };
      const stroke = { fill: "none", "stroke-width": round(width), ...paint("stroke", colour) };
      into.append(this.#make("rect", { ...inner, ...corner, ...stroke }));
      return;
    }
    const { x, y, width: w, height: h } = rect;
    const strips = [
      (b: number) => ({ x, y, width: w, height: b }),
      (b: number) => ({ x: x + w - b, y, width: b, height: h }),
      (b: number) => ({ x, y: y + h - b, width: w, height: b }),
      (b: number) => ({ x, y, width: b, height: h }),
    ];
    sides.forEach(({ width, colour }, i) => {
      if (width > 0 && colour)
        into.append(this.#make("rect", { ...strips[i]!(width), ...paint("fill", colour) }));
    });
  }

  #canvas(canvas: HTMLCanvasElement, into: Element): void {
    const box = canvas.getBoundingClientRect();
    if (canvas.width === 0 || canvas.height === 0 || box.width === 0) return;
    into.append(
      this.#make("image", {
        ...this.#rect(box),
        href: canvas.toDataURL("image/png"),
        preserveAspectRatio: "none",
        "image-rendering": "pixelated",
      }),
    );
  }

  #svg(svg: SVGSVGElement, into: Element): void {
    const copy = this.#copy(svg);
    const { overflow } = getComputedStyle(svg);
    set(copy, { ...this.#rect(svg.getBoundingClientRect()), overflow });
    into.append(copy);
  }

  /** The element with what style sheets give it written as its attributes. */
  #copy(from: Element): Element {
    const copy = this.#make(from.localName, presentation(from));
    for (const { name, value } of from.attributes) {
      if (!NO_DRAWING.test(name) && !copy.hasAttribute(name)) copy.setAttribute(name, value);
    }
    for (const node of from.childNodes) {
      if (node instanceof Text) copy.append(node.data.replace(NOT_XML, "\ufffd"));
      else if (node instanceof Element) copy.append(this.#copy(node));
    }
    return copy;
  }

  #text(node: Text, parent: Element, into: Element, clip: Clip | null): void {
    const style = getComputedStyle(parent);
    if (style.visibility !== "visible" || node.data.trim() === "") return;
    for (const run of textRuns(node, style, clip)) {
      into.append(
        this.#make(
          "text",
          {
            x: round(run.x - this.#left),
            y: round(run.baseline - this.#top),
            textLength: round(run.width),
            "font-family": style.fontFamily,
            "font-size": style.fontSize,
            ...(style.fontWeight === "400" ? {} : { "font-weight": style.fontWeight }),
            ...(style.fontStyle === "normal" ? {} : { "font-style": style.fontStyle }),
            ...paint("fill", cssColour(style.color)),
            "xml:space": "preserve",
          },
          run.text,
        ),
      );
    }
  }

  #rect({ left, top, width, height }: DOMRect) {
    return {
      x: round(left - this.#left),
      y: round(top - this.#top),
      width: round(width),
      height: round(height),
    };
  }

  #make(name: string, attributes: Record<string, string | number>, text?: string): Element {
    const element = this.#document.createElementNS(SVG, name);
    set(element, attributes);
    if (text !== undefined) element.textContent = text.replace(NOT_XML, "\ufffd");
    return element;
  }
}

/** What XML 1.0 cannot hold: controls, halves of surrogate pairs, two characters that are none. */
const NOT_XML = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu;

/** Presentation attributes of SVG that a style sheet may have set. */
const PRESENTATION = [
  ...["stroke-width", "stroke-dasharray", "stroke-linecap", "stroke-linejoin", "opacity"],
  ...["fill-opacity", "stroke-opacity", "font-family", "font-size", "font-weight", "font-style"],
  ...["text-anchor", "dominant-baseline", "letter-spacing", "visibility", "display", "paint-order"],
];

/** Attributes that mean something to the page alone. */
const NO_DRAWING = /^(class|style|role|tabindex|aria-.*|data-.*|xmlns)$/;

function presentation(element: Element): Record<string, string | number> {
  const style = getComputedStyle(element);
  const colours = (["fill", "stroke"] as const).flatMap((name) => {
    const value = style.getPropertyValue(name);
    if (value.startsWith("url")) return [];
    return Object.entries(paint(name, value === "none" ? null : cssColour(value)));
  });
  return {
    ...Object.fromEntries(PRESENTATION.map((name) => [name, style.getPropertyValue(name)])),
    ...Object.fromEntries(colours),
  };
}

function set(element: Element, attributes: Record<string, string | number>): void {
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
}

const paint = (name: "fill" | "stroke", colour: Paint | null): Record<string, string | number> =>
  colour
    ? {
        [name]: colour.hex,
        ...(colour.alpha < 1 && { [`${name}-opacity`]: round(colour.alpha) }),
      }
    : { [name]: "none" };

const round = (value: number): number => Math.round(value * 1000) / 1000;
