/**
 * The headers that the app is meant to be served with. One source for the development server, the preview server,
 * the service worker (which supplies them where a static host cannot) and the policy written into index.html.
 */

/** Cross-origin isolation: without it a page gets no SharedArrayBuffer, so WebAssembly runs on one thread. */
export const ISOLATION_HEADERS = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
  "Cross-Origin-Resource-Policy": "same-origin",
} as const;

/**
 * Nothing may be fetched from anyone but this site, except models from the Hugging Face Hub and the hosts it redirects
 * to. `wasm-unsafe-eval` allows WebAssembly to be compiled, and no other code to be made from text.
 */
const POLICY: Record<string, string> = {
  "default-src": "'none'",
  "script-src": "'self' 'wasm-unsafe-eval'",
  "worker-src": "'self'",
  "style-src": "'self'",
  "img-src": "'self' data: blob:",
  "font-src": "'self'",
  "connect-src": "'self' https://huggingface.co https://*.huggingface.co https://*.hf.co",
  "manifest-src": "'self'",
  "base-uri": "'none'",
  "form-action": "'none'",
};

export const CONTENT_SECURITY_POLICY = Object.entries(POLICY)
  .map(([directive, sources]) => `${directive} ${sources}`)
  .join("; ");

/** `frame-ancestors` is ignored in a meta element, so it is in the header alone. */
export const SECURITY_HEADERS = {
  ...ISOLATION_HEADERS,
  "Content-Security-Policy": `${CONTENT_SECURITY_POLICY}; frame-ancestors 'self'`,
  "Referrer-Policy": "no-referrer",
  "X-Content-Type-Options": "nosniff",
} as const;
