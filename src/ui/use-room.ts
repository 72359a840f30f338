/** How much height is left for an element in the window, so that it can be drawn to fit without scrolling. */
import { useLayoutEffect, useState, type RefObject } from "react";

/** What scrolls around an element by itself; null if only the page does. */
function scrollerOf(element: HTMLElement): HTMLElement | null {
  for (let e = element.parentElement; e && e !== document.body; e = e.parentElement) {
    if (["auto", "scroll"].includes(getComputedStyle(e).overflowY)) return e;
  }
  return null;
}

/**
 * Pixels from the element's top to the lower edge of what scrolls around it, counted as if it were scrolled to the top;
 * null until it has been measured, and where the page scrolls as a whole: there it has no lower edge.
 */
export function useRoomBelow(element: RefObject<HTMLElement | null>): number | null {
  const [room, setRoom] = useState<number | null>(null);
  useLayoutEffect(() => {
    const target = element.current;
    if (!target) return;
    const measure = () => {
      const scroller = scrollerOf(target);
      if (!scroller) {
        setRoom(null);
        return;
      }
      const top = target.getBoundingClientRect().top - scroller.getBoundingClientRect().top;
      setRoom(scroller.clientHeight - scroller.scrollTop - top);
    };
    const observer = new ResizeObserver(measure);
    const scroller = scrollerOf(target);
    for (const watched of [scroller, target.parentElement, document.documentElement]) {
      if (watched) observer.observe(watched);
    }
    return () => observer.disconnect();
  }, [element]);
  return room;
}
