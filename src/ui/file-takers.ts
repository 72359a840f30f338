/** Files dropped anywhere on the page that the part on the screen takes: each says which, and what they are. The newest comes first. */
import { useEffect, useRef } from "react";

export interface FileTaker {
  /** "a circuit as JSON" */
  what: string;
  /** As of `<input type="file">`: ".json,.csv"; other entries name no ending and are passed over. */
  accept: string;
  take: (files: File[]) => void;
}
const takers: { readonly current: FileTaker }[] = [];

/** While the component is on the screen. @param what null: none are taken */
export function useFileTaker(what: string | null, accept: string, take: FileTaker["take"]): void {
  const taker = useRef<FileTaker>({ what: "", accept, take });
  useEffect(() => {
    taker.current = { what: what ?? "", accept, take };
  });
  const isOn = what !== null;
  useEffect(() => {
    if (!isOn) return;
    const mine = taker;
    takers.push(mine);
    return () => void takers.splice(takers.indexOf(mine), 1);
  }, [isOn]);
}

/** Who takes a file of that name. */
export const takerOf = (name: string, among = fileTakers()): FileTaker | null =>
  among.find(({ accept }) =>
    accept
      .split(",")
      .some((ending) => ending.startsWith(".") && name.toLowerCase().endsWith(ending)),
  ) ?? null;

export const fileTakers = (): FileTaker[] => takers.map(({ current }) => current).reverse();
