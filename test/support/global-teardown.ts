/** Jest's globalTeardown: stops what globalSetup may have started. */
import './global-setup';

export default async function globalTeardown(): Promise<void> {
  await globalThis.hssDatabaseOffer?.close();
}
