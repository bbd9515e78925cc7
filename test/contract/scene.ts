import type { Client, OrgClient } from '@hooklane/client';
import type { IdPrefix } from '@hooklane/domain';
import { formatId } from '@hooklane/domain';
import type { Scope } from '@hooklane/engine';
import { createIdFactory, SCOPES } from '@hooklane/engine';
import type { House } from '../support/house.ts';
import { openHouse } from '../support/house.ts';
import type { Receiver } from '../support/receiver.ts';
import { startReceiver } from '../support/receiver.ts';
import { until } from '../support/until.ts';

/** An org with one thing of each kind that ids name. */
export interface FilledOrg {
  slug: string;
  key: string;
  client: Client & OrgClient;
  /** By the prefix of the id, or by the name of the parameter where it is no id. */
  things: Readonly<Record<string, string>>;
}

export interface Scene extends AsyncDisposable {
  house: House;
  /** Answers 200, except for events of type `fails`. */
  receiver: Receiver;
  newOrg(): Promise<FilledOrg>;
  keyFor(slug: string, scopes: readonly Scope[]): Promise<string>;
}

/** A real API, worker and Postgres, and a receiver. */
export async function openScene(env: Record<string, string> = {}): Promise<Scene> {
  const house = await openHouse({ redis: false, env });
  const receiver = await startReceiver(({ headers }) => ({ status: headers['x-fail'] === undefined ? 200 : 500 }));
  const keyFor = async (slug: string, scopes: readonly Scope[]) => {
    return (await house.operator.keys.create(slug, { name: 'contract', scopes })).key;
  };
  return {
    house,
    receiver,
    keyFor,
    newOrg: () => fillOrg({ house, receiver, keyFor }),
    async [Symbol.asyncDispose]() {
      await receiver[Symbol.asyncDispose]();
      await house[Symbol.asyncDispose]();
    },
  };
}

/** An id of the kind that names nothing. */
export function strangeId(prefix: string): string {
  return formatId(prefix as IdPrefix, ids.next(prefix as IdPrefix));
}

const ids = createIdFactory();

type Filling = Pick<Scene, 'house' | 'receiver' | 'keyFor'>;

async function fillOrg({ house, receiver, keyFor }: Filling): Promise<FilledOrg> {
  const client = await house.newOrg();
  const { slug } = client;
  const key = await keyFor(slug, SCOPES);
  const [keyId] = (await house.operator.keys.list(slug)).data;
  const webhook = await failingWebhook(client, receiver);
  const type = `made.${slug}`;
  await client.eventTypes.put(type, { schema: { type: 'object' } });
  const { id: event } = await client.events.publish({ type: 'a.b', payload: { secret: slug } });
  await until(async () => (await client.diverted.list(webhook)).data.length > 0, { what: 'a diverted event' });
  const [attempt] = (await client.webhooks.attempts(webhook)).data;
  const [delivery] = (await client.webhooks.deliveries(webhook)).data;
  await client.webhooks.rotateSecret(webhook);
  const [, secret] = (await client.webhooks.secrets(webhook)).data;
  // It finds nothing to do, so that the diverted event stays.
  const operation = await client.diverted.resendAll(webhook, { event_types: ['nothing'] });
  await until(async () => (await client.operations.get(operation.id)).state === 'done', { what: 'it to be done' });
  const things = {
    wh: webhook,
    evt: event,
    att: attempt?.id ?? '',
    dlv: delivery?.id ?? '',
    op: operation.id,
    key: keyId?.id ?? '',
    sec: secret?.id ?? '',
    type,
  };
  return { slug, key, client, things };
}

/** One whose events are diverted at the first failure. */
export async function failingWebhook(client: OrgClient, receiver: Pick<Receiver, 'url'>): Promise<string> {
  const { id } = await client.webhooks.create({
    url: receiver.url,
    events: ['a.b'],
    headers: { 'x-fail': 'yes' },
    failure_policy: { retry: { kind: 'none' } },
    ping: false,
  });
  return id;
}
