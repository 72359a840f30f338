/** Downloads over HTTP: a whole file with progress, a part of one, or only whether it is there. */
import { LabError } from "../core/lab-error.ts";
import { Gathered } from "./gathered.ts";
import type { ReportBytes } from "./rate-meter.ts";
import { type FetchOptions, withTransfer } from "./transfer.ts";

export interface DownloadOptions extends FetchOptions {
  report?: ReportBytes | undefined;
  /** The file's size where it is known from elsewhere: then anything else is an error. */
  expectedBytes?: number | undefined;
  onResponse?: ((response: Response) => void) | undefined;
  /** Called as the file comes, with the array that will be the answer and how much of it is there. */
  onBytes?: ((bytes: Uint8Array<ArrayBuffer>, filled: number) => void) | undefined;
}

/** The whole file. @throws LabError "network", "not-found", "out-of-memory" or "cancelled" */
export function download(url: URL, options: DownloadOptions): Promise<Uint8Array<ArrayBuffer>> {
  const { what, report, onResponse, onBytes, expectedBytes } = options;
  return withTransfer(url, options, async (transfer) => {
    const response = await transfer.open();
    onResponse?.(response);
    const total = expectedBytes ?? contentLength(response);
    const body = new Gathered(total, what);
    report?.(0, total);
    await transfer.read(response, (chunk) => {
      body.push(chunk);
      // A compressed answer is longer than announced once unpacked: then the total is not known.
      report?.(body.length, total !== null && total < body.length ? null : total);
      onBytes?.(body.bytes, body.length);
      return expectedBytes === undefined || body.length <= expectedBytes;
    });
    if (body.length < (total ?? 0)) {
      throw new LabError(
        "network",
        `${what} was cut off: ${body.length} of ${total} bytes came. Load it again.`,
      );
    }
    if (expectedBytes !== undefined && body.length > expectedBytes) {
      throw new LabError("network", `${what} is longer than the ${expectedBytes} bytes announced`);
    }
    report?.(body.length, body.length);
    return body.whole();
  });
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
