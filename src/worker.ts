/**
 * The lab's one worker: model, GPU device and training live here, off the page's thread.
 * The page starts it as `new Worker(url, { type: "module", name: <address of the app's folder> })`; a worker's own
 * address says nothing of where the app lies, and every file of the app is found from there.
 */
import { setAppBase } from "./core/app-url.ts";
import { handlers } from "./lab/handlers.ts";
import type { Port } from "./rpc/contract.ts";
import { holdLifeline } from "./rpc/lifeline.ts";
import { serve } from "./rpc/serve.ts";

setAppBase(self.name);
serve(self as unknown as Port, handlers);
holdLifeline(self as unknown as Port);
