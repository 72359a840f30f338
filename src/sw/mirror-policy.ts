/** The Content-Security-Policy of a worker that may also reach the mirror which its user has chosen. */

/**
 * @param policy of everything else
 * @param query of the worker script's address, in which the page names the mirror's origin
 * @returns the policy with that one origin; unchanged if there is none, or nothing that is an origin
 */
export function withMirror(policy: string, query: URLSearchParams): string {
  const asked = query.get("hub");
  if (asked === null || !URL.canParse(asked)) return policy;
  const { origin, protocol } = new URL(asked);
  if (origin !== asked || (protocol !== "https:" && protocol !== "http:")) return policy;
  return policy.replace(/connect-src [^;]*/, (sources) => `${sources} ${origin}`);
}
