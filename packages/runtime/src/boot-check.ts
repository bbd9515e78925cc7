import { ConfigError } from './config.ts';
import { describeError } from './describe-error.ts';
import type { Logger } from './logger.ts';
import type { Service } from './service.ts';
import { sleep } from './wait.ts';

/** What a look at something we depend on found, in sentences for whoever runs us. */
export interface BootReport {
  /** Promises could not be kept: do not start. */
  problems: string[];
  /** It works, but somebody should know. */
  warnings: string[];
}

export interface BootCheckOptions {
  /** By the name of what is looked at. One that rejects could not look: it is tried again. */
  checks: Readonly<Record<string, () => Promise<BootReport>>>;
  logger: Pick<Logger, 'warn'>;
  /** How long something may be out of reach at the start. Default 30 s: a database that starts beside us. */
  patienceMs?: number;
}

const RETRY_MS = 500;

/**
 * A service that starts only where all checks find no problem. Throws a ConfigError with the problems of all of them, or
 * what kept a check from looking for `patienceMs`.
 */
export function createBootCheck({ checks, logger, patienceMs = 30_000 }: BootCheckOptions): Service {
  async function look(name: string, check: () => Promise<BootReport>): Promise<BootReport> {
    const deadline = performance.now() + patienceMs;
    for (;;) {
      try {
        return await check();
      } catch (error) {
        if (performance.now() > deadline) throw error;
        logger.warn({ check: name, err: describeError(error) }, 'boot.waiting');
      }
      await sleep(RETRY_MS);
    }
  }

  return {
    name: 'boot-check',
    async start() {
      const reports = await Promise.all(Object.entries(checks).map(([name, check]) => look(name, check)));
      for (const warning of reports.flatMap((report) => report.warnings)) logger.warn({ warning }, 'boot.warning');
      const problems = reports.flatMap((report) => report.problems);
      if (problems.length > 0) throw new ConfigError(problems);
    },
    async stop() {},
  };
}
