/** The same engine at GPT-2 small's size: generated weights from a stand-in for the Hub on this machine. */
import { GPT2_SMALL, gpt2Files } from "../fixtures/gpt2-weights.mjs";
import { hubFlags, startHub } from "../fixtures/hub-server.mjs";
import { launch, open, ready } from "./browser.mjs";
import { measureForward } from "./forward.mjs";
import { rendererMemory } from "./memory.mjs";
import { measureGrid, measureKeystroke, watchPaint } from "./interaction.mjs";
import { row } from "./table.mjs";

const ID = "openai-community/gpt2";

const load = async (id) => {
  const start = performance.now();
  const phases = {};
  const model = await window.lab.load(id, {
    device: "wasm",
    onProgress: ({ phase }) => (phases[phase] ??= performance.now() - start),
  });
  return {
    ms: performance.now() - start,
    session: performance.now() - start - (phases.session ?? 0),
    parameters: model.info.parameters,
    bytes: model.info.weightBytes,
  };
};

export async function measureGpt2Small({ url, repeats }) {
  const hub = await startHub();
  hub.add(ID, gpt2Files(GPT2_SMALL));
  const browser = await launch(hubFlags(hub));
  try {
    const page = await open(browser);
    await page.addInitScript(watchPaint);
    await page.goto(url);
    await ready(page);
    const before = await rendererMemory(browser);
    const { ms, session, parameters, bytes } = await page.evaluate(load, ID);
    const after = await rendererMemory(browser);
    const label = "GPT-2 small";
    await page.locator(".thumbnail").nth(143).waitFor();
    const rows = [
      row(`${label}: load`, ms / 1000, "s", {
        note: `${(parameters / 1e6).toFixed(0)} M parameters, ${(bytes / 1e6).toFixed(0)} MB over HTTPS from this machine, cached; ${(session / 1000).toFixed(1)} s of it the session`,
      }),
      ...(await measureForward(page, { tokens: 16, repeats, label, limit: 1.15 })),
    ];
    const drawn = { repeats, label: `${label}: ` };
    rows.push(...(await measureKeystroke(page, { ...drawn, limit: null })));
    rows.push(...(await measureGrid(page, drawn)));
    const again = await page.evaluate(load, ID);
    rows.push(row(`${label}: load from the browser's cache`, again.ms / 1000, "s"));
    const memory = await rendererMemory(browser);
    if (before && after && memory) {
      rows.push(
        row(`${label}: memory`, after.now, "MB", {
          note: `of the page's process with the model loaded; ${before.now.toFixed(0)} MB with the embedded one, ${memory.peak.toFixed(0)} MB at the highest`,
        }),
      );
    }
    return rows;
  } finally {
    await browser.close();
    await hub.close();
  }
}
