import { ConfigError } from './config.ts';
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

/** Nothing could be seen. */
export interface OutOfReach {
  /** Why, in a sentence that names the setting and no secret. */
  outOfReach: string;
  /** It may be there in a moment: worth another look. */
  mayCome: boolean;
}

export type BootLook = () => Promise<BootReport | OutOfReach>;

export interface BootCheckOptions {
  /** By the name of what is looked at; null for what we do without. */
  checks: Readonly<Record<string, BootLook | null>>;
  logger: Pick<Logger, 'warn'>;
  /** How long something may be out of reach at the start. Default 30 s: a database that starts beside us. */
  patienceMs?: number;
}

const RETRY_MS = 500;

/** A service that starts only where all checks find no problem. Throws a ConfigError with the problems of all of them. */
export function createBootCheck({ checks, logger, patienceMs = 30_000 }: BootCheckOptions): Service {
  async function lookUntilReached(name: string, look: BootLook): Promise<BootReport> {
    const deadline = performance.now() + patienceMs;
    let told = '';
    for (;;) {
      const seen = await look();
      if ('problems' in seen) return seen;
      const { outOfReach, mayCome } = seen;
      if (!mayCome || performance.now() > deadline) return { problems: [outOfReach], warnings: [] };
      // Once for each reason: the same sentence twice a second hides what else is said.
      if (outOfReach !== told) logger.warn({ check: name, reason: outOfReach }, 'boot.waiting');
      told = outOfReach;
      await sleep(RETRY_MS);
    }
  }

  return {
    name: 'boot-check',
    async start() {
      const looks = Object.entries(checks).map(([name, look]) =>
        look === null ? NOTHING : lookUntilReached(name, look),
      );
      const reports = await Promise.all(looks);
      for (const warning of reports.flatMap((report) => report.warnings)) logger.warn({ warning }, 'boot.warning');
      const problems = reports.flatMap((report) => report.problems);
      if (problems.length > 0) throw new ConfigError(problems);
    },
    async stop() {},
  };
}

const NOTHING: BootReport = { problems: [], warnings: [] };
