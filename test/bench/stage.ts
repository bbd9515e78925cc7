import { randomBytes } from 'node:crypto';
import { appendFileSync, existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client, OrgClient } from '@hooklane/client';
import { createClient } from '@hooklane/client';
import { SCOPES } from '@hooklane/engine';
import { migrate } from '@hooklane/postgres';
import { Pool } from 'pg';
import type { Member, MemberOptions, Twist } from '../chaos/fleet.ts';
import { createMember } from '../chaos/fleet.ts';
import type { ChaosPostgres, ChaosRedis } from '../chaos/stores.ts';
import { startOwnRedis, startPostgres } from '../chaos/stores.ts';
import { until } from '../support/until.ts';
import type { Peer } from './peer.ts';
import { startPeer } from './peer.ts';
import type { PublisherCalls, Stream } from './processes/publisher.ts';
import type { SinkCalls } from './processes/sink.ts';

/** Everything a scenario is measured on: the processes of production, a load generator and a receiver. */
export interface Stage extends Rig {
  readonly api: Member;
  readonly workers: readonly Member[];
  readonly operator: Client;
  /** To look into Postgres. */
  readonly pool: Pool;
  openOrg(slug: string): Promise<BenchOrg>;
}

export interface BenchOrg {
  readonly slug: string;
  readonly client: OrgClient;
  /** A stream of events of this org; `perSecond` null: as fast as answers come. */
  stream(stream: Pick<Stream, 'name' | 'types' | 'perSecond'> & Partial<Stream>): Stream;
}

/** What product and baselines share. */
export interface Rig {
  readonly folder: string;
  readonly postgres: ChaosPostgres;
  /** Null: on Postgres alone. */
  readonly redis: ChaosRedis | null;
  readonly publisher: Peer<PublisherCalls>;
  readonly sink: Peer<SinkCalls>;
  readonly sinkPort: number;
  /** Takes what ends something that was started. */
  readonly defer: Defer;
}

export type Defer = (end: () => unknown) => void;

export interface StageOptions {
  readonly defer: Defer;
  /** Default true. */
  readonly redis?: boolean;
  /** Default 1. */
  readonly workers?: number;
  readonly env?: Readonly<Record<string, string>>;
  /** Write CPU profiles of API and workers into this folder in the end; null: none. */
  readonly profiles?: string | null;
}

/** Where requests under way at once are bounded by connections. */
const CONNECTIONS = 100;

export async function openStage(options: StageOptions): Promise<Stage> {
  const { defer, workers = 1, profiles = null } = options;
  const rig = await openRig(options);
  await migrate(rig.postgres.url);
  const operatorKey = randomBytes(24).toString('hex');
  const env = {
    HOOKLANE_HOST: '127.0.0.1',
    HOOKLANE_OPERATOR_KEY: operatorKey,
    HOOKLANE_SEALING_KEYS: `bench:${randomBytes(32).toString('base64')}`,
    HOOKLANE_ALLOW_NETWORKS: '127.0.0.0/8',
    HOOKLANE_ALLOW_HTTP: 'true',
    HOOKLANE_WEBHOOKS_PER_ORG: '10000',
    HOOKLANE_WEBHOOKS_PER_HOST: '10000',
    // All receivers of the bench live on one host, those of the world do not.
    HOOKLANE_HOST_CONNECTIONS: '10000',
    DATABASE_URL: rig.postgres.url,
    ...(rig.redis !== null && { REDIS_URL: `redis://127.0.0.1:${rig.redis.port}` }),
    ...options.env,
  };
  const member = (name: string, app: 'api' | 'worker') =>
    startMember(rig, { name, app, env, profile: profiles && join(profiles, `${name}.cpuprofile`) });
  const api = await member('api', 'api');
  const fleet = await Promise.all(Array.from({ length: workers }, (_, n) => member(`worker-${n + 1}`, 'worker')));
  const operator = createClient({ url: api.url, apiKey: operatorKey });
  defer(() => operator.close());
  const pool = new Pool({ connectionString: rig.postgres.url, max: 2 });
  // Postgres ends before it does.
  pool.on('error', () => {});
  defer(() => pool.end());
  return {
    ...rig,
    api,
    workers: fleet,
    operator,
    pool,
    openOrg: (slug) => openOrg(slug, { api, operator, defer }),
  };
}

