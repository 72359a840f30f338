/**
 * One HTTP request under watch: it ends when the caller aborts or the server falls silent, and whatever goes wrong
 * becomes a LabError that says what to do.
 */
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
}
export interface Transfer {
  /** The answer, whatever its status. */
  send(init: RequestInit): Promise<Response>;
  /** An answer with a body. @throws LabError for any other */
  open(headers?: Record<string, string>): Promise<Response>;
  /** Hands on the body piece by piece, until it ends or `take` answers false. */
  read(response: Response, take: (chunk: Uint8Array) => boolean): Promise<void>;
}

const STALL_MS = 30_000;

/** Runs `work` with a transfer from `url`, and lets go of the connection afterwards. */
export async function withTransfer<T>(
  url: URL,
  { signal, what, stallMs = STALL_MS, alreadyBytes = 0, explain }: FetchOptions,
  work: (transfer: Transfer) => Promise<T>,
): Promise<T> {
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
        const response = await send({ headers, ...("range" in headers && { cache: "no-store" }) });
        if (response.ok) return response;
        throw explain?.(response) ?? refused(response, what, url);
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
  const why = offline ? "this computer is offline" : `${url.host} cannot be reached`;
  return new LabError(
    "network",
    `${what} could not be fetched: ${why}. Check the connection, or drop the model's files on the page.`,
    { cause },
  );
}

function refused({ status, statusText }: Response, what: string, url: URL): LabError {
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
  const advice =
    status === 429
      ? "too many requests from here; wait some minutes and load it again"
      : "load it again later";
  return new LabError("network", `${what} could not be fetched: ${answer}; ${advice}`);
}
