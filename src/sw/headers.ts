/** Cross-origin isolation for hosts that cannot send headers. */
import { headers as added } from "./build.ts";

/**
 * Gives a response the headers of an isolated page (COOP, COEP, CORP) and the app's security policy, whatever the host
 * sent. A host of static files mostly cannot send them.
 */
export function withHeaders(response: Response): Response {
  // A redirect or an opaque answer has no readable head: passed on as it is.
  if (response.type === "opaque" || response.type === "opaqueredirect" || response.status === 0) {
    return response;
  }
  const headers = new Headers(response.headers);
  for (const [name, value] of Object.entries(added)) headers.set(name, value);
  return new Response(response.body, {
    status: response.status,
    statusText: response.statusText,
    headers,
  });
}
