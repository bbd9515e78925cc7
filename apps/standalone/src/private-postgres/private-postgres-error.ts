/** Postgres could not be started here; the message says why and what can be done about it. */
export class PrivatePostgresError extends Error {
  override readonly name = 'PrivatePostgresError';
}
