/** Waiting, for everything in the store that retries. */

/** Resolves after `ms` milliseconds; does not keep the process alive where `unref` is set. */
export function sleep(ms: number, unref = false): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    if (unref) timer.unref();
  });
}
