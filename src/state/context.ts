/** The store for React: panels read it with `useLab(selector)`; `main.tsx` provides it. */
import { createContext, useContext } from "react";
import type { LabStore, Store } from "./store.ts";

export const StoreContext = createContext<LabStore | null>(null);

/** @param select must return the same value for the same state; for several values call it several times */
export function useLab<T>(select: (state: Store) => T): T {
  const useStore = useContext(StoreContext);
  if (!useStore) throw new Error("useLab needs a StoreContext.Provider above it");
  return useStore(select);
}
