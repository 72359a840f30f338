import { expect, it } from "vitest";
import { CONTENT_SECURITY_POLICY } from "../../scripts/build/headers.ts";
import { withMirror } from "../../src/sw/mirror-policy.ts";

const asked = (hub: string) => withMirror(CONTENT_SECURITY_POLICY, new URLSearchParams({ hub }));

it("adds one origin to what a worker may reach, and to nothing else", () => {
  const policy = asked("https://hub.school.example");
  const changed = policy
    .split("; ")
    .filter((part, i) => part !== CONTENT_SECURITY_POLICY.split("; ")[i]);
  expect(changed).toEqual([
    expect.stringMatching(/^connect-src 'self' .* https:\/\/hub\.school\.example$/),
  ]);
});

it.each([
  "*",
  "https:",
  "https://*.example",
  "https://a.example/path",
  "https://a.example; script-src *",
  "https://a.example https://b.example",
  "data:text/plain,x",
  "'unsafe-inline'",
  "",
])("passes over %j, which is no origin", (hub) => expect(asked(hub)).toBe(CONTENT_SECURITY_POLICY));
