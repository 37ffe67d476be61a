/** Shared by globalSetup and the tests. */

/** Environment variable with the path of the socket that gives out databases. */
export const databaseSocketVariable = 'HSS_TEST_DATABASE_SOCKET';

/** The same server, another database. */
export function withDatabase(url: string, name: string): string {
  return url.replace(/^(postgresql:\/\/[^/]*\/)[^?]*/, `$1${name}`);
}
