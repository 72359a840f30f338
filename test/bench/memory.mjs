/** Memory of the page's process, worker and WebAssembly included, from the operating system. */
import { readFileSync } from "node:fs";

/** Peak and present resident memory of the largest renderer, in MB; null where /proc is not to be had. */
export async function rendererMemory(browser) {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send("SystemInfo.getProcessInfo");
  await session.detach();
  try {
    const sizes = processInfo
      .filter(({ type }) => type === "renderer")
      .map(({ id }) => {
        const status = readFileSync(`/proc/${id}/status`, "utf8");
        const of = (name) => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1] ?? 0) / 1024;
        return { peak: of("VmHWM"), now: of("VmRSS") };
      });
    return sizes.sort((a, b) => b.peak - a.peak)[0] ?? null;
  } catch {
    return null;
  }
}
