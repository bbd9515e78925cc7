import type { DestinationStream, LevelWithSilent, Logger } from 'pino';
import { pino, stdTimeFunctions } from 'pino';
import { describeError } from './describe-error.ts';
import { REDACTED, redactRecord, SENSITIVE_KEYS } from './redact-record.ts';

export type { Logger } from 'pino';

export interface LoggerOptions {
  /** Name of the process; the field `service` of every line. */
  name: string;
  level: LevelWithSilent;
  /**
   * Default: stdout, written in the background, so that a slow reader of the log does not hold up the work; `fatal` and
   * the exit of the process flush what is left. Only a SIGKILL loses lines.
   */
  destination?: DestinationStream;
}

/**
 * One JSON line per record, levels by name. What could hold a credential is replaced at the top of a record and one level
 * below it; in the bindings of a child only at the top and below `req`, `res`, `request`, `response`.
 */
export function createLogger({ name, level, destination }: LoggerOptions): Logger {
  const options = {
    level,
    base: { service: name, pid: process.pid },
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }), log: redactRecord },
    serializers: { err: describeOnce },
    redact: { paths: redactedPaths(), censor: REDACTED },
  };
  return destination ? pino(options, destination) : pino(options);
}

/** In place of pino's own, which copies all enumerable fields. Those of a record come here described; a child's do not. */
function describeOnce(error: unknown): unknown {
  return error instanceof Error ? describeError(error) : error;
}

/** Names only, no wildcards: they cost nothing on lines that lack them. They also see what a serializer returns. */
function redactedPaths(): string[] {
  const parents = ['req', 'res', 'request', 'response'];
  return SENSITIVE_KEYS.flatMap((key) => [key, ...parents.map((parent) => `${parent}.${key}`)]);
}
