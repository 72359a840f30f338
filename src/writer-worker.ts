/**
 * The second worker: a language model that writes labels and judges them, on a server of the user's or in this tab. Started
 * when it is first asked for, and ended to stop what it does. Its Content-Security-Policy lets it reach the one server that it
 * was started for (`src/worker-address.ts`); the page itself reaches none.
 */
import { setAppBase } from "./core/app-url.ts";
import type { Port } from "./rpc/contract.ts";
import { serve } from "./rpc/serve.ts";
import { writerHandlers } from "./writer/handlers.ts";

setAppBase(self.name);
serve(self as unknown as Port, writerHandlers);
