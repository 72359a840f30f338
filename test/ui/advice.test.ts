import { describe, expect, it } from "vitest";
import { LabError } from "../../src/core/lab-error.ts";
import { storageError } from "../../src/storage/storage-error.ts";
import { adviceFor, asSentence } from "../../src/ui/advice.ts";

describe("advice", () => {
  it("is what the message does not say itself", () => {
    const cut = new LabError("network", "it was cut off: 5 of 9 bytes came. Load it again.");
    expect(adviceFor(cut)).toBe(
      "Models that were loaded before, and the embedded one, work without a network.",
    );
    const away = new LabError("network", "huggingface.co answered nothing");
    expect(adviceFor(away)).toMatch(/^Check the connection and try again\. Models/);
    const llama = new LabError("unsupported", 'this is a "llama" model; Glassroom runs GPT-2s');
    expect(adviceFor(llama)).toBe("");
    expect(adviceFor(storageError(new Error("denied"), 0))).toBe("");
    expect(adviceFor(new LabError("internal", "a is undefined"))).toMatch(/fault of the lab/);
  });
});

describe("a message as a sentence", () => {
  it.each([
    ["there is no such model", "There is no such model."],
    ['this is a "llama" model; take another.', 'This is a "llama" model; take another.'],
    ["config.json is no JSON", "config.json is no JSON."],
    ['"a/b" is gated', '"a/b" is gated.'],
    ["n_embd 5 cannot be divided", "n_embd 5 cannot be divided."],
    ["Already so!", "Already so!"],
    ["http://localhost:1234 is away", "http://localhost:1234 is away."],
  ])("%s", (message, sentence) => expect(asSentence(message)).toBe(sentence));
});
