/** The Hub's address, and those of mirrors: servers with the Hub's paths, `{id}/resolve/{revision}/{file}`. */
import { LabError } from "./lab-error.ts";

export const HUB = "https://huggingface.co/";

const LOCAL = ["localhost", "127.0.0.1"];

/**
 * Reads what a user or a link gives as the mirror.
 * @param base the app's own address: a mirror may be a folder beside it
 * @returns with "/" at its end
 * @throws LabError "bad-input"
 */
export function readHubAddress(text: string, base: string): string {
  const bad = (why: string) =>
    new LabError(
      "bad-input",
      `"${text.slice(0, 100)}" is no address of a mirror: ${why}. Write one like "https://hub.school.example/".`,
    );
  // A folder beside the app is written "./models/" or "/models/": a word alone is rather a mistake.
  if (!/^\s*([a-z][a-z\d+.-]*:|\.{0,2}\/)/i.test(text)) throw bad("it is no web address");
  let url: URL;
  try {
    url = new URL(text.trim(), base);
  } catch {
    throw bad("it is no web address");
  }
  const own = url.origin === new URL(base).origin;
  const secure =
    url.protocol === "https:" || (url.protocol === "http:" && LOCAL.includes(url.hostname));
  if (!own && !secure) throw bad("it must begin with https://");
  if (!/^[a-z\d.-]+$/.test(url.hostname)) throw bad("it has no plain host name");
  if (url.username || url.password) throw bad("it must not hold a name or a password");
  if (url.search || url.hash) throw bad("it must end with a path, without “?” and “#”");
  if (!url.pathname.endsWith("/")) url.pathname += "/";
  return url.href;
}
