/** The one way to a checkpoint, from wherever it is. */
import type { ModelSource } from "../core/model-source.ts";
import type { Checkpoint } from "./checkpoint.ts";
import { fromApp } from "./embedded.ts";
import { fromHub } from "./hub.ts";
import type { LoadContext } from "./load-context.ts";
import { fromFiles } from "./local.ts";

/**
 * Fetches, checks and (from the Hub) caches a checkpoint.
 * @throws LabError with a message for the user; nothing is kept of a checkpoint that was refused
 */
export function getCheckpoint(source: ModelSource, context: LoadContext): Promise<Checkpoint> {
  switch (source.kind) {
    case "embedded":
      return fromApp(source.id, context);
    case "hub":
      return fromHub(source, context);
    case "files":
      return fromFiles(source.files, context, source.name);
  }
}
