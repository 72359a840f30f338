/** Autoencoders may come and go in another tab: whoever comes back to this one sees the shelf as it is now. */
import { useEffect } from "react";
import { useLab } from "../../state/context.ts";

export function useFreshShelf(): void {
  const refresh = useLab((s) => s.refreshSaes);
  const known = useLab((s) => s.saes.status === "ready");
  const busy = useLab((s) => s.shelf.status === "running");
  useEffect(() => {
    const onVisible = () => {
      if (document.visibilityState === "visible" && known && !busy) void refresh();
    };
    document.addEventListener("visibilitychange", onVisible);
    return () => document.removeEventListener("visibilitychange", onVisible);
  }, [refresh, known, busy]);
}
