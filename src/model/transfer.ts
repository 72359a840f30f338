/**
 * One HTTP request under watch: it ends when the caller aborts or the server falls silent, and whatever goes wrong
 * becomes a LabError that says what to do.
 */
import { HUB } from "../core/hub-address.ts";
import { LabError } from "../core/lab-error.ts";

export interface FetchOptions {
  signal: AbortSignal;
  /** What is fetched, for messages: `config.json of openai-community/gpt2`. */
  what: string;
  /** So long without a byte counts as a broken connection. @default 30 s */
  stallMs?: number | undefined;
  /** Bytes of the file that came before, for messages. */
  alreadyBytes?: number;
  /** Turns a refusal by the server into a better error than the general one; undefined leaves it. */
  explain?: ((response: Response) => LabError | undefined) | undefined;
  /** A server that asks to wait is waited for up to so long, a few times. @default 20 s */
  patienceMs?: number | undefined;
}
export interface Transfer {
  /** The answer, whatever its status. */
  send(init: RequestInit): Promise<Response>;
  /** An answer with a body. @throws LabError for any other */
  open(headers?: Record<string, string>): Promise<Response>;
  /** Hands on the body piece by piece, until it ends or `take` answers false. */
  read(response: Response, take: (chunk: Uint8Array) => boolean): Promise<void>;
}

const HUB_ORIGIN = new URL(HUB).origin;
const STALL_MS = 30_000;
const PATIENCE_MS = 20_000;
const MAX_WAITS = 3;

/** Runs `work` with a transfer from `url`, and lets go of the connection afterwards. */
export async function withTransfer<T>(
  url: URL,
  options: FetchOptions,
  work: (transfer: Transfer) => Promise<T>,
): Promise<T> {
  const { signal, what, stallMs = STALL_MS, alreadyBytes = 0, explain } = options;
  const { patienceMs = PATIENCE_MS } = options;
  const own = new AbortController();
  const abort = () => own.abort(new LabError("cancelled", "cancelled"));
  if (signal.aborted) abort();
  signal.addEventListener("abort", abort);
  let timer: ReturnType<typeof setTimeout> | undefined;
  let received = alreadyBytes;
  const watch = () => {
    clearTimeout(timer);
    timer = setTimeout(() => own.abort(stalled(what, stallMs, received)), stallMs);
  };
  const send = (init: RequestInit) => {
    watch();
    return fetch(url, { ...init, signal: own.signal, credentials: "omit" });
  };
  try {
    return await work({
      send,
      async open(headers = {}) {
        // Part of a file is not mixed with what the browser's cache keeps of it, which may be compressed as a whole.
        const init: RequestInit = { headers, ...("range" in headers && { cache: "no-store" }) };
        for (let waits = 0; ; waits++) {
          const response = await send(init);
          if (response.ok) return response;
          const wait = askedToWait(response);
          if (wait === null || wait > patienceMs || waits === MAX_WAITS) {
            throw explain?.(response) ?? refused(response, what, url);
          }
          clearTimeout(timer);
          await pause(wait, own.signal);
        }
      },
      async read(response, take) {
        const reader = response.body?.getReader();
        for (let more = reader !== undefined; more && reader;) {
          watch();
          const { done, value } = await reader.read();
          if (done) return;
          received += value.length;
          more = take(value);
        }
      },
    });
  } catch (e) {
    if (own.signal.aborted) throw own.signal.reason;
    // `fetch` and body streams say "TypeError" for every trouble with the connection.
    throw e instanceof TypeError ? unreachable(e, what, url, received) : e;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", abort);
    own.abort();
  }
}

/** Null where there is no page: in tests. */
const ownOrigin = () => (typeof location === "undefined" ? null : location.origin);

function stalled(what: string, stallMs: number, received: number): LabError {
  const where = received > 0 ? ` after ${received} bytes` : "";
  return new LabError(
    "network",
    `${what} stopped coming: nothing for ${stallMs / 1000} s${where}. Check the connection and load it again.`,
  );
}

function unreachable(cause: TypeError, what: string, url: URL, received: number): LabError {
  if (received > 0) {
    const message = `${what} was cut off: the connection broke after ${received} bytes. Load it again.`;
    return new LabError("network", message, { cause });
  }
  const offline = typeof navigator !== "undefined" && "onLine" in navigator && !navigator.onLine;
  // A mirror's refusal to be read by another site (CORS) looks the same from here.
  const own = url.origin === HUB_ORIGIN || url.origin === ownOrigin();
  const unread = own ? "" : ", or does not let other sites read its files (CORS)";
  const why = offline ? "this computer is offline" : `${url.host} cannot be reached${unread}`;
  return new LabError(
    "network",
    `${what} could not be fetched: ${why}. Check the connection, or drop the model's files on the page.`,
    { cause },
  );
}

/** Milliseconds, from `Retry-After` of a server that has too much to do; null if it does not say. */
function askedToWait({ status, headers }: Response): number | null {
  if (status !== 429 && status !== 503) return null;
  const text = headers.get("retry-after") ?? "";
  const ms = /^\d+$/.test(text) ? 1000 * Number(text) : Date.parse(text) - Date.now();
  return Number.isFinite(ms) ? Math.max(0, ms) : null;
}

/** @throws the signal's reason, at once, when it is aborted */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done);
    if (signal.aborted) done();
  });
  signal.throwIfAborted();
}

function refused(response: Response, what: string, url: URL): LabError {
  const { status, statusText } = response;
  const answer = `${url.host} answered ${status}${statusText ? ` ${statusText}` : ""}`;
  if (status === 404 || status === 410) {
    return new LabError("not-found", `there is no ${what} (${answer})`);
  }
  if (status === 401 || status === 403) {
    return new LabError("not-found", `${what} is not open to everyone (${answer})`);
  }
  if (status === 416) {
    return new LabError("bad-file", `${what} holds fewer bytes than it must (${answer})`);
  }
  const wait = askedToWait(response);
  const when = wait === null ? "some minutes" : `${Math.ceil(wait / 1000)} s`;
  const advice =
    status === 429
      ? `too many requests from here; wait ${when} and load it again`
      : `load it again ${wait === null ? "later" : `in ${when}`}`;
  return new LabError("network", `${what} could not be fetched: ${answer}; ${advice}`);
}