interface MemberStart extends Pick<MemberOptions, 'name' | 'app' | 'env'> {
  /** Default: the app as it was built. */
  readonly entry?: string;
  /** Where a CPU profile goes in the end; null: none. */
  readonly profile?: string | null;
}

export async function startMember({ folder, defer }: Rig, start: MemberStart): Promise<Member> {
  const { name, app, env, entry, profile = null } = start;
  const twist: Twist = {
    ...(entry !== undefined && { entry, preload: ['tsx'] }),
    ...(profile !== null && { preload: ['./test/bench/profiler.mjs'], env: { BENCH_PROFILE: profile } }),
  };
  const created = await createMember({ name, app, env, logs: join(folder, 'logs'), twist });
  defer(() => created.kill());
  await created.start();
  if (profile !== null) defer(() => writeProfile(created, profile));
  return created;
}

async function writeProfile({ pid, name }: Member, file: string): Promise<void> {
  process.kill(pid, 'SIGUSR2');
  await until(() => existsSync(file), { what: `the profile of ${name}`, timeoutMs: 60_000 });
}

async function openRig({ defer, redis = true }: StageOptions): Promise<Rig> {
  const folder = await mkdtemp(join(tmpdir(), 'hooklane-bench-'));
  defer(() => rm(folder, { recursive: true, force: true }));
  const logs = join(folder, 'logs');
  await mkdir(logs);
  const postgres = await startPostgres((line) => appendFileSync(join(logs, 'postgres.log'), `${line}\n`));
  defer(() => postgres.stop());
  const ownRedis = redis ? await startOwnRedis(folder) : null;
  if (ownRedis !== null) defer(() => ownRedis.stop());
  const publisher = await startPeer<PublisherCalls>('publisher', { folder, config: {} });
  defer(() => publisher.end());
  const sink = await startPeer<SinkCalls>('sink', { folder, config: {} });
  defer(() => sink.end());
  return { folder, postgres, redis: ownRedis, publisher, sink, sinkPort: await sink.call('port'), defer };
}

async function openOrg(
  slug: string,
  { api, operator, defer }: { api: Member; operator: Client; defer: Defer },
): Promise<BenchOrg> {
  await operator.orgs.create({ slug });
  const { key } = await operator.keys.create(slug, { name: 'bench', scopes: SCOPES });
  const client = createClient({ url: api.url, apiKey: key, org: slug, timeoutMs: 60_000 });
  defer(() => client.close());
  return {
    slug,
    client,
    stream: (stream) => ({
      port: Number(new URL(api.url).port),
      path: `/v1/orgs/${slug}/events`,
      authorization: `Bearer ${key}`,
      connections: CONNECTIONS,
      window: null,
      ...stream,
    }),
  };
}

export interface Receivers {
  /** Counted together by the receiver; part of the URL. */
  readonly group: string;
  /** A webhook each, subscribed to it alone. */
  readonly types: readonly string[];
  /** Default: the receiver of the bench. */
  readonly origin?: string;
  readonly settings?: Readonly<Record<string, unknown>>;
}

/** One webhook per type, at `/<group>/<n>`. Their ids, in the order of the types. */
export async function subscribe(
  { sinkPort }: Rig,
  { client }: BenchOrg,
  { group, types, origin = `http://127.0.0.1:${sinkPort}`, settings = {} }: Receivers,
): Promise<string[]> {
  const ids: string[] = [];
  for (let done = 0; done < types.length; done += AT_ONCE) {
    const some = types.slice(done, done + AT_ONCE).map(async (type, n) => {
      const url = `${origin}/${group}/${done + n}`;
      return (await client.webhooks.create({ url, events: [type], ping: false, ...settings })).id;
    });
    ids.push(...(await Promise.all(some)));
  }
  return ids;
}

const AT_ONCE = 10;

export function typesOf(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, n) => `${prefix}.e${n}`);
}
