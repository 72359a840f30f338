/** How the tokens below the prompt are shaded, in every view. */
import { useChoice } from "./options-slice.ts";

export const useStripShade = () => useChoice("strip.shade", ["plain", "surprise"]);
