/** Lets waiting messages in between two pieces of long work. */

/** Ends the current task, so that a waiting message (a "cancel") is delivered; `await null` never lets one in. */
export const breathe = () =>
  new Promise<void>((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
