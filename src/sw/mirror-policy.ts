/** The Content-Security-Policy of a worker that may also reach the mirror which its user has chosen. */

/**
 * @param policy of everything else
 * @param query of the worker script's address, in which the page names the mirror's origin
 * @returns the policy with that one origin; unchanged if there is none, or nothing that is an origin
 */
export function withMirror(policy: string, query: URLSearchParams): string {
  const asked = query.get("hub");
  // One host by its name: a policy would take "*" for any.
  if (asked === null || !/^https?:\/\/[a-z\d.-]+(:\d+)?$/.test(asked)) return policy;
  if (!URL.canParse(asked) || new URL(asked).origin !== asked) return policy;
  return policy.replace(/connect-src [^;]*/, (sources) => `${sources} ${asked}`);
}
