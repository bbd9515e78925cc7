import { ConfigError } from './config.ts';
import type { Logger } from './logger.ts';
import { createLogger } from './logger.ts';

export interface MainOptions {
  /** How long the event loop may take to empty itself after `main` ended, in milliseconds. Default 2 000. */
  lingerMs?: number;
}

/**
 * The entry of a process: runs `main` and turns its end into an exit code. Never rejects.
 *
 * - `main` resolves: the process ends by itself with code 0.
 * - it throws a ConfigError: every problem on a line of its own on stderr, code 1.
 * - it throws anything else: one fatal log line, code 1.
 * - something nobody awaited throws: one fatal log line and exit at once, code 1. State is safe in Postgres; going on
 *   with an unknown state in memory is not.
 * - handles still keep the process alive `lingerMs` after the end (a stop that missed its deadline): exit, code 1.
 */
export async function runMain(name: string, main: () => Promise<void>, options: MainOptions = {}): Promise<void> {
  const logger = createLogger({ name, level: 'info' });
  process.on('uncaughtException', (error) => crash(logger, error));
  process.on('unhandledRejection', (reason) => crash(logger, reason));
  try {
    await main();
  } catch (error) {
    process.exitCode = 1;
    report(error, { name, logger });
  }
  exitUnlessEnded(logger, options.lingerMs ?? 2000);
}

function crash(logger: Logger, error: unknown): void {
  try {
    logger.fatal({ err: error }, 'crashed');
  } finally {
    process.exit(1);
  }
}

function report(error: unknown, { name, logger }: { name: string; logger: Logger }): void {
  if (error instanceof ConfigError) {
    // For the person who just typed `start`, not for a log collector: no JSON, no stack.
    process.stderr.write(error.problems.map((problem) => `${name}: ${problem}\n`).join(''));
  } else {
    logger.fatal({ err: error }, 'failed');
  }
}

/** Unreferenced: the timer alone does not keep the process alive, so a clean end never waits for it. */
function exitUnlessEnded(logger: Logger, lingerMs: number): void {
  const timer = setTimeout(() => {
    logger.fatal({ lingerMs, handles: process.getActiveResourcesInfo() }, 'still alive after the end');
    process.exit(1);
  }, lingerMs);
  timer.unref();
}
