/** A database that this build or its keys must not work on; the process ends with status 78 (EX_CONFIG). */
export class UnfitDatabaseError extends Error {
  override readonly name = 'UnfitDatabaseError';
  readonly exitStatus = 78;
}
