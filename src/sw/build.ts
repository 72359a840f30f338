/** What the build tells the service worker (scripts/build/service-worker.ts puts it in place of `BUILD`). */
declare const BUILD: {
  readonly files: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
};

/**
 * `files`: every file of the app, by its path under the app's folder, with the SHA-256 of its content in hexadecimal.
 * `headers`: what every response gets, for cross-origin isolation and the Content-Security-Policy.
 */
export const { files, headers } = BUILD;
