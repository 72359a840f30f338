/** The theme as it is drawn. `<html data-theme>` is the one truth; without it the system decides. */
import { useSyncExternalStore } from "react";

const systemDark = () => matchMedia("(prefers-color-scheme: dark)");
const read = (): "light" | "dark" => {
  const set = document.documentElement.dataset["theme"];
  if (set === "light" || set === "dark") return set;
  return systemDark().matches ? "dark" : "light";
};
function subscribe(onChange: () => void) {
  const observer = new MutationObserver(onChange);
  observer.observe(document.documentElement, { attributeFilter: ["data-theme"] });
  const media = systemDark();
  media.addEventListener("change", onChange);
  return () => {
    observer.disconnect();
    media.removeEventListener("change", onChange);
  };
}

/** Re-renders when the theme changes, after the colours have. */
export const useTheme = (): "light" | "dark" => useSyncExternalStore(subscribe, read);

export function applyTheme(theme: "system" | "light" | "dark"): void {
  const root = document.documentElement;
  if (theme === "system") delete root.dataset["theme"];
  else root.dataset["theme"] = theme;
}
export function applyPresenter(presenter: boolean): void {
  document.documentElement.toggleAttribute("data-presenter", presenter);
}
