import { randomBytes } from 'node:crypto';
import type { Client, OrgClient } from '@hooklane/client';
import { createClient } from '@hooklane/client';
import { SCOPES } from '@hooklane/engine';
import { freePort } from '@hooklane/standalone';
import type { StartedProcess } from './process.ts';
import { startProcess } from './process.ts';

/** The processes of production, on a database (and Redis) that the test brings. */
export interface Fleet extends AsyncDisposable {
  readonly url: string;
  /** An org of its own; publishes again, with the same key, when the API is away for a while. */
  readonly org: Client & OrgClient;
  readonly api: FleetProcess;
  readonly worker: FleetProcess;
  readonly reaper: FleetProcess;
}

export interface FleetProcess {
  readonly pid: number;
  start(): Promise<void>;
  /** Sends the signal and waits for the end. */
  kill(signal: 'SIGKILL' | 'SIGTERM'): Promise<number | null>;
  readonly lines: readonly string[];
}

export interface FleetOptions {
  databaseUrl: string;
  redisUrl?: string | undefined;
  env?: Record<string, string>;
}

export async function startFleet({ databaseUrl, redisUrl, env = {} }: FleetOptions): Promise<Fleet> {
  const port = String(await freePort());
  const operatorKey = randomBytes(32).toString('hex');
  const settings = {
    HOOKLANE_HOST: '127.0.0.1',
    HOOKLANE_HEALTH_PORT: '0',
    HOOKLANE_OPERATOR_KEY: operatorKey,
    HOOKLANE_SEALING_KEYS: `test:${randomBytes(32).toString('base64')}`,
    HOOKLANE_ALLOW_NETWORKS: '127.0.0.0/8',
    HOOKLANE_ALLOW_HTTP: 'true',
    HOOKLANE_CLAIM_GRACE: '1s',
    HOOKLANE_ENQUEUED_GRACE: '2s',
    HOOKLANE_QUEUE_PREFIX: `f${randomBytes(6).toString('hex')}`,
    ...(redisUrl !== undefined && { REDIS_URL: redisUrl }),
    DATABASE_URL: databaseUrl,
    PORT: port,
    ...env,
  };
  const processes = {
    api: fleetProcess('api', settings),
    worker: fleetProcess('worker', settings),
    reaper: fleetProcess('reaper', settings),
  };
  await Promise.all(Object.values(processes).map((one) => one.start()));
  const url = `http://127.0.0.1:${port}`;
  const operator = createClient({ url, apiKey: operatorKey });
  const org = await openOrg(operator, url);
  return {
    url,
    org,
    ...processes,
    async [Symbol.asyncDispose]() {
      operator.close();
      org.close();
      await Promise.all(Object.values(processes).map((one) => one.kill('SIGKILL')));
    },
  };
}

function fleetProcess(name: string, env: Record<string, string>): FleetProcess {
  let running: StartedProcess | null = null;
  const lines: string[] = [];
  return {
    get pid() {
      return running?.pid ?? -1;
    },
    get lines() {
      return [...lines, ...(running?.lines ?? [])];
    },
    async start() {
      running = await startProcess({ entry: `apps/${name}`, env, readyLine: new RegExp(`"msg":"${name}.ready"`) });
    },
    async kill(signal) {
      if (running === null) return null;
      const { code } = await running.kill(signal);
      lines.push(...running.lines);
      running = null;
      return code;
    },
  };
}

async function openOrg(operator: Client, url: string): Promise<Client & OrgClient> {
  const slug = `org-${randomBytes(4).toString('hex')}`;
  await operator.orgs.create({ slug });
  const { key } = await operator.keys.create(slug, { name: 'test', scopes: SCOPES });
  return createClient({ url, apiKey: key, org: slug, retries: 20 });
}
