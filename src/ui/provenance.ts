/** Where a figure's numbers come from: given by who knows the lab, written into what leaves the page. */
import { createContext } from "react";

export type Json = string | number | boolean | null | readonly Json[] | { [name: string]: Json };
export type Provenance = Readonly<Record<string, Json>>;

export interface Origin {
  /** What someone needs to make the same numbers again: model, prompt, edits, date. */
  provenance: () => Provenance;
  /** The address of what is on the screen, and what of it an address cannot hold, in words. */
  link: () => { url: string; missing: readonly string[] };
}
export const OriginContext = createContext<Origin | null>(null);
