/** A server that answers as OpenAI's does, and one that does not: each trouble is said, what may pass is tried again. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { askLabel, scoreLabel, scoreQuestions } from "../../src/api/label-judge.ts";
import type { LabelCases } from "../../src/core/label-work.ts";
import { LabError } from "../../src/core/lab-error.ts";
import type { Question } from "../../src/core/writer.ts";
import { askEndpoint, type AskOptions, completionsAddress } from "../../src/writer/endpoint.ts";

interface Asked {
  path: string;
  key: string | undefined;
  body: { model: string; messages: { role: string; content: string }[]; max_tokens: number };
}
let reply: (asked: Asked, response: ServerResponse) => void;
const asked: Asked[] = [];
const server = createServer((request: IncomingMessage, response: ServerResponse) => {
  let text = "";
  request.on("data", (chunk: Buffer) => (text += chunk.toString()));
  request.on("end", () => {
    const one = {
      path: request.url!,
      key: request.headers.authorization,
      body: JSON.parse(text) as Asked["body"],
    };
    asked.push(one);
    reply(one, response);
  });
});
let url = "";
beforeAll(async () => {
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => void asked.splice(0));

const json = (response: ServerResponse, status: number, value: unknown, headers = {}) =>
  response
    .writeHead(status, { "Content-Type": "application/json", ...headers })
    .end(JSON.stringify(value));
const says = (response: ServerResponse, content: string, usage?: object) =>
  json(response, 200, { choices: [{ message: { role: "assistant", content } }], usage });

const question: Question = { messages: [{ role: "user", content: "12345678" }], most: 20 };
const ask = (options: Partial<AskOptions> = {}, key = "secret") =>
  askEndpoint({ kind: "endpoint", url, model: "judge", key }, question, {
    signal: new AbortController().signal,
    retryMs: 1,
    ...options,
  });
const failure = async (answer: Promise<unknown>): Promise<LabError> => {
  const e: unknown = await answer.catch((error: unknown) => error);
  if (e instanceof LabError) return e;
  throw new Error(`no LabError but ${String(e)}`);
};

describe("a good server", () => {
  it("is asked for completions with the key, and its own count of tokens is told", async () => {
    reply = (_, r) => says(r, "[1]", { prompt_tokens: 7, completion_tokens: 3 });
    expect(await ask()).toEqual({
      text: "[1]",
      tokens: { asked: 7, answered: 3, estimated: false },
    });
    expect(asked).toMatchObject([
      {
        ...{ path: "/v1/chat/completions", key: "Bearer secret" },
        body: { model: "judge", max_tokens: 20, temperature: 0, messages: question.messages },
      },
    ]);
  });
  it("may need no key and count nothing: then tokens are estimated", async () => {
    reply = (_, r) => says(r, "four");
    expect((await ask({}, "")).tokens).toEqual({ asked: 2, answered: 1, estimated: true });
    expect(asked[0]!.key).toBeUndefined();
  });
  it("is known by its address, with or without the end of it", () => {
    const at = (text: string) => completionsAddress(text).href;
    expect(at("https://a.example/v1/")).toBe("https://a.example/v1/chat/completions");
    expect(at("https://a.example/v1/chat/completions")).toBe(
      "https://a.example/v1/chat/completions",
    );
    for (const bad of ["", "localhost", "ftp://a.example", "javascript:1"]) {
      expect(() => at(bad)).toThrow(/is no address of a server/);
    }
  });
});

describe("a server in trouble", () => {
  it.each<[number, object, string, RegExp]>([
    [401, { error: { message: "bad key" } }, "bad-input", /refused the key .*bad key/],
    [403, {}, "bad-input", /refused the key \(HTTP 403\)/],
    [404, { error: "no such model" }, "not-found", /no model "judge".*no such model/],
    [400, { detail: "too long" }, "bad-input", /refused the question \(HTTP 400\).*too long/],
  ])("HTTP %d is said at once", async (status, body, code, message) => {
    reply = (_, r) => json(r, status, body);
    const error = await failure(ask());
    expect(error.code).toBe(code);
    expect(error.message).toMatch(message);
    expect(asked).toHaveLength(1);
  });
  it("too many requests are tried again, as late as it says", async () => {
    const waits: string[] = [];
    reply = (_, r) =>
      asked.length < 3 ? json(r, 429, {}, { "Retry-After": "0" }) : says(r, "[1]");
    expect((await ask({ onWait: (w) => waits.push(w) })).text).toBe("[1]");
    expect(asked).toHaveLength(3);
    expect(waits).toEqual(Array(2).fill("too many requests; trying again in 0 s"));
  });
  it("and given up after five times", async () => {
    reply = (_, r) => json(r, 429, {});
    expect((await failure(ask())).message).toMatch(/HTTP 429/);
    expect(asked).toHaveLength(5);
    asked.splice(0);
    reply = (_, r) => json(r, 503, { error: { message: "loading" } });
    expect((await failure(ask())).message).toMatch(/HTTP 503.*loading/);
    expect(asked).toHaveLength(5);
  });
  it("slow is tried again, and said", async () => {
    reply = () => {};
    const error = await failure(ask({ timeoutMs: 20 }));
    expect(error.message).toMatch(/did not answer within 0 s/);
    expect(asked).toHaveLength(5);
  });
  it.each([
    ["no JSON", "<html>Sign in</html>"],
    ["JSON of another kind", '{"ok":true}'],
    ["no choices", '{"choices":[]}'],
    ["content that is no text", '{"choices":[{"message":{"content":null}}]}'],
    ["nothing", ""],
    ["a list", "[1,2]"],
    ["null", "null"],
  ])("an answer of %s is said to be none", async (_, body) => {
    reply = (__, r) => void r.writeHead(200).end(body);
    const error = await failure(ask());
    expect(error.message).toMatch(/not as an OpenAI-compatible server does/);
    expect(error.message.length).toBeLessThan(500);
    expect(asked).toHaveLength(1);
  });
  it("cut off, or not there, may be its address or CORS", async () => {
    reply = (_, r) => r.destroy();
    expect((await failure(ask())).message).toMatch(/could not be reached.*CORS/);
    const away = askEndpoint(
      { kind: "endpoint", url: "http://127.0.0.1:9/v1", model: "m", key: "" },
      question,
      { signal: new AbortController().signal },
    );
    expect((await failure(away)).code).toBe("network");
  });
  it("is left alone once it is given up, while it answers and while it is waited for", async () => {
    const abort = new AbortController();
    reply = () => setTimeout(() => abort.abort(), 5);
    expect((await failure(ask({ signal: abort.signal }))).code).toBe("cancelled");
    const second = new AbortController();
    reply = (_, r) => json(r, 429, {});
    const waiting = ask({
      ...{ signal: second.signal, retryMs: 60_000 },
      onWait: () => setTimeout(() => second.abort(), 1),
    });
    expect((await failure(waiting)).code).toBe("cancelled");
  });
});

describe("labels and scores by a language model", () => {
  const example = (word: string, at: number) => ({
    tokens: ["the", ` ${word}`, " x", " y"],
    activations: Float32Array.from([0, 1, 2, 3], (_, t) => (t === at ? 4 : 0)),
    peak: Math.max(0, at),
  });
  const cases: LabelCases = {
    active: Array.from({ length: 7 }, (_, i) => example(`yes${i}`, 1)),
    inactive: Array.from({ length: 6 }, (_, i) => example(`no${i}`, -1)),
    tokens: 1,
  };
  const endpoint = (q: Question) =>
    askEndpoint({ kind: "endpoint", url, model: "judge", key: "" }, q, {
      signal: new AbortController().signal,
      retryMs: 1,
    });
  const setup = { label: "yes", cases, seed: 1, judge: "judge" };
  /** Judges by the words of the question alone, as a model would. */
  const texts = ({ body }: Asked) =>
    [...body.messages[1]!.content.matchAll(/^Text \d+: (.*)$/gm)].map(([, t]) => t!);

  it("come to 1 for a perfect judge, and to ½ for one who always says yes", async () => {
    reply = (one, r) => says(r, JSON.stringify(texts(one).map((t) => Number(t.includes("yes")))));
    const perfect = { hits: 7, misses: 0, falseAlarms: 0, rejections: 6 };
    expect(await scoreLabel(endpoint, "detection", setup)).toMatchObject({
      ...{ kind: "detection", judge: "judge", counts: perfect, unread: 0 },
    });
    expect(asked).toHaveLength(3); // 13 texts, 5 a question
    expect(await scoreLabel(endpoint, "fuzzing", setup)).toMatchObject({ counts: perfect });
    reply = (one, r) => says(r, JSON.stringify(texts(one).map(() => 1)));
    expect(await scoreLabel(endpoint, "detection", setup)).toMatchObject({
      counts: { hits: 7, misses: 0, falseAlarms: 6, rejections: 0 },
    });
  });
  it("mark each fuzzed text once: its own tokens, or where an active text is", async () => {
    const seen: string[] = [];
    reply = (one, r) => {
      seen.push(...texts(one));
      says(r, "?");
    };
    const score = await scoreLabel(endpoint, "fuzzing", setup);
    expect(seen).toHaveLength(13);
    expect(seen.every((t) => /^the<< (yes|no)\d>> x y$/.test(t))).toBe(true);
    expect(score).toMatchObject({ unread: 13, counts: { hits: 0, misses: 0 } });
  });
  it("correlate simulated activations with the true ones", async () => {
    reply = (one, r) => {
      const tokens = /Tokens: (\[.*\])$/s.exec(one.body.messages[1]!.content)![1]!;
      const list = JSON.parse(tokens) as string[];
      says(r, JSON.stringify(list.map((t) => (t.includes("yes") ? 10 : 0))));
    };
    const score = await scoreLabel(endpoint, "simulation", setup);
    expect(score).toMatchObject({ kind: "simulation", texts: 10, tokens: 40, unread: 0 });
    expect(score.kind === "simulation" && score.correlation).toBeCloseTo(1, 12);
    reply = (_, r) => says(r, "[0,0,0,0]");
    expect(await scoreLabel(endpoint, "simulation", setup)).toMatchObject({ correlation: null });
    reply = (_, r) => says(r, "no");
    expect(await scoreLabel(endpoint, "simulation", setup)).toMatchObject({
      ...{ correlation: null, texts: 0, unread: 10 },
    });
  });
  it("send the very questions that were shown", async () => {
    reply = (_, r) => says(r, "[0]");
    for (const kind of ["detection", "fuzzing", "simulation"] as const) {
      await scoreLabel(endpoint, kind, setup);
    }
    const shown = scoreQuestions(["detection", "fuzzing", "simulation"], "yes", cases, 1);
    expect(asked.map(({ body }) => body.messages)).toEqual(shown.map(({ messages }) => messages));
  });
  it("write a label, or say that there were no words", async () => {
    const dashboard = { examples: cases.active, promoted: [{ id: 1, string: " a", effect: 1 }] };
    reply = (_, r) => says(r, "They all say yes.\nLABEL: assent");
    expect(await askLabel(endpoint, dashboard, "judge")).toMatchObject({
      ...{ text: "assent", source: { by: "model", model: "judge" }, scores: [] },
    });
    reply = (_, r) => says(r, "  ");
    await expect(askLabel(endpoint, dashboard, "judge")).rejects.toThrow(/without any words/);
  });
});
