/**
 * A tab that was long in the background may have lost its GPU or its worker meanwhile. When it is looked at again, one
 * token is run, so that what is broken is found and mended before the first click waits for it.
 */

/** Hidden for less, it is taken for well. */
const LONG = 60_000;

/** @param check fails when something is broken; whoever makes the call mends it */
export function checkOnWake(check: () => Promise<unknown>, page: Document = document): void {
  let hiddenAt: number | null = null;
  const wake = () => {
    const away = hiddenAt === null ? 0 : Date.now() - hiddenAt;
    hiddenAt = null;
    if (away >= LONG) check().catch(() => {});
  };
  page.addEventListener("visibilitychange", () => {
    if (page.visibilityState === "hidden") hiddenAt = Date.now();
    else wake();
  });
  page.addEventListener("resume", wake); // after the browser had frozen it
}
