import { randomBytes } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client, OrgClient } from '@hooklane/client';
import { createClient } from '@hooklane/client';
import { parseId } from '@hooklane/domain';
import { SCOPES } from '@hooklane/engine';
import { migrate } from '@hooklane/postgres';
import type { World } from './faults/fault.ts';
import type { Member, Twist } from './fleet.ts';
import { createMember } from './fleet.ts';
import type { Helper } from './helper.ts';
import { startHelper } from './helper.ts';
import type { ProducerConfig, ProducerNews, ProducerOrder } from './producer.ts';
import type { ReceiverConfig, ReceiverNews, ReceiverOrder } from './receiver.ts';
import type { PlannedWebhook } from './receivers-plan.ts';
import { planWebhooks, TIMEOUT_MS } from './receivers-plan.ts';
import { startOwnRedis, startPostgres } from './stores.ts';
import { startTcpProxy } from './tcp-proxy.ts';

/** A webhook of the run, as it was created. */
export interface ChaosWebhook extends PlannedWebhook {
  readonly id: string;
  /** As it stands in Postgres. */
  readonly uuid: string;
}

/** Everything a run is played on. */
export interface Stage {
  readonly folder: string;
  readonly world: World;
  readonly org: OrgClient;
  readonly webhooks: readonly ChaosWebhook[];
  readonly producer: Helper<ProducerNews, ProducerOrder>;
  readonly receiver: Helper<ReceiverNews, ReceiverOrder>;
  readonly ledgers: { readonly producer: string; readonly receiver: string };
  /** Whatever must stand nowhere in clear. */
  readonly secrets: readonly string[];
}

export interface StageOptions {
  readonly seed: number;
  readonly redis: boolean;
  readonly perSecond: number;
  /** How single processes differ: by the name of the process. */
  readonly twists?: Readonly<Record<string, Twist>>;
  /** Takes what ends something that was started; called in reverse order, also after a start that failed half way. */
  readonly defer: (end: () => unknown) => void;
}

/** The short patience of a run: what takes minutes in production shows within seconds. */
const HURRIED = {
  HOOKLANE_CLAIM_GRACE: '1s',
  HOOKLANE_ENQUEUED_GRACE: '2s',
  HOOKLANE_RELAY_INTERVAL: '200ms',
  HOOKLANE_PRUNE_INTERVAL: '1s',
  HOOKLANE_FIGURES_INTERVAL: '500ms',
  HOOKLANE_WORKER_SLOTS: '100',
};

export async function openStage(options: StageOptions): Promise<Stage> {
  const { seed, defer } = options;
  const folder = await mkdtemp(join(tmpdir(), 'hooklane-chaos-'));
  defer(() => rm(folder, { recursive: true, force: true }));
  const keys = makeKeys();
  const world = await openWorld(options, { folder, keys });

  const canaries = { authorization: secretText(), apiKey: secretText() };
  const planned = planWebhooks(seed, canaries).map((webhook) => ({ ...webhook, secret: makeSecret() }));
  const ledgers = { producer: join(folder, 'producer.ledger'), receiver: join(folder, 'receiver.ledger') };
  const receiver = startHelper<ReceiverNews, ReceiverOrder>({
    name: 'receiver',
    folder,
    config: {
      seed,
      ledger: ledgers.receiver,
      webhooks: planned.map(({ name, secret, behaviour, settings }) => ({
        name,
        secret,
        behaviour,
        headers: (settings.headers ?? {}) as Record<string, string>,
      })),
    } satisfies ReceiverConfig,
  });
  defer(() => receiver.end());
  const { port } = await receiver.heard((news) => news.port !== undefined, 120_000);

  const { org, apiKey } = await openOrg(world, keys.operator, defer);
  const webhooks: ChaosWebhook[] = [];
  for (const { secret, ...webhook } of planned) {
    const { id } = await org.webhooks.create({
      name: webhook.name,
      url: `http://127.0.0.1:${port}/${webhook.name}`,
      events: [webhook.pattern],
      secret,
      timeout_ms: TIMEOUT_MS,
      ping: false,
      ...webhook.settings,
    });
    webhooks.push({ ...webhook, id, uuid: parseId('wh', id) ?? '' });
  }

  const producer = startHelper<ProducerNews, ProducerOrder>({
    name: 'producer',
    folder,
    config: {
      seed,
      ledger: ledgers.producer,
      urls: [world.members['api-1'].url, world.members['api-2'].url],
      path: `/v1/orgs/${org.slug}/events`,
      apiKey,
      perSecond: options.perSecond,
    } satisfies ProducerConfig,
  });
  defer(() => producer.end());
  const secrets = [
    ...Object.values(canaries),
    ...planned.map(({ secret }) => secret.replace('whsec_', '')),
    apiKey,
    keys.operator,
    keys.sealing,
    new URL(world.postgres.url).password,
  ];
  return { folder, world, org, webhooks, producer, receiver, ledgers, secrets };
}

