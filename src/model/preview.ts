/** What is known of a checkpoint before its weights are read: enough to refuse a model that cannot run. */
import { LabError } from "../core/lab-error.ts";
import type { SafetensorsHeader } from "../formats/safetensors-entries.ts";
import { parseHeader } from "../formats/safetensors.ts";
import { type ReadConfig, parseConfig } from "./config.ts";
import { WEIGHT_FILE } from "./graph-builder.ts";
import { type Layout, checkLayouts } from "./layout.ts";
import { refuseForGpu, refuseLargeFile, refuseTooLarge } from "./memory-need.ts";

/** A weight file's first bytes, with its whole header. */
export interface FileStart {
  name: string;
  start: Uint8Array;
  size: number;
}
export interface PreviewFile {
  /** Its own name, for people. */
  name: string;
  /** The name under which the engine is given it. */
  file: string;
  size: number;
  header: SafetensorsHeader;
}
export interface Preview extends ReadConfig, Layout {
  configJson: string;
  files: PreviewFile[];
  /** Of all files together. */
  fileBytes: number;
}

/**
 * @param maxTensorBytes of the GPU, where one was asked for
 * @throws LabError if the model cannot run here, or the files are none of a GPT-2
 */
export function preview(
  configJson: string,
  starts: readonly FileStart[],
  maxTensorBytes = Infinity,
): Preview {
  const read = parseConfig(configJson);
  const files = starts.map(({ name, start, size }): PreviewFile => {
    refuseLargeFile({ name, size });
    const header = parseHeader(start, size, name);
    return { name, file: starts.length === 1 ? WEIGHT_FILE : name, size, header };
  });
  const [first] = files;
  if (!first) throw new LabError("bad-file", "there is no weight file");
  const label = files.length === 1 ? first.name : `the ${files.length} weight files together`;
  const layout = checkLayouts(files, read.config, read.tieWordEmbeddings, label);
  refuseTooLarge({ ...layout, files });
  refuseForGpu(layout, maxTensorBytes);
  const fileBytes = files.reduce((sum, { size }) => sum + size, 0);
  return { ...read, ...layout, configJson, files, fileBytes };
}
