/**
 * What to do about an error, by its code. The error's own message says what happened, and often what to do as well:
 * then the advice is not given twice.
 */
import type { ErrorCode, LabError } from "../core/lab-error.ts";

/** A sentence, and how a message reads that says it already. */
type Sentence = readonly [text: string, said?: RegExp];

const ADVICE: Readonly<Record<ErrorCode, readonly Sentence[]>> = {
  "bad-input": [
    [
      "Change the value named above and try again.",
      /\b(choose|drop|write|use|give|take|make|cancel)\b/i,
    ],
  ],
  "bad-file": [
    [
      "Download the file again from where it came, and check that it is complete.",
      /\b(again|use the two files|keep one|choose|keep this)\b/i,
    ],
    ["Nothing on the bench was changed."],
  ],
  unsupported: [
    [
      "This lab runs models of the GPT-2 architecture (model_type “gpt2”). Choose one of those, or a different option.",
      /GPT-2|smaller model|convert|choose|keep this|the lab reads/i,
    ],
  ],
  "not-found": [
    [
      "If it is a model of the Hub, check the spelling: an id looks like “openai-community/gpt2”; private and gated models cannot be read here.",
      /check its name|accept its terms|no branch|load one first|SAE|autoencoder|feature|kept|on the bench/i,
    ],
  ],
  network: [
    ["Check the connection and try again.", /check the connection|again|too many requests/i],
    ["Models that were loaded before, and the embedded one, work without a network."],
  ],
  quota: [
    [
      "Free some space: delete stored models and autoencoders that you no longer need, or let the browser keep more data for this site.",
      /free some space/i,
    ],
  ],
  "out-of-memory": [
    [
      "Close other tabs, choose a smaller model, a narrower autoencoder or a smaller batch, and try again.",
      /close other tabs|smaller/i,
    ],
  ],
  "device-lost": [
    [
      "The graphics driver took the GPU away, often after sleep or under memory pressure. Load the model again, or choose WASM.",
      /reload the page|load the model/i,
    ],
  ],
  "no-webgpu": [
    [
      "Choose “auto” or WASM as the device, or open the page in a browser with WebGPU switched on.",
      /use a browser|serve this one/i,
    ],
  ],
  "worker-crash": [
    ["Start the worker again: the model is loaded anew, and what you typed and chose stays."],
  ],
  shape: [["The two sides do not belong together. Check that both were made for the same model."]],
  degenerate: [["The quantity has no value here; a different selection has one."]],
  cancelled: [["Nothing was changed."]],
  internal: [
    [
      "This is a fault of the lab. Try again; if it stays, reload the page and report the message above.",
      /keep data for this site/,
    ],
  ],
};

/** What the message does not say itself; "" if it says everything. */
export const adviceFor = ({ code, message }: Pick<LabError, "code" | "message">): string =>
  ADVICE[code]
    .filter(([, said]) => !said?.test(message))
    .map(([text]) => text)
    .join(" ");

/** A message as a sentence: with a capital letter, unless it begins with a file's name or another that has its own form. */
export const asSentence = (message: string): string => {
  const text = /^[a-z]+[ ,:;](?!\/\/)/.test(message)
    ? message.charAt(0).toUpperCase() + message.slice(1)
    : message;
  return /[.!?…)"”]$/.test(text) ? text : `${text}.`;
};
