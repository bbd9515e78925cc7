import { apiConfig } from '@hooklane/api';
import { checkRedis } from '@hooklane/queue';
import { readReaperConfig } from '@hooklane/reaper';
import type { Env } from '@hooklane/runtime';
import { ALL_NAMES, ConfigError, databaseSettings, defineConfig, queueSettings } from '@hooklane/runtime';
import type { WorkerConfig } from '@hooklane/worker';
import { readWorkerConfig } from '@hooklane/worker';
import { cureOf } from './cures.ts';
import type { Finding } from './finding.ts';
import { lookAtDoors, lookAtPort, lookAtProxy } from './look-at-machine.ts';
import { findingsOf, lookAtPostgres } from './look-at-postgres.ts';

/** Looks at everything that a start would meet, as far as the settings say where it is. What is right is told too. */
export async function diagnose(env: Env): Promise<Finding[]> {
  const api = read(() => apiConfig.read(env, ALL_NAMES));
  const worker = read(() => readWorkerConfig(env));
  const reaper = read(() => readReaperConfig(env));
  const problems = new Set([api, worker, reaper].flatMap((one) => one.problems));
  const settings = [...problems].map(
    (found): Finding => ({ about: 'Settings', level: 'problem', found, cure: cureOf(found) }),
  );
  // Where one variable is wrong, the others are still of use.
  const { config: database } = read(() => databaseOnly.read(pick(env, 'DATABASE_URL')));
  const { config: queue } = read(() => queueOnly.read(pick(env, 'REDIS_URL')));
  const known = api.config ?? worker.config;
  const looks = await Promise.all([
    database === null
      ? []
      : lookAtPostgres({ url: database.databaseUrl, sealingKeys: known?.sealingKeys ?? [], pool: known?.pgPool ?? 10 }),
    queue?.redisUrl === undefined ? [] : lookAtRedis(queue.redisUrl),
    api.config === null ? [] : lookAtPort('PORT', api.config.host, api.config.port),
    known === null ? [] : lookAtPort('HOOKLANE_HEALTH_PORT', known.host, known.healthPort),
    worker.config === null ? [] : lookAtWayOut(worker.config),
  ]);
  const looked = { postgres: database !== null, redis: queue?.redisUrl !== undefined };
  return withWhatIsFine([...settings, ...looks.flat()], looked);
}

const databaseOnly = defineConfig({ databaseUrl: databaseSettings.databaseUrl });
const queueOnly = defineConfig({ redisUrl: queueSettings.redisUrl });

function pick(env: Env, name: string): Env {
  return { [name]: env[name] };
}

function read<T>(reading: () => T): { config: T | null; problems: readonly string[] } {
  try {
    return { config: reading(), problems: [] };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { config: null, problems: error.problems };
  }
}

/** Processes do without a Redis that is away; who looks ahead wants to know it. */
async function lookAtRedis(url: string): Promise<Finding[]> {
  const findings = findingsOf('Redis', await checkRedis(url));
  return findings.map((one) => (one.found.includes('cannot be reached') ? { ...one, level: 'problem' } : one));
}

async function lookAtWayOut(config: WorkerConfig): Promise<Finding[]> {
  const { egressProxy } = config;
  const proxy = egressProxy === undefined ? [] : await lookAtProxy(egressProxy);
  return [...lookAtDoors(config), ...proxy];
}

/** So that one sees what was looked at. */
function withWhatIsFine(
  findings: readonly Finding[],
  { postgres, redis }: { postgres: boolean; redis: boolean },
): Finding[] {
  const told = new Set(findings.map(({ about }) => about));
  const looked = ['Settings', ...(postgres ? ['Postgres'] : []), ...(redis ? ['Redis'] : [])];
  const fine = looked.filter((about) => !told.has(about)).map((about) => asItShouldBe(about));
  return [...findings, ...fine, ...(redis ? [] : [NO_REDIS])];
}

function asItShouldBe(about: string): Finding {
  return { about, level: 'fine', found: 'as it should be', cure: null };
}

const NO_REDIS: Finding = {
  about: 'Redis',
  level: 'fine',
  found: 'REDIS_URL is not set: work is taken from Postgres',
  cure: null,
};
