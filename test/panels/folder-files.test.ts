import { expect, it } from "vitest";
import { pickFolder } from "../../src/panels/bar/folder-files.ts";

const entry = (path: string) => ({ path, file: new File([], path.replace(/.*\//, "")) });
const names = ({ files }: ReturnType<typeof pickFolder>) => files.map(({ name }) => name);

it("takes the files beside the one config.json, and the folder's name", () => {
  const picked = pickFolder(
    ["all/readme.md", "all/gpt/config.json", "all/gpt/model.safetensors", "all/onnx/x.json"].map(
      entry,
    ),
  );
  expect(names(picked)).toEqual(["config.json", "model.safetensors"]);
  expect(picked.name).toBe("gpt");
});

it("takes everything where there is no telling, and no name from files that came alone", () => {
  expect(names(pickFolder(["a/config.json", "b/config.json"].map(entry))).length).toBe(2);
  expect(pickFolder(["config.json", "model.safetensors"].map(entry)).name).toBeUndefined();
});
