import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { Client, OrgClient } from '@hooklane/client';
import { createClient } from '@hooklane/client';
import { SCOPES } from '@hooklane/engine';
import { freePort } from '@hooklane/standalone';
import type { Bundle } from './bundle.ts';
import { bundled } from './bundle.ts';
import type { StartedProcess } from './process.ts';
import { startProcess } from './process.ts';

/** The processes of production, on a database (and Redis) that the test brings. */
export interface Fleet extends AsyncDisposable {
  readonly url: string;
  readonly operatorKey: string;
  /** Of its keys in Redis. */
  readonly queuePrefix: string;
  /** An org of its own; publishes again, with the same key, when the API is away for a while. */
  readonly org: Client & OrgClient;
  readonly operator: Client;
  /** One call of the API as it goes over the wire, below the path of the org; of the answer, what the client hides. */
  post(path: string, body: unknown): Promise<Response>;
  /** The same of a GET: its text. */
  get(path: string): Promise<string>;
  readonly orgKey: string;
  readonly api: FleetProcess;
  readonly worker: FleetProcess;
  readonly reaper: FleetProcess;
  /** One more process, not started yet; `env` on top of what the others have. Default composition: that of the others. */
  another(name: FleetProcessName, env?: Record<string, string>, composition?: Composition): FleetProcess;
}

/**
 * `production`: the apps as they were built. `test`: the same with crash points, see test/composition. `next`: as the next version has
 * them. `old`: as they were built in the folder that `OLD_VERSION` names, an older checkout; without it the same as `production`.
 */
export type Composition = Bundle | 'production' | 'old';

export type FleetProcessName = 'api' | 'worker' | 'reaper';

export interface FleetProcess {
  readonly pid: number;
  start(): Promise<void>;
  /** Sends the signal and waits for the end. */
  kill(signal: 'SIGKILL' | 'SIGTERM'): Promise<number | null>;
  /** Sends the signal and does not wait. */
  signal(signal: 'SIGSTOP' | 'SIGCONT' | 'SIGUSR2'): void;
  isRunning(): boolean;
  readonly lines: readonly string[];
  /** Where `/healthz`, `/readyz` and `/metrics` are, once it has started. */
  readonly healthUrl: string;
}

export interface FleetOptions {
  databaseUrl: string;
  redisUrl?: string | undefined;
  env?: Record<string, string>;
  /** Default `production`. */
  composition?: Composition;
  /** How often the clients here repeat a call that was not answered. Default 20. */
  retries?: number;
  /** Not started with the others. Default: none. */
  without?: readonly FleetProcessName[];
  /** More environment for one process each. */
  envOf?: Partial<Record<FleetProcessName, Record<string, string>>>;
}

export async function startFleet(options: FleetOptions): Promise<Fleet> {
  const { databaseUrl, redisUrl, env = {}, composition = 'production', retries = 20 } = options;
  const { envOf = {}, without = [] } = options;
  const port = String(await freePort());
  const queuePrefix = env['HOOKLANE_QUEUE_PREFIX'] ?? `f${randomBytes(6).toString('hex')}`;
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
    HOOKLANE_QUEUE_PREFIX: queuePrefix,
    ...(redisUrl !== undefined && { REDIS_URL: redisUrl }),
    DATABASE_URL: databaseUrl,
    PORT: port,
    ...env,
  };
  const all: FleetProcess[] = [];
  const another = (name: FleetProcessName, more: Record<string, string> = {}, version = composition) => {
    const process = fleetProcess(name, { env: { ...settings, ...envOf[name], ...more }, composition: version });
    all.push(process);
    return process;
  };
  const processes = { api: another('api'), worker: another('worker'), reaper: another('reaper') };
  const wanted = (Object.keys(processes) as FleetProcessName[]).filter((name) => !without.includes(name));
  await Promise.all(wanted.map((name) => processes[name].start()));
  const url = `http://127.0.0.1:${port}`;
  const operator = createClient({ url, apiKey: operatorKey, retries });
  const { org, ...calls } = await openOrg(operator, { url, retries });
  return {
    url,
    operatorKey,
    queuePrefix,
    org,
    ...calls,
    operator,
    ...processes,
    another,
    async [Symbol.asyncDispose]() {
      operator.close();
      org.close();
      await Promise.all(all.map((one) => one.kill('SIGKILL')));
    },
  };
}

function fleetProcess(
  name: FleetProcessName,
  { env, composition }: { env: Record<string, string>; composition: Composition },
): FleetProcess {
  let running: StartedProcess | null = null;
  let lines: readonly string[] = [];
  return {
    get pid() {
      return running?.pid ?? -1;
    },
    get lines() {
      return [...lines, ...(running?.lines ?? [])];
    },
    get healthUrl() {
      const [, port] =
        /"health_port":(\d+)/.exec(running?.lines.findLast((line) => line.includes('health_port')) ?? '') ?? [];
      return `http://127.0.0.1:${port}`;
    },
    isRunning: () => running?.isRunning() ?? false,
    async start() {
      lines = [...lines, ...(running?.lines ?? [])];
      running = await startProcess({
        entry: await entryOf(name, composition),
        env,
        readyLine: new RegExp(`"msg":"${name}.ready"`),
        timeoutMs: 60_000,
      });
    },
    signal(signal) {
      if (running?.isRunning()) process.kill(running.pid, signal);
    },
    async kill(signal) {
      if (running === null) return null;
      const { code } = await running.kill(signal);
      lines = [...lines, ...running.lines];
      running = null;
      return code;
    },
  };
}

async function entryOf(name: FleetProcessName, composition: Composition): Promise<string> {
  if (composition === 'test' || composition === 'next') return bundled(composition, name);
  return composition === 'old' ? join(OLD_VERSION, 'apps', name) : join('apps', name);
}

/** Relative to the root of the repository. */
const OLD_VERSION = process.env['OLD_VERSION'] ?? '';

async function openOrg(
  operator: Client,
  connection: { url: string; retries: number },
): Promise<Pick<Fleet, 'org' | 'orgKey' | 'post' | 'get'>> {
  const slug = `org-${randomBytes(4).toString('hex')}`;
  await operator.orgs.create({ slug });
  const { key } = await operator.keys.create(slug, { name: 'test', scopes: SCOPES });
  return {
    org: createClient({ ...connection, apiKey: key, org: slug }),
    orgKey: key,
    async get(path) {
      const headers = { authorization: `Bearer ${key}` };
      return (await fetch(`${connection.url}/v1/orgs/${slug}${path}`, { headers })).text();
    },
    async post(path, body) {
      const answer = await fetch(`${connection.url}/v1/orgs/${slug}${path}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      // Unread it would hold its connection.
      return new Response(await answer.arrayBuffer(), answer);
    },
  };
}
