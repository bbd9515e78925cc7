import { setTimeout as wait } from 'node:timers/promises';
import type { Client, CreatedWebhook, NewWebhook, OrgClient } from '@hooklane/client';
import { createClient } from '@hooklane/client';
import { Pool } from 'pg';
import type { Standalone } from '../standalone.ts';
import { startStandalone } from '../standalone.ts';
import type { Narrator } from './narrator.ts';
import type { DemoReceiver } from './receiver.ts';
import { openReceiver } from './receiver.ts';

/** What every act of the demo plays with. */
export interface Stage {
  narrator: Narrator;
  standalone: Standalone;
  org: OrgClient;
  /** Looks behind the API where the demo must not take its word. */
  database: Pool;
  receiver(): Promise<DemoReceiver>;
  webhook(receiver: DemoReceiver, settings: Partial<NewWebhook> & { events: string[] }): Promise<CreatedWebhook>;
  /** Publishes `count` events of a type; returns their ids. */
  publish(type: string, count: number): Promise<string[]>;
  /** Waits for it, and says so; a demo that cannot show what it claims ends here. */
  expect(claim: string, holds: () => boolean | Promise<boolean>, timeoutMs?: number): Promise<void>;
  readonly published: ReadonlySet<string>;
  /** Events that some receiver answered 2xx. */
  arrived(): ReadonlySet<string>;
  /** What the API said of it, summed up by the acts. */
  readonly tally: { suspended: number; diverted: number; resent: number };
  close(): Promise<void>;
}

/** What the demo claims did not come true. */
export class ClaimFailedError extends Error {
  override readonly name = 'ClaimFailedError';
}

/** Everything a person would wait hours for happens in seconds here. */
const HURRIED = {
  HOOKLANE_CLAIM_GRACE: '2s',
  HOOKLANE_PRUNE_INTERVAL: '1s',
  HOOKLANE_LOG_LEVEL: 'fatal',
};

export async function openStage(narrator: Narrator): Promise<Stage> {
  const env = { ...process.env, ...HURRIED, PORT: '' };
  const standalone = await startStandalone({ env, persistent: false, tell: (line) => narrator.say(line) });
  const database = new Pool({ connectionString: standalone.databaseUrl, max: 2 });
  const operator = createClient({ url: standalone.url, apiKey: standalone.operatorKey });
  const org: Client & OrgClient = await openOrg(operator, standalone.url);
  narrator.say(`API at ${standalone.url}; worker and reaper beside it; Postgres embedded; no Redis.`);
  const receivers: DemoReceiver[] = [];
  const published = new Set<string>();

  return {
    narrator,
    standalone,
    org,
    database,
    published,
    arrived: () => new Set(receivers.flatMap((receiver) => [...receiver.accepted])),
    tally: { suspended: 0, diverted: 0, resent: 0 },
    async receiver() {
      const receiver = await openReceiver();
      receivers.push(receiver);
      return receiver;
    },
    webhook: (receiver, settings) =>
      org.webhooks.create({ url: receiver.url, ping: false, timeout_ms: 1_000, ...settings }),
    async publish(type, count) {
      const ids = await Promise.all(
        Array.from({ length: count }, async (_, n) => (await org.events.publish({ type, payload: { n } })).id),
      );
      for (const id of ids) published.add(id);
      return ids;
    },
    expect: (claim, holds, timeoutMs = 15_000) => expectClaim(narrator, claim, { holds, timeoutMs }),
    async close() {
      for (const receiver of receivers) receiver.close();
      operator.close();
      org.close();
      await database.end();
      await standalone.stop();
    },
  };
}

/** An org with a key of its own, which is all that its producers get to see. */
async function openOrg(operator: Client, url: string): Promise<Client & OrgClient> {
  await operator.orgs.create({ slug: 'acme', name: 'Acme' });
  const { key } = await operator.keys.create('acme', { name: 'demo', scopes: SCOPES });
  return createClient({ url, apiKey: key, org: 'acme' });
}

const SCOPES = [
  'events:write',
  'events:read',
  'webhooks:read',
  'webhooks:list',
  'webhooks:create',
  'webhooks:update',
  'deliveries:read',
  'diverted:read',
  'diverted:list',
  'diverted:resend',
] as const;

interface Claim {
  holds: () => boolean | Promise<boolean>;
  timeoutMs: number;
}

async function expectClaim(narrator: Narrator, text: string, { holds, timeoutMs }: Claim): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!(await holds())) {
    if (performance.now() > deadline) {
      narrator.failed(text);
      throw new ClaimFailedError(text);
    }
    await wait(25);
  }
  narrator.verified(text);
}
