/**
 * How alike directions are by chance: the yardstick for a largest cosine among many. For a direction drawn evenly from the
 * sphere in D dimensions, t = cosine with any fixed one has density ∝ (1 − t²)^((D − 3)/2) on −1 … 1.
 */
import { LabError } from "../core/lab-error.ts";

const STEPS = 2000; // of Simpson's rule, even
const HALVINGS = 50;

/**
 * The median of the largest |cosine| among `count` independent random directions: P(|t| ≤ c)^count = 1/2.
 * @param D dimensions, 3 or more
 * @throws LabError "bad-input"
 */
export function randomLargestCosine(count: number, D: number): number {
  if (!(count >= 1) || !(D >= 3)) {
    throw new LabError("bad-input", `${count} directions in ${D} dimensions have no such median`);
  }
  const whole = integral(1, D);
  const target = 0.5 ** (1 / count);
  let [low, high] = [0, 1];
  for (let i = 0; i < HALVINGS; i++) {
    const middle = (low + high) / 2;
    if (integral(middle, D) / whole < target) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** ∫₀ᶜ (1 − t²)^((D − 3)/2) dt, with t = sin φ: ∫ cos^(D − 2) φ dφ, smooth to the end. */
function integral(c: number, D: number): number {
  const end = Math.asin(c);
  const step = end / STEPS;
  let sum = 0;
  for (let i = 0; i <= STEPS; i++) {
    const weight = i === 0 || i === STEPS ? 1 : i % 2 === 1 ? 4 : 2;
    sum += weight * Math.cos(i * step) ** (D - 2);
  }
  return (sum * step) / 3;
}
