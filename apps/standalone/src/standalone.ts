import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { migrate, whyUnreachable } from '@hooklane/postgres';
import { ConfigError } from '@hooklane/runtime';
import { freePort, isPortFree } from './free-port.ts';
import type { StandaloneKeys } from './keys.ts';
import { keepKeys, makeKeys } from './keys.ts';
import type { PrivatePostgres, PrivatePostgresOptions } from './private-postgres.ts';
import { startPrivatePostgres } from './private-postgres.ts';
import type { Supervised } from './supervised.ts';
import { supervise } from './supervised.ts';

export interface StandaloneOptions {
  /** Of the environment: PORT, DATABASE_URL (instead of the embedded Postgres), REDIS_URL and HOOKLANE_*, of which HOOKLANE_DATA_DIR is our own. */
  env: NodeJS.ProcessEnv;
  /** True keeps data and keys for the next start; false removes them on stop. */
  persistent: boolean;
  tell: (line: string) => void;
}

/** API, worker and reaper as children of this process. */
export interface Standalone {
  readonly url: string;
  readonly operatorKey: string;
  readonly databaseUrl: string;
  /** Where each of them answers `/healthz`, `/readyz` and `/metrics`. */
  readonly health: Readonly<Record<'api' | 'worker' | 'reaper', string>>;
  readonly api: Supervised;
  readonly worker: Supervised;
  readonly reaper: Supervised;
  stop(): Promise<void>;
}

/** Two seconds of work, which a machine that does other things has spread over a minute. */
const READY_MS = 120_000;
const STOP_MS = 40_000;

/** Starts everything and resolves when all of it works. A start that fails stops what it had started. */
export async function startStandalone(options: StandaloneOptions): Promise<Standalone> {
  await refuseTakenPort(options.env['PORT']);
  await refuseUnreachable(options.env['DATABASE_URL']);
  const postgres = options.env['DATABASE_URL'] ? null : await startPrivatePostgres(placeOf(options));
  const databaseUrl = postgres?.url ?? options.env['DATABASE_URL'] ?? '';
  try {
    const keys = await keysFor(options, postgres);
    await migrate(databaseUrl);
    return await startProcesses(options, { databaseUrl, keys, postgres });
  } catch (error) {
    await postgres?.stop();
    throw error;
  }
}

function placeOf({ env, persistent }: StandaloneOptions): PrivatePostgresOptions {
  const dataDir = env['HOOKLANE_DATA_DIR'];
  return dataDir && persistent ? { dataDir: join(dataDir, 'postgres') } : { persistent };
}

/** Somebody else's answer there would be taken for ours, and the API could never listen. */
async function refuseTakenPort(port: string | undefined): Promise<void> {
  if (!port || (await isPortFree(Number(port)))) return;
  throw new ConfigError([`port ${port} is in use: set PORT to a free one`]);
}

/** Said here, for the person at the terminal: as a failed migration it would be a log line with a stack. */
async function refuseUnreachable(databaseUrl: string | undefined): Promise<void> {
  const unreachable = databaseUrl ? await whyUnreachable(databaseUrl) : null;
  if (unreachable !== null) throw new ConfigError([unreachable.outOfReach]);
}

async function keysFor(
  { env, persistent }: StandaloneOptions,
  postgres: PrivatePostgres | null,
): Promise<StandaloneKeys> {
  const home = postgres
    ? dirname(postgres.dataDir)
    : env['HOOKLANE_DATA_DIR'] || join(homedir(), '.local', 'share', 'hooklane');
  const own = persistent ? await keepKeys(join(home, 'standalone-keys.json')) : makeKeys();
  return {
    operatorKey: env['HOOKLANE_OPERATOR_KEY'] || own.operatorKey,
    sealingKeys: env['HOOKLANE_SEALING_KEYS'] || own.sealingKeys,
  };
}

interface Started {
  databaseUrl: string;
  keys: StandaloneKeys;
  postgres: PrivatePostgres | null;
}

async function startProcesses(options: StandaloneOptions, started: Started): Promise<Standalone> {
  const host = '127.0.0.1';
  const port = options.env['PORT'] || String(await freePort());
  const env = environmentOf(options, started);
  const healthPorts = { api: await freePort(), worker: await freePort(), reaper: await freePort() };
  const start = (name: keyof typeof healthPorts, readyPort: number | string) =>
    supervise({
      name,
      env: { ...env, PORT: port, HOOKLANE_HEALTH_PORT: String(healthPorts[name]) },
      readyUrl: `http://${host}:${readyPort}/readyz`,
      tell: options.tell,
    });

  const processes = [
    // Where the producers come in: the health port answers before it does.
    start('api', port),
    start('worker', healthPorts.worker),
    start('reaper', healthPorts.reaper),
  ] as const;
  const stop = async () => {
    await Promise.all(processes.map((one) => one.stop(STOP_MS)));
    await started.postgres?.stop();
  };
  try {
    await Promise.all(processes.map((one) => one.ready(READY_MS)));
  } catch (error) {
    await Promise.all(processes.map((one) => one.stop(STOP_MS)));
    throw error;
  }
  const [api, worker, reaper] = processes;
  const at = (onePort: number | string) => `http://${host}:${onePort}`;
  const health = { api: at(healthPorts.api), worker: at(healthPorts.worker), reaper: at(healthPorts.reaper) };
  const { databaseUrl, keys } = started;
  return { url: at(port), operatorKey: keys.operatorKey, databaseUrl, health, api, worker, reaper, stop };
}

/** A standalone is for one machine: it listens on loopback, and may send there, where the receivers one tries are. */
function environmentOf({ env }: StandaloneOptions, { databaseUrl, keys }: Started): NodeJS.ProcessEnv {
  return {
    HOOKLANE_LOG_LEVEL: 'warn',
    HOOKLANE_ALLOW_NETWORKS: '127.0.0.0/8,::1/128',
    HOOKLANE_ALLOW_HTTP: 'true',
    ...env,
    DATABASE_URL: databaseUrl,
    HOOKLANE_HOST: '127.0.0.1',
    HOOKLANE_OPERATOR_KEY: keys.operatorKey,
    HOOKLANE_SEALING_KEYS: keys.sealingKeys,
  };
}
