/**
 * Asks a server that answers as OpenAI's chat completions do. What may pass by itself, too many requests and trouble of the
 * server, is tried again after a while; everything else is said at once, with what to do.
 */
import { LabError } from "../core/lab-error.ts";
import { quoted } from "../core/quoted.ts";
import { type Answer, estimateTokens, type Question, type WriterSource } from "../core/writer.ts";

export interface AskOptions {
  signal: AbortSignal;
  /** Tells what is waited for. */
  onWait?: (words: string) => void;
  /** Without an answer for so long it is given up. @default 90 s */
  timeoutMs?: number;
  /** Before the first try anew; twice as long before each further one. @default 1 s */
  retryMs?: number;
}
type Endpoint = Extract<WriterSource, { kind: "endpoint" }>;

const TRIES = 5;
const LONGEST_WAIT = 60_000;

/** Where completions are asked for. @throws LabError "bad-input" for what is no address */
export function completionsAddress(url: string): URL {
  const text = url.trim();
  const address = URL.canParse(text) ? new URL(text) : null;
  if (!address || !/^https?:$/.test(address.protocol)) {
    throw new LabError(
      "bad-input",
      `${quoted(text)} is no address of a server; write a web address of https or http, as far as /v1`,
    );
  }
  const path = address.pathname.replace(/\/+$/, "");
  address.pathname = path.endsWith("/chat/completions") ? path : `${path}/chat/completions`;
  return address;
}

/** @throws LabError */
export async function askEndpoint(
  endpoint: Endpoint,
  question: Question,
  options: AskOptions,
): Promise<Answer> {
  const { signal, onWait, retryMs = 1000 } = options;
  for (let attempt = 1; ; attempt++) {
    try {
      return await askOnce(endpoint, question, options);
    } catch (e) {
      if (signal.aborted) throw new LabError("cancelled", "cancelled");
      if (!(e instanceof Passing) || attempt >= TRIES) throw e;
      const wait = Math.min(LONGEST_WAIT, e.waitMs ?? retryMs * 2 ** (attempt - 1));
      onWait?.(`${e.short}; trying again in ${Math.ceil(wait / 1000)} s`);
      await pause(wait, signal);
    }
  }
}

/** An error that may pass by itself. */
class Passing extends LabError {
  readonly short: string;
  readonly waitMs: number | null;
  constructor(short: string, message: string, waitMs: number | null = null) {
    super("network", message);
    this.short = short;
    this.waitMs = waitMs;
  }
}

async function askOnce(
  { url, model, key }: Endpoint,
  { messages, most }: Question,
  { signal, timeoutMs = 90_000 }: AskOptions,
): Promise<Answer> {
  const address = completionsAddress(url);
  const slow = AbortSignal.timeout(timeoutMs);
  let response: Response;
  let body: string;
  try {
    response = await fetch(address, {
      method: "POST",
      headers: {
        "Content-Type": "application/json",
        ...(key !== "" && { Authorization: `Bearer ${key}` }),
      },
      body: JSON.stringify({ model, messages, temperature: 0, max_tokens: most }),
      signal: AbortSignal.any([signal, slow]),
      credentials: "omit",
      referrerPolicy: "no-referrer",
    });
    body = await response.text();
  } catch (cause) {
    if (signal.aborted) throw cause;
    if (slow.aborted) {
      const seconds = Math.round(timeoutMs / 1000);
      throw new Passing(
        "no answer",
        `${address.origin} did not answer within ${seconds} s; try again, or choose a faster model`,
      );
    }
    throw new LabError(
      "network",
      `${address.origin} could not be reached: it is not running, the address is wrong, or it does not let pages of ` +
        "other sites ask it (CORS). Check the address, and allow this page’s origin in the server’s settings",
      { cause },
    );
  }
  if (!response.ok) throw refusal(response, body, model, address);
  return readAnswer(body, messages, address);
}

function refusal(response: Response, body: string, model: string, { origin }: URL): LabError {
  const { status } = response;
  const said = messageOf(body);
  const why = said === "" ? "" : ` It says: ${said}`;
  switch (status) {
    case 401:
    case 403:
      return new LabError(
        "bad-input",
        `${origin} refused the key (HTTP ${status}); check it, or give one.${why}`,
      );
    case 404:
      return new LabError(
        "not-found",
        `${origin} knows no model ${quoted(model)}, or the address is not that of its API (HTTP 404); check the model’s name, and that the address ends in /v1.${why}`,
      );
    case 429:
      return new Passing(
        "too many requests",
        `${origin} refuses more requests for now (HTTP 429), also after some waiting; try again later.${why}`,
        retryAfter(response),
      );
  }
  if (status >= 500) {
    return new Passing(
      `trouble of the server (HTTP ${status})`,
      `${origin} has trouble (HTTP ${status}), also after some tries; try again later.${why}`,
      retryAfter(response),
    );
  }
  return new LabError("bad-input", `${origin} refused the question (HTTP ${status}).${why}`);
}

function retryAfter({ headers }: Response): number | null {
  const seconds = Number(headers.get("Retry-After") ?? NaN);
  return Number.isFinite(seconds) && seconds >= 0 ? 1000 * seconds : null;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null;

/** What a server says of an error, in one of the forms in which they do. */
function messageOf(body: string): string {
  const json = parsed(body);
  const error = isObject(json) ? (json["error"] ?? json["message"] ?? json["detail"]) : null;
  const said = isObject(error) ? error["message"] : error;
  return typeof said === "string" ? said.slice(0, 300) : "";
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return null;
  }
}

/** @throws LabError "network" for an answer of another kind */
export function readAnswer(body: string, messages: Question["messages"], { origin }: URL): Answer {
  const json = parsed(body);
  const choices = isObject(json) ? json["choices"] : null;
  const first: unknown = Array.isArray(choices) ? choices[0] : null;
  const message = isObject(first) ? first["message"] : null;
  const content = isObject(message) ? message["content"] : null;
  if (typeof content !== "string") {
    throw new LabError(
      "network",
      `${origin} answered, but not as an OpenAI-compatible server does: there is no choices[0].message.content in ${quoted(body)}. Check the address, and try again`,
    );
  }
  const usage = isObject(json) ? json["usage"] : null;
  const count = (key: string): number | null => {
    const value = isObject(usage) ? usage[key] : null;
    return Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) : null;
  };
  const [asked, answered] = [count("prompt_tokens"), count("completion_tokens")];
  return {
    text: content,
    tokens: {
      asked: asked ?? estimateTokens(messages),
      answered: answered ?? Math.ceil(content.length / 4),
      estimated: asked === null || answered === null,
    },
  };
}

const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    const cancel = () => {
      clearTimeout(timer);
      reject(new LabError("cancelled", "cancelled"));
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", cancel);
      resolve();
    }, ms);
    if (signal.aborted) cancel();
    else signal.addEventListener("abort", cancel, { once: true });
  });
