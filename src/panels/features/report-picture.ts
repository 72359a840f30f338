/** The histogram of densities as an SVG for a page of its own. Pure. */
import type { FeaturesReport } from "../../core/sae-report.ts";

const [WIDTH, HEIGHT, AXIS] = [320, 96, 28];

export function densityPicture({ densities, tokens, overCorpus }: FeaturesReport): string {
  const { first, width, counts, silent } = densities;
  const most = Math.max(1, ...counts);
  const step = WIDTH / counts.length;
  const bars = counts.map((count, i) => {
    const height = (count / most) * (HEIGHT - 8);
    return count === 0
      ? ""
      : `<rect x="${(i * step + 0.4).toFixed(1)}" y="${(HEIGHT - height).toFixed(1)}" width="${(step - 0.8).toFixed(1)}" height="${height.toFixed(1)}" fill="#b7791f"/>`;
  });
  const last = first + counts.length * width;
  const decades = Array.from({ length: last - first + 1 }, (_, i) => first + i);
  const ticks = decades.map((power) => {
    const at = ((power - first) / (last - first)) * WIDTH;
    const anchor = power === first ? "start" : power === last ? "end" : "middle";
    return `<text x="${at.toFixed(1)}" y="${HEIGHT + 11}" text-anchor="${anchor}">${power === 0 ? "1" : `10${superscript(power)}`}</text>`;
  });
  const words = `share of ${tokens.toLocaleString("en-US")} tokens of ${overCorpus ? "the corpus" : "held-out text"}; ${silent.toLocaleString("en-US")} never fired`;
  return `<svg viewBox="0 0 ${WIDTH} ${HEIGHT + AXIS}" font-size="9" fill="#5a5d6b" role="img" aria-label="Histogram of densities">${bars.join("")}<line x1="0" x2="${WIDTH}" y1="${HEIGHT}" y2="${HEIGHT}" stroke="#5a5d6b" stroke-width="0.6"/>${ticks.join("")}<text x="0" y="${HEIGHT + 24}">${words}</text></svg>`;
}

const superscript = (power: number) =>
  String(power).replace(/./g, (c) => "⁻⁰¹²³⁴⁵⁶⁷⁸⁹".charAt("-0123456789".indexOf(c)));
