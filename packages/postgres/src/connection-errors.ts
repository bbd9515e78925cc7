/** Codes of node and of Postgres that say: the server is away, or is about to be, or can write nothing. */
const AWAY = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  '57P01', // admin_shutdown
  '57P02', // crash_shutdown
  '57P03', // cannot_connect_now
  '08000',
  '08001',
  '08003',
  '08004',
  '08006',
  '25006', // read_only_sql_transaction: a standby, until the failover has ended
  '53100', // disk_full
  '53200', // out_of_memory
  '53300', // too_many_connections
  '58030', // io_error
]);

/** query_canceled: the statement timeout. One row that is locked for long is enough; the server is there. */
const TIMED_OUT = '57014';

/** What pg itself throws without a code. */
const AWAY_MESSAGE =
  /^(Connection terminated|timeout exceeded when trying to connect|Query read timeout|Client has encountered a connection error)/;

/**
 * True when Postgres could not be reached, can write nothing or did not answer in time. Whether the statement took effect
 * is then unknown, so that it may be repeated only where repeating does no harm.
 */
export function isConnectionError(error: unknown): boolean {
  return saysSo(error, ({ code, message }) => code === TIMED_OUT || isOfAway(code, message));
}

/** True when Postgres itself is away, and not just slow with one statement: whoever waits for its return waits for that. */
export function isAway(error: unknown): boolean {
  return saysSo(error, ({ code, message }) => isOfAway(code, message));
}

function isOfAway(code: unknown, message: string): boolean {
  return (typeof code === 'string' && AWAY.has(code)) || AWAY_MESSAGE.test(message);
}

function saysSo(error: unknown, says: (error: { code: unknown; message: string }) => boolean): boolean {
  if (!(error instanceof Error)) return false;
  const code = 'code' in error ? error.code : undefined;
  return says({ code, message: error.message }) || saysSo(error.cause, says);
}
