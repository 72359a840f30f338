/** Writes the Content-Security-Policy into the built index.html, for hosts that cannot send headers. */
import type { Plugin } from "vite";
import { CONTENT_SECURITY_POLICY } from "./headers.ts";

export function policy(): Plugin {
  return {
    name: "glassroom:policy",
    apply: "build", // the development server's page needs inline scripts for hot reloading
    transformIndexHtml: () => [
      {
        tag: "meta",
        attrs: { "http-equiv": "Content-Security-Policy", content: CONTENT_SECURITY_POLICY },
        injectTo: "head-prepend",
      },
    ],
  };
}
