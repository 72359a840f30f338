/** A height given in rem as pixels, following presenter size and the browser's own text size. */
import { useSyncExternalStore } from "react";

const read = () => parseFloat(getComputedStyle(document.documentElement).fontSize);
function subscribe(onChange: () => void) {
  const observer = new ResizeObserver(onChange);
  const probe = document.createElement("div");
  probe.style.cssText = "position:fixed;visibility:hidden;width:1rem;height:1rem";
  document.body.append(probe);
  observer.observe(probe);
  return () => {
    observer.disconnect();
    probe.remove();
  };
}
export const useRem = (rem: number): number => rem * useSyncExternalStore(subscribe, read);
