/** Lets `vite preview` answer for a worker with a mirror as the service worker does (src/sw/mirror-policy.ts). */
import type { Plugin } from "vite";
import { withMirror } from "../../src/sw/mirror-policy.ts";

export function mirror(): Plugin {
  return {
    name: "glassroom:mirror",
    configurePreviewServer({ middlewares }) {
      middlewares.use((request, response, next) => {
        const { pathname, searchParams } = new URL(request.url ?? "/", "http://app");
        if (searchParams.has("hub") && /\/(writer-)?worker-[^/]*\.js$/.test(pathname)) {
          const set = response.setHeader.bind(response);
          response.setHeader = (name, value) =>
            name.toLowerCase() === "content-security-policy"
              ? set(name, withMirror(String(value), searchParams))
              : set(name, value);
        }
        next();
      });
    },
  };
}
