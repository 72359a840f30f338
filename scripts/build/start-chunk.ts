/**
 * All that the page needs at its start in one file. What a lab that is fetched later needs as well would else be a file of
 * its own, for each set of labs another one: dozens of requests before anything is seen, each compressed by itself.
 */
import type { Plugin } from "vite";

export function startChunk(): Plugin {
  /** Our own modules that the entry imports, itself or through others, without being asked to. */
  const atStart = new Set<string>();
  const groups = [
    { name: (id: string) => (atStart.has(id) && !id.includes("node_modules") ? "start" : null) },
  ];
  return {
    name: "glassroom:start-chunk",
    apply: "build",
    config: () => ({ build: { rolldownOptions: { output: { codeSplitting: { groups } } } } }),
    buildEnd() {
      const open = [...this.getModuleIds()].filter((id) => this.getModuleInfo(id)?.isEntry);
      for (const id of open) {
        if (atStart.has(id)) continue;
        atStart.add(id);
        open.push(...(this.getModuleInfo(id)?.importedIds ?? []));
      }
    },
  };
}
