/** An SVG as a PNG of twice its size: sharp on paper and on dense screens. */
import { LabError } from "../core/lab-error.ts";
import type { FigureSvg } from "./figure-svg.ts";

const SCALE = 2;
const LONGEST = 16_000; // pixels of a side that every browser draws
const MOST = 100e6; // pixels in all

/** @throws LabError "internal" if this browser cannot draw it */
export async function figurePng({ text, width, height }: FigureSvg): Promise<Blob> {
  const address = URL.createObjectURL(new Blob([text], { type: "image/svg+xml" }));
  try {
    const image = new Image();
    image.src = address;
    await image.decode();
    const scale = Math.min(
      SCALE,
      LONGEST / Math.max(width, height),
      Math.sqrt(MOST / width / height),
    );
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(width * scale);
    canvas.height = Math.round(height * scale);
    canvas.getContext("2d")?.drawImage(image, 0, 0, canvas.width, canvas.height);
    const blob = await new Promise<Blob | null>((done) => canvas.toBlob(done, "image/png"));
    if (blob) return blob;
    throw new Error("the canvas gave no picture");
  } catch (cause) {
    throw new LabError("internal", "this browser could not draw the picture; save the SVG", {
      cause,
    });
  } finally {
    URL.revokeObjectURL(address);
  }
}
