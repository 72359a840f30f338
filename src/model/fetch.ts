/**
 * Downloads over HTTP: a whole file with progress, a part of one, or only whether it is there.
 * A download that breaks off is taken up again where it ended, if the file's size is known from elsewhere: only then
 * can the pieces be checked to make up the whole.
 */
import { LabError } from "../core/lab-error.ts";
import { Gathered } from "./gathered.ts";
import { throwIfCancelled } from "./load-context.ts";
import type { ReportBytes } from "./rate-meter.ts";
import { type FetchOptions, type Transfer, withTransfer } from "./transfer.ts";

export interface DownloadOptions extends FetchOptions {
  report?: ReportBytes | undefined;
  /** The file's size where it is known from elsewhere: then anything else is an error. */
  expectedBytes?: number | undefined;
  /** Wait before a download is taken up again, doubled after each attempt in vain. @default 1 s */
  retryMs?: number | undefined;
  onResponse?: ((response: Response) => void) | undefined;
  /** Called as the file comes, with the array that will be the answer and how much of it is there. */
  onBytes?: ((bytes: Uint8Array<ArrayBuffer>, filled: number) => void) | undefined;
}

/** Attempts in a row that bring not one byte more. */
const MAX_VAIN = 3;

/** The whole file. @throws LabError "network", "not-found", "bad-file", "out-of-memory" or "cancelled" */
export async function download(
  url: URL,
  options: DownloadOptions,
): Promise<Uint8Array<ArrayBuffer>> {
  const { expectedBytes, report, retryMs = 1000, signal } = options;
  const come: { body: Gathered | null } = { body: null };
  const filled = () => come.body?.length ?? 0;
  for (let vain = 0; ;) {
    const before = filled();
    try {
      const body = await attempt(url, come, options);
      report?.(body.length, body.length);
      return body.whole();
    } catch (e) {
      vain = filled() > before ? 0 : vain + 1;
      const broken = e instanceof LabError && e.code === "network" && filled() > 0;
      const rest = (expectedBytes ?? 0) - filled();
      if (!broken || rest <= 0 || vain >= MAX_VAIN) throw e;
      await pause(retryMs * 2 ** vain, signal);
    }
  }
}

/** One request, for all that is not there yet. */
function attempt(url: URL, come: { body: Gathered | null }, options: DownloadOptions) {
  const from = come.body?.length ?? 0;
  return withTransfer(url, { ...options, alreadyBytes: from }, async (transfer) => {
    const response = await transfer.open(from > 0 ? { range: `bytes=${from}-` } : {});
    options.onResponse?.(response);
    const total = options.expectedBytes ?? contentLength(response);
    const body = (come.body ??= new Gathered(total, options.what));
    await receive(response, transfer, body, total, options);
    return body;
  });
}

async function receive(
  response: Response,
  transfer: Transfer,
  body: Gathered,
  total: number | null,
  { what, report, expectedBytes, onBytes }: DownloadOptions,
): Promise<void> {
  // A server that ignores the range sends everything again.
  let skip = response.status === 206 ? 0 : body.length;
  report?.(body.length, total);
  await transfer.read(response, (chunk) => {
    const skipped = Math.min(skip, chunk.length);
    skip -= skipped;
    body.push(chunk.subarray(skipped));
    // A compressed answer is longer than announced once unpacked: then the total is not known.
    report?.(body.length, total !== null && total < body.length ? null : total);
    onBytes?.(body.bytes, body.length);
    return expectedBytes === undefined || body.length <= expectedBytes;
  });
  if (body.length < (total ?? 0)) {
    throw new LabError(
      "network",
      `${what} was cut off: ${body.length} of ${total ?? "?"} bytes came. Load it again.`,
    );
  }
  if (expectedBytes !== undefined && body.length > expectedBytes) {
    throw new LabError("network", `${what} is longer than the ${expectedBytes} bytes announced`);
  }
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener(
      "abort",
      () => {
        clearTimeout(timer);
        resolve();
      },
      { once: true },
    );
  });
  throwIfCancelled(signal);
}

/** A small file as text. */
export async function downloadText(url: URL, options: DownloadOptions): Promise<string> {
  return new TextDecoder().decode(await download(url, options));
}

export interface Range {
  bytes: Uint8Array<ArrayBuffer>;
  /** Of the whole file, where the server said. */
  totalBytes: number | null;
}

/**
 * Bytes `begin` to `end`, or up to the end of a shorter file.
 * From a server that ignores ranges it reads as far as it must, then hangs up.
 */
export function downloadRange(
  url: URL,
  begin: number,
  end: number,
  options: FetchOptions,
): Promise<Range> {
  return withTransfer(url, options, async (transfer) => {
    const response = await transfer.open({ range: `bytes=${begin}-${end - 1}` });
    const partial = response.status === 206;
    const skip = partial ? 0 : begin;
    const stop = skip + end - begin;
    const body = new Gathered(null, options.what);
    await transfer.read(response, (chunk) => {
      body.push(chunk);
      return body.length < stop;
    });
    const ofRange = /\/(\d+)$/.exec(response.headers.get("content-range") ?? "")?.[1];
    return {
      bytes: body.bytes.slice(Math.min(skip, body.length), Math.min(stop, body.length)),
      totalBytes: !partial ? contentLength(response) : ofRange ? Number(ofRange) : null,
    };
  });
}

/** Whether the server has that file: any refusal counts as no. @throws LabError "network" if it cannot be asked */
export const exists = (url: URL, options: FetchOptions): Promise<boolean> =>
  withTransfer(url, options, async (transfer) => (await transfer.send({ method: "HEAD" })).ok);

function contentLength(response: Response): number | null {
  const text = response.headers.get("content-length");
  return text !== null && /^\d+$/.test(text) ? Number(text) : null;
}
