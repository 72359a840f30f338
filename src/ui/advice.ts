/** What to do about an error, by its code. The error's own message says what happened. */
import type { ErrorCode } from "../core/lab-error.ts";

export const ADVICE: Readonly<Record<ErrorCode, string>> = {
  "bad-input": "Change the value named above and try again.",
  "bad-file":
    "Download the file again from where it came, and check that it is complete. Nothing on the bench was changed.",
  unsupported:
    "This lab runs models of the GPT-2 architecture (model_type “gpt2”). Choose one of those, or a different option.",
  "not-found":
    "If it is a model of the Hub, check the spelling: an id looks like “openai-community/gpt2”; private and gated models cannot be read here.",
  network:
    "Check the connection and try again. Models that were loaded before, and the embedded one, work without a network.",
  quota:
    "Free some space: delete stored autoencoders you no longer need, or let the browser keep more data for this site.",
  "out-of-memory":
    "Close other tabs, choose a smaller model, a narrower autoencoder or a smaller batch, and try again.",
  "device-lost":
    "The graphics driver took the GPU away, often after sleep or under memory pressure. Load the model again, or choose WASM.",
  "no-webgpu":
    "Choose “auto” or WASM as the device, or open the page in a browser with WebGPU switched on.",
  "worker-crash":
    "Start the worker again: the model is loaded anew, and what you typed and chose stays.",
  shape: "The two sides do not belong together. Check that both were made for the same model.",
  degenerate: "The quantity has no value here; a different selection has one.",
  cancelled: "Nothing was changed.",
  internal:
    "This is a fault of the lab. Try again; if it stays, reload the page and report the message above.",
};
