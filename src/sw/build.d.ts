/** Put in by the build (scripts/build/service-worker.ts). */
declare const BUILD: {
  /** Every file of the app, by its path under the app's folder, with the SHA-256 of its content in hexadecimal. */
  readonly files: Readonly<Record<string, string>>;
  /** Headers that every response gets: cross-origin isolation and the Content-Security-Policy. */
  readonly headers: Readonly<Record<string, string>>;
};
