/** In which weights a figure's numbers are told: said in the same words wherever it matters, and chosen by the same control. */
import { createContext } from "react";
import { type Basis, BASIS_NAME } from "../core/basis.ts";
import { Segmented } from "./segmented.tsx";

/**
 * Of a figure: "bench", the basis that is chosen; "same", told alike in both; a basis, whatever is chosen (autoencoders read
 * the checkpoint's own activations).
 */
export type FigureBasis = "bench" | "same" | Basis;

/** The basis that is chosen on the bench. */
export const BasisContext = createContext<Basis>("raw");

/** "TransformerLens processing", "the same in both bases". */
export const basisWords = (of: FigureBasis, chosen: Basis): string =>
  of === "same" ? "the same in both bases" : BASIS_NAME[of === "bench" ? chosen : of];

const CHOICES = [
  { value: "raw", label: "Raw", title: `The checkpoint’s own: ${BASIS_NAME.raw}` },
  { value: "tl", label: "TransformerLens", title: `${BASIS_NAME.tl}: folded and centred` },
] as const;

export function BasisChoice({
  value,
  onChange,
}: {
  value: Basis;
  onChange: (basis: Basis) => void;
}) {
  return (
    <Segmented label="Basis of the weights" value={value} choices={CHOICES} onChange={onChange} />
  );
}
