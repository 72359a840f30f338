/** Cross-origin isolation for hosts that cannot send headers. */
import { headers as added } from "./build.ts";
import { withMirror } from "./mirror-policy.ts";

const POLICY = "Content-Security-Policy";

/**
 * Gives a response the headers of an isolated page (COOP, COEP, CORP) and the app's security policy, whatever the host
 * sent. A host of static files mostly cannot send them.
 * @param query of the address asked for: a worker's may name a mirror
 */
export function withHeaders(response: Response, query = new URLSearchParams()): Response {
  // A redirect or an opaque answer has no readable head: passed on as it is.
  if (response.type === "opaque" || response.type === "opaqueredirect" || response.status === 0) {
    return response;
  }
  const headers = new Headers(response.headers);
  for (const [name, value] of Object.entries(added)) headers.set(name, value);
  headers.set(POLICY, withMirror(headers.get(POLICY) ?? "", query));
  return new Response(response.body, {
    status: response.status,
    statusText: response.statusText,
    headers,
  });
}

/** The policy of a page that runs this one script, written in it, and has nothing else. */
export async function onlyScript(script: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(script));
  const hash = btoa(String.fromCharCode(...new Uint8Array(digest)));
  return `default-src 'none'; img-src data:; script-src 'sha256-${hash}'`;
}
