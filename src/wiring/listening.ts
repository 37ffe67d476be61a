/** Opening a listener: what the system refuses is said with the setting that asked for it. */

/** What of the setting is wrong, by the system's code. */
const parts: Readonly<Record<string, string>> = {
  EADDRINUSE: 'port',
  EACCES: 'port',
  EADDRNOTAVAIL: 'addresses',
};

/**
 * `setting` is the section, e.g. `diameter.listen[0]`. @throws Error that names it, with the system's error
 * as its cause
 */
export async function opening<T>(setting: string, open: () => Promise<T>): Promise<T> {
  try {
    return await open();
  } catch (error) {
    const { code, message } = error as Partial<NodeJS.ErrnoException>;
    const part = parts[code ?? ''];
    if (part === undefined) throw error;
    throw new Error(`${setting}.${part}: ${message}`, { cause: error });
  }
}
