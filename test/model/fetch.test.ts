import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { afterEach, describe, expect, it } from "vitest";
import { LabError } from "../../src/core/lab-error.ts";
import { download, downloadRange, downloadText, exists } from "../../src/model/fetch.ts";

const servers: Server[] = [];
async function serve(listener: RequestListener): Promise<URL> {
  const server = createServer(listener).listen(0, "127.0.0.1");
  servers.push(server);
  await once(server, "listening");
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/file`);
}
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

const data = Uint8Array.from({ length: 300_000 }, (_, i) => i % 251);
const options = (more: object = {}) => ({
  signal: new AbortController().signal,
  what: "the file",
  ...more,
});
const failure = async (promise: Promise<unknown>): Promise<LabError> => {
  const error: unknown = await promise.catch((e: unknown) => e);
  if (error instanceof LabError) return error;
  throw new Error(`no LabError but ${String(error)}`);
};

describe("download", () => {
  it("gives the whole file and tells how far it is", async () => {
    const url = await serve((_, response) => {
      response.writeHead(200, { "Content-Length": data.length }).end(data);
    });
    const seen: [number, number | null][] = [];
    const bytes = await download(
      url,
      options({
        report: (loaded: number, total: number | null) => seen.push([loaded, total]),
      }),
    );
    expect(bytes).toEqual(data);
    expect(seen[0]).toEqual([0, data.length]);
    expect(seen.at(-1)).toEqual([data.length, data.length]);
    const loaded = seen.map(([bytes]) => bytes);
    expect(loaded).toEqual([...loaded].sort((a, b) => a - b));
  });

  it("takes a file whose size the server does not tell, and a compressed one", async () => {
    const chunked = await serve((_, response) => {
      response.write(data.subarray(0, 1000));
      response.end(data.subarray(1000));
    });
    expect(await download(chunked, options())).toEqual(data);
    const zipped = gzipSync(data);
    const gzip = await serve((_, response) => {
      const headers = { "Content-Encoding": "gzip", "Content-Length": zipped.length };
      response.writeHead(200, headers).end(zipped);
    });
    const totals: (number | null)[] = [];
    const report = (_: number, total: number | null) => totals.push(total);
    expect(await download(gzip, options({ report }))).toEqual(data);
    expect(totals.at(-1)).toBe(data.length);
  });

  it("notices a connection that breaks", async () => {
    const url = await serve((_, response) => {
      response.writeHead(200, { "Content-Length": data.length });
      response.write(data.subarray(0, 1000), () => response.destroy());
    });
    const error = await failure(download(url, options()));
    expect(error.code).toBe("network");
    expect(error.message).toMatch(/^the file was cut off: .* 1000 bytes.* Load it again/);
  });

  it("notices a file that is shorter or longer than it must be", async () => {
    const url = await serve((_, response) => {
      response.writeHead(200, { "Content-Length": 1000 }).end(data.subarray(0, 1000));
    });
    const short = await failure(download(url, options({ expectedBytes: 2000 })));
    expect(short.message).toBe("the file was cut off: 1000 of 2000 bytes came. Load it again.");
    const long = await failure(download(url, options({ expectedBytes: 999 })));
    expect(long.message).toMatch(/longer than the 999 bytes/);
  });

  it("gives up on a server that falls silent, before or amid the file", async () => {
    const silent = await serve(() => {});
    const before = await failure(download(silent, options({ stallMs: 100 })));
    expect(before).toMatchObject({ code: "network" });
    expect(before.message).toMatch(/stopped coming: nothing for 0\.1 s\. Check/);
    const midway = await serve((_, response) => {
      response.writeHead(200, { "Content-Length": data.length });
      response.write(data.subarray(0, 1000));
    });
    const amid = await failure(download(midway, options({ stallMs: 100 })));
    expect(amid.message).toMatch(/nothing for 0\.1 s after 1000 bytes/);
  });

  it("does not take slow for silent", async () => {
    const url = await serve((_, response) => {
      response.writeHead(200, { "Content-Length": 600 });
      for (let i = 0; i < 6; i++) {
        setTimeout(() => response.write(data.subarray(100 * i, 100 * i + 100)), 60 * i);
      }
      setTimeout(() => response.end(), 360);
    });
    expect(await download(url, options({ stallMs: 200 }))).toEqual(data.slice(0, 600));
  });

  it("stops when it is cancelled, and hangs up", async () => {
    let hungUp = false;
    const url = await serve((_, response) => {
      response.on("close", () => (hungUp = true));
      response.writeHead(200, { "Content-Length": data.length });
      response.write(data.subarray(0, 1000));
    });
    const abort = new AbortController();
    const report = (bytes: number) => bytes > 0 && abort.abort();
    const error = await failure(download(url, options({ signal: abort.signal, report })));
    expect(error.code).toBe("cancelled");
    await expect.poll(() => hungUp).toBe(true);
    const late = await failure(download(url, options({ signal: abort.signal })));
    expect(late.code).toBe("cancelled");
  });

  it("hangs up, too, when the receiver fails", async () => {
    let hungUp = false;
    const url = await serve((_, response) => {
      response.on("close", () => (hungUp = true));
      response.writeHead(200, { "Content-Length": data.length });
      response.write(data.subarray(0, 1000));
    });
    const report = (bytes: number) => {
      if (bytes > 0) throw new LabError("quota", "full");
    };
    expect((await failure(download(url, options({ report })))).code).toBe("quota");
    await expect.poll(() => hungUp).toBe(true);
  });

  it.each([
    [404, "not-found", /there is no the file \(127\.0\.0\.1:\d+ answered 404 Not Found\)/],
    [403, "not-found", /not open to everyone/],
    [429, "network", /too many requests from here; wait/],
    [500, "network", /answered 500 Internal Server Error; load it again later/],
  ])("says what HTTP %i means", async (status, code, message) => {
    const url = await serve((_, response) => void response.writeHead(status).end());
    const error = await failure(download(url, options()));
    expect(error.code).toBe(code);
    expect(error.message).toMatch(message);
    const explained = options({ explain: (r: Response) => new LabError("quota", `${r.status}!`) });
    expect((await failure(download(url, explained))).message).toBe(`${status}!`);
  });

  it("says that a host cannot be reached", async () => {
    const error = await failure(download(new URL("http://127.0.0.1:9/x"), options()));
    expect(error.code).toBe("network");
    expect(error.message).toMatch(
      /127\.0\.0\.1:9 cannot be reached, or .* \(CORS\)\. Check the connection, or drop/,
    );
  });

  it("runs out of memory with a message", async () => {
    const url = await serve((_, response) => {
      response.writeHead(200, { "Content-Length": 2 ** 52 });
      response.write("x");
    });
    expect((await failure(download(url, options()))).code).toBe("out-of-memory");
  });
});

it("downloadText reads UTF-8", async () => {
  const url = await serve((_, response) => void response.end("naïve 🙂"));
  expect(await downloadText(url, options())).toBe("naïve 🙂");
});

describe("downloadRange", () => {
  const ranged: RequestListener = ({ headers: { range } }, response) => {
    const [, begin, last] = (/bytes=(\d+)-(\d+)/.exec(range ?? "") ?? []).map(Number);
    const part = data.subarray(begin, last! + 1);
    const end = begin! + part.length - 1;
    response.setHeader("Content-Range", `bytes ${begin}-${end}/${data.length}`);
    response.writeHead(206).end(part);
  };
  const ignoring: RequestListener = (_, response) =>
    void response.writeHead(200, { "Content-Length": data.length }).end(data);

  it.each([
    ["a server that knows ranges", ranged],
    ["a server that ignores them", ignoring],
  ])("reads from %s", async (_, listener) => {
    const url = await serve(listener);
    const middle = await downloadRange(url, 1000, 2000, options());
    expect(middle).toEqual({ bytes: data.slice(1000, 2000), totalBytes: data.length, tag: null });
    const end = await downloadRange(url, 299_990, 400_000, options());
    expect(end.bytes).toEqual(data.slice(299_990));
  });
});

it("exists", async () => {
  const url = await serve(({ url, method }, response) => {
    response.writeHead(method === "HEAD" && url === "/file" ? 200 : 404).end();
  });
  expect(await exists(url, options())).toBe(true);
  expect(await exists(new URL("other", url), options())).toBe(false);
  expect((await failure(exists(new URL("http://127.0.0.1:9/"), options()))).code).toBe("network");
});
