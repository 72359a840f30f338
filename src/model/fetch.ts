/**
 * Downloads over HTTP: a whole file with progress, a part of one, or only whether it is there.
 * A download that breaks off is taken up again where it ended, if the file's size is known from elsewhere: only then
 * can the pieces be checked to make up the whole. Pieces of two versions of a file are never put together.
 */
import { LabError } from "../core/lab-error.ts";
import { Gathered } from "./gathered.ts";
import { throwIfCancelled } from "./load-context.ts";
import type { ReportBytes } from "./rate-meter.ts";
import { type FetchOptions, pause, type Transfer, withTransfer } from "./transfer.ts";

export interface DownloadOptions extends FetchOptions {
  report?: ReportBytes | undefined;
  /** The file's size where it is known from elsewhere: then anything else is an error. */
  expectedBytes?: number | undefined;
  /** The file's `entityTag` where it is known from elsewhere: then another is an error. */
  expectedTag?: string | null | undefined;
  /** Wait before a download is taken up again, doubled after each attempt in vain. @default 1 s */
  retryMs?: number | undefined;
  onResponse?: ((response: Response) => void) | undefined;
}

/** Takes a file's bytes in their order. */
export interface Sink {
  /** How many have been taken. */
  readonly length: number;
  push(chunk: Uint8Array): void;
}

/** The file on the server is not the one that was begun. */
export class FileChanged extends LabError {}

/** Attempts in a row that bring not one byte more. */
const MAX_VAIN = 3;

/** The whole file. @throws LabError "network", "not-found", "bad-file", "out-of-memory" or "cancelled" */
export async function download(
  url: URL,
  options: DownloadOptions,
): Promise<Uint8Array<ArrayBuffer>> {
  const body = await downloadTo(url, (total) => new Gathered(total, options.what), options);
  return body.whole();
}

/**
 * The whole file, or what a sink that was begun before lacks of it, into a sink.
 * @param open makes the sink, knowing the size that the server announces
 * @throws LabError like `download`; FileChanged if it is another file than before
 */
export async function downloadTo<S extends Sink>(
  url: URL,
  open: S | ((totalBytes: number | null) => S),
  options: DownloadOptions,
): Promise<S> {
  const { expectedBytes, expectedTag, report, retryMs = 1000, signal } = options;
  const come: Come<S> =
    typeof open === "function"
      ? { sink: null, tag: expectedTag ?? null, open }
      : { sink: open, tag: expectedTag ?? null, open: () => open };
  const filled = () => come.sink?.length ?? 0;
  for (let vain = 0; ;) {
    const before = filled();
    try {
      const sink = await attempt(url, come, options);
      report?.(sink.length, sink.length);
      return sink;
    } catch (e) {
      vain = filled() > before ? 0 : vain + 1;
      const network = e instanceof LabError && e.code === "network" && !(e instanceof FileChanged);
      const rest = (expectedBytes ?? 0) - filled();
      if (!network || filled() === 0 || rest <= 0 || vain >= MAX_VAIN) throw e;
      await pause(retryMs * 2 ** vain, signal).catch(() => {});
      throwIfCancelled(signal);
    }
  }
}

interface Come<S> {
  sink: S | null;
  /** Of the file that was begun. */
  tag: string | null;
  open: (totalBytes: number | null) => S;
}

/** One request, for all that is not there yet. */
function attempt<S extends Sink>(url: URL, come: Come<S>, options: DownloadOptions): Promise<S> {
  const from = come.sink?.length ?? 0;
  if (come.sink && from === options.expectedBytes) return Promise.resolve(come.sink);
  return withTransfer(url, { ...options, alreadyBytes: from }, async (transfer) => {
    // No `If-Range`: it would make browsers ask first (CORS preflight), which not every server answers. The tags are
    // compared here.
    const response = await transfer.open(from > 0 ? { range: `bytes=${from}-` } : {});
    options.onResponse?.(response);
    checkSame(response, come, from, options.what);
    const total = options.expectedBytes ?? contentLength(response);
    const sink = (come.sink ??= come.open(total));
    await receive(response, transfer, sink, total, options);
    return sink;
  });
}

function checkSame(response: Response, come: Come<Sink>, from: number, what: string): void {
  const tag = entityTag(response);
  if (tag !== null && come.tag !== null && tag !== come.tag) {
    throw new FileChanged(
      "network",
      `${what} was changed on the server while it was fetched. Load it again.`,
    );
  }
  come.tag ??= tag;
  const begin = /^bytes (\d+)-/.exec(response.headers.get("content-range") ?? "")?.[1];
  if (response.status === 206 && begin !== undefined && Number(begin) !== from) {
    throw new FileChanged(
      "network",
      `${what} could not be taken up again: the server sent it from byte ${begin}, not from ${from}`,
    );
  }
}

async function receive(
  response: Response,
  transfer: Transfer,
  sink: Sink,
  total: number | null,
  { what, report, expectedBytes }: DownloadOptions,
): Promise<void> {
  // A server that ignores the range sends everything again.
  let skip = response.status === 206 ? 0 : sink.length;
  report?.(sink.length, total);
  await transfer.read(response, (chunk) => {
    const skipped = Math.min(skip, chunk.length);
    skip -= skipped;
    if (expectedBytes !== undefined && sink.length + chunk.length - skipped > expectedBytes) {
      const announced = `the ${expectedBytes} bytes announced`;
      throw new FileChanged("network", `${what} is longer than ${announced}. Load it again.`);
    }
    sink.push(chunk.subarray(skipped));
    // A compressed answer is longer than announced once unpacked: then the total is not known.
    report?.(sink.length, total !== null && total < sink.length ? null : total);
    return true;
  });
  if (sink.length < (total ?? 0)) {
    throw new LabError(
      "network",
      `${what} was cut off: ${sink.length} of ${total ?? "?"} bytes came. Load it again.`,
    );
  }
}

/** A small file as text. */
export async function downloadText(url: URL, options: DownloadOptions): Promise<string> {
  return new TextDecoder().decode(await download(url, options));
}

export interface Range {
  bytes: Uint8Array<ArrayBuffer>;
  /** Of the whole file, where the server said. */
  totalBytes: number | null;
  tag: string | null;
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
      tag: entityTag(response),
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

/** What names this very content on its server: the ETag, weak or not. Null where it is not told to other sites. */
export const entityTag = ({ headers }: Pick<Response, "headers">): string | null =>
  headers.get("etag")?.replace(/^W\//, "") ?? null;