function makeKeys(): { operator: string; sealing: string } {
  return { operator: secretText(), sealing: randomBytes(32).toString('base64') };
}

function secretText(): string {
  return randomBytes(24).toString('hex');
}

function makeSecret(): string {
  return `whsec_${randomBytes(32).toString('base64')}`;
}

async function openWorld(
  options: StageOptions,
  { folder, keys }: { folder: string; keys: ReturnType<typeof makeKeys> },
): Promise<World> {
  const { defer, twists = {} } = options;
  const logs = join(folder, 'logs');
  await mkdir(logs);
  const postgres = await startPostgres((line) => appendFileSync(join(logs, 'postgres.log'), `${line}\n`));
  defer(() => postgres.stop());
  await migrate(postgres.url);
  const postgresLine = await startTcpProxy(() => postgres.port);
  defer(() => postgresLine.close());
  const redis = options.redis ? await startOwnRedis(folder) : null;
  if (redis !== null) defer(() => redis.stop());
  const redisLine = redis && (await startTcpProxy(() => redis.port));
  if (redisLine !== null) defer(() => redisLine.close());

  const env = {
    ...HURRIED,
    HOOKLANE_HOST: '127.0.0.1',
    HOOKLANE_OPERATOR_KEY: keys.operator,
    HOOKLANE_SEALING_KEYS: `chaos:${keys.sealing}`,
    HOOKLANE_ALLOW_NETWORKS: '127.0.0.0/8',
    HOOKLANE_ALLOW_HTTP: 'true',
    DATABASE_URL: throughLine(postgres.url, postgresLine.port),
    ...(redisLine !== null && { REDIS_URL: `redis://127.0.0.1:${redisLine.port}` }),
  };
  const member = async (name: string, app: 'api' | 'worker' | 'reaper'): Promise<Member> => {
    const created = await createMember({ name, app, env, logs, twist: twists[name] ?? {} });
    defer(() => created.kill());
    return created;
  };
  const members = {
    'api-1': await member('api-1', 'api'),
    'api-2': await member('api-2', 'api'),
    'worker-1': await member('worker-1', 'worker'),
    'worker-2': await member('worker-2', 'worker'),
    reaper: await member('reaper', 'reaper'),
  };
  await Promise.all(Object.values(members).map((one) => one.start()));
  return { members, postgres, postgresLine, redis, redisLine };
}

function throughLine(url: string, port: number): string {
  const line = new URL(url);
  line.port = String(port);
  return line.href;
}

/** The calls a person would make go out again and again until the API answers. */
async function openOrg(
  { members }: World,
  operatorKey: string,
  defer: StageOptions['defer'],
): Promise<{ org: Client & OrgClient; apiKey: string }> {
  const { url } = members['api-1'];
  const slug = 'chaos';
  const operator = createClient({ url, apiKey: operatorKey });
  await operator.orgs.create({ slug });
  const { key } = await operator.keys.create(slug, { name: 'chaos', scopes: SCOPES });
  operator.close();
  const org = createClient({ url, apiKey: key, org: slug, retries: 30, timeoutMs: 5_000 });
  defer(() => org.close());
  return { org, apiKey: key };
}
