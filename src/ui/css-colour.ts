/** Colours of any CSS syntax in the one that every program reads. */

export interface Paint {
  /** "#1a2b3c" */
  hex: string;
  /** 0–1 */
  alpha: number;
}

const known = new Map<string, Paint | null>();
let pixel: CanvasRenderingContext2D | null = null;

/** @param css as computed: "rgb(1, 2, 3)", "color(srgb …)", "oklab(…)" @returns null for what cannot be seen */
export function cssColour(css: string): Paint | null {
  let found = known.get(css);
  if (found === undefined) {
    found = paintedWith(css);
    known.set(css, found);
  }
  return found;
}

/** The browser paints one pixel with it. */
function paintedWith(css: string): Paint | null {
  pixel ??= document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  if (!pixel) return null;
  pixel.clearRect(0, 0, 1, 1);
  pixel.fillStyle = css;
  pixel.fillRect(0, 0, 1, 1);
  const [r = 0, g = 0, b = 0, a = 0] = pixel.getImageData(0, 0, 1, 1).data;
  if (a === 0) return null;
  const hex = [r, g, b].map((part) => part.toString(16).padStart(2, "0")).join("");
  return { hex: `#${hex}`, alpha: a / 255 };
}
