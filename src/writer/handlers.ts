/** The second worker's methods. */
import type { WriterMethod } from "../rpc/writer-contract.ts";
import type { Handlers } from "../rpc/serve.ts";
import { askEndpoint, completionsAddress } from "./endpoint.ts";

export const writerHandlers: Pick<Handlers, WriterMethod> = {
  "writer.open": async (source, { progress }) => {
    if (source.kind === "endpoint") completionsAddress(source.url);
    else await (await import("./hub-writer.ts")).openWriter(source, progress);
    return { value: null };
  },
  "writer.ask": async ({ source, question }, { signal, progress }) => {
    if (source.kind === "endpoint") {
      const onWait = (wait: string) => progress({ wait });
      return { value: await askEndpoint(source, question, { signal, onWait }) };
    }
    const { askWriter } = await import("./hub-writer.ts");
    return { value: await askWriter(source, question, signal) };
  },
};
