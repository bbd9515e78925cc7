import { parseId } from '@hooklane/domain';
import { RUNNING_PER_ORG, SCOPES } from '@hooklane/engine';
import { until } from '../support/until.ts';
import type { Asked } from './asking.ts';
import type { Described } from './described.ts';
import { exhaustedKey } from './exhausted-key.ts';
import type { Naming } from './requests.ts';
import { exampleRequest, nothingOf, pathOf } from './requests.ts';
import type { FilledOrg, Scene } from './scene.ts';
import { failingWebhook } from './scene.ts';

/** What makers work with. */
export interface Making {
  scene: Scene;
  org: FilledOrg;
  /** An API whose stores fail by a defect, one whose stores are full, and one whose database is away. */
  faulty: { defect: string; full: string; away: string };
}

/** A request that must be answered with a status. `url`: where it goes, if not to the API of the scene. */
export type Made = Asked & { url?: string };

type Maker = (described: Described, making: Making) => Made | Promise<Made>;

/** What brings each status about, where a route needs nothing of its own. */
const USUAL: Readonly<Record<number, Maker>> = {
  200: asShown,
  201: asShown,
  202: asShown,
  204: asShown,
  400: (described, making) => ({ ...asShown(described, making), body: '{' }),
  401: (described, making) => ({ ...asShown(described, making), key: null }),
  403: async (described, making) => ({ ...asShown(described, making), key: await poorKey(described, making) }),
  404: (described, { scene, org }) => {
    const slug = described.path.includes('{org}/') && described.operation.parameters?.some(isId) ? org.slug : 'nobody';
    return exampleRequest(described, { slug, things: nothingOf(org) }, keyOf(described, { scene, org }));
  },
  413: (described, making) => ({ ...asShown(described, making), body: Buffer.alloc(mostBytes(described) + 1, ' ') }),
  415: (described, making) => {
    return { ...asShown(described, making), body: 'text', headers: { 'content-type': 'text/plain' } };
  },
  422: (described, making) => {
    const shown = asShown(described, making);
    return { ...shown, path: `${shown.path}?no_such_field=1` };
  },
  429: async (described, making) => {
    return { ...asShown(described, making), key: await exhaustedKey(making.scene, making.org) };
  },
  500: (described, making) => ({ ...asShown(described, making), url: making.faulty.defect }),
  503: (described, making) => ({ ...asShown(described, making), url: making.faulty.full }),
};

/** Where something must be so before; by operation and status. */
const SPECIAL: Readonly<Record<string, Readonly<Record<number, Maker>>>> = {
  createOrg: {
    201: withBody(() => ({ slug: `org-${Date.now()}` })),
    409: withBody(({ org }) => ({ slug: org.slug })),
  },
  deleteOrg: { 204: aboutFreshOrg },
  updateOrg: { 200: aboutFreshOrg },
  pauseOrg: { 200: aboutFreshOrg },
  resumeOrg: { 200: aboutFreshOrg },
  revokeKey: {
    204: about(async ({ scene, org }) => {
      const { id } = await scene.house.operator.keys.create(org.slug, { name: 'x', scopes: ['events:read'] });
      return { key: id };
    }),
  },
  eraseOrg: { 200: erasing({ dry_run: true }), 202: erasing({}) },
  reseal: { 200: withBody(() => ({ dry_run: true })) },
  createWebhook: {
    409: async (described, { scene }) => {
      const { slug, webhooks } = await scene.house.newOrg();
      for (let made = 0; made < WEBHOOKS_PER_ORG; made++) await webhooks.create(HARMLESS);
      return exampleRequest(described, { slug, things: {} }, scene.house.operatorKey);
    },
  },
  updateWebhook: {
    409: async (described, { scene }) => {
      const { slug, webhooks } = await scene.house.newOrg();
      await scene.house.operator.orgs.update(slug, { settings: { duplicate_urls: 'refuse' } });
      const { id: wh } = await webhooks.create({ ...HARMLESS, url: 'https://example.com/other' });
      const { url } = await webhooks.create(HARMLESS);
      const request = exampleRequest(described, { slug, things: { wh } }, scene.house.operatorKey);
      return { ...request, body: JSON.stringify({ url }) };
    },
    412: about(freshWebhook, { 'if-match': '"0"' }),
  },
  deleteWebhook: { 204: about(freshWebhook), 412: about(freshWebhook, { 'if-match': '"0"' }) },
  suspendWebhook: { 200: about(freshWebhook) },
  unsuspendWebhook: { 200: about(freshWebhook) },
  pauseWebhook: { 200: about(freshWebhook) },
  resumeWebhook: { 200: about(freshWebhook) },
  pingWebhook: { 200: waiting(freshWebhook) },
  rotateSecret: {
    409: about(async ({ org }) => {
      const { id } = await org.client.webhooks.create(HARMLESS);
      for (let secrets = 1; secrets < 10; secrets++) await org.client.webhooks.rotateSecret(id);
      return { wh: id };
    }),
  },
  expireSecret: {
    204: about(freshSecret(1)),
    409: about(freshSecret(0)),
  },
  publishEvent: {
    409: async (described, making) => {
      const id = `contract-${Date.now()}`;
      await making.org.client.events.publish({ type: 'a.c', id, payload: 1 });
      return withBody(() => ({ type: 'a.c', id, payload: 2 }))(described, making);
    },
  },
  publishEvents: {
    202: withBody(() => ({ events: [{ type: 'a.c', payload: 1 }] })),
    207: withBody(() => ({
      events: [
        { type: 'a.c', payload: 1 },
        { type: 'no type', payload: 1 },
      ],
    })),
  },
  putEventType: {
    201: about(async () => ({ type: `new.${Date.now()}` })),
    // It makes what it names, unless nothing may have that name.
    404: about(async () => ({ type: 'hooklane.mine' })),
    409: about(async ({ scene, org }) => {
      const type = await freshEventType(org, 'full');
      await scene.house.pool.query(
        `INSERT INTO event_type_schemas (org_id, type, version, schema)
         SELECT org_id, type, n, 'true' FROM event_types, generate_series(1, 100) n WHERE type = $1`,
        [type],
      );
      return { type };
    }),
  },
  deleteEventType: { 204: about(async ({ org }) => ({ type: await freshEventType(org, 'gone') })) },
  deleteDiverted: { 204: about(freshDiverted) },
  resendDiverted: {
    200: waiting(freshDiverted),
    202: about(freshDiverted),
    409: about(async (making) => {
      const things = await freshDiverted(making);
      await making.org.client.webhooks.suspend(things.wh);
      return things;
    }),
  },
  resendAllDiverted: { 200: withBody(() => ({ dry_run: true })), 409: about(suspendedWebhook) },
  resendOrgDiverted: { 200: withBody(() => ({ dry_run: true })), 409: aboutBusyOrg },
  redeliver: {
    200: waiting(freshDelivery),
    202: about(freshDelivery),
    409: about(async (making) => {
      const { wh, ...things } = await freshDelivery(making);
      await making.org.client.webhooks.suspend(wh);
      return things;
    }),
    410: about(async (making) => {
      const { evt, ...things } = await freshDelivery(making);
      await making.scene.house.pool.query('DELETE FROM events WHERE id = $1', [parseId('evt', evt)]);
      return things;
    }),
  },
  replayEvents: {
    200: withBody(() => ({ since: '2026-01-01T00:00:00Z', dry_run: true })),
    409: about(suspendedWebhook),
  },
  retryNow: { 409: about(suspendedWebhook) },
  cancelPending: { 409: aboutBusyOrg },
  replayDiverted: {
    200: withBody(({ org }) => ({ filter: { org: org.slug }, dry_run: true })),
    202: withBody(({ org }) => ({ filter: { org: org.slug, event_types: ['nothing'] } })),
  },
  getAnyOperation: {
    200: about(async ({ scene, org }) => {
      const { id } = await scene.house.operator.admin.replayDiverted({ org: org.slug, event_types: ['nothing'] });
      return { op: id };
    }),
  },
  getReadiness: { 503: (described, making) => ({ ...asShown(described, making), url: making.faulty.away }) },
};

/** As the scene's API is told. */
export const WEBHOOKS_PER_ORG = 60;

const HARMLESS = { url: 'https://example.com/', events: ['never.published'], ping: false };

/** A request that must be answered with the status; null: nobody has said how. */
export function made(described: Described, status: number, making: Making): Made | Promise<Made> | null {
  const maker = SPECIAL[described.id]?.[status] ?? USUAL[status];
  return maker === undefined ? null : maker(described, making);
}

function asShown(described: Described, making: Pick<Making, 'scene' | 'org'>): Made {
  return exampleRequest(described, making.org, keyOf(described, making));
}

function keyOf({ definition: { access } }: Described, { scene, org }: Pick<Making, 'scene' | 'org'>): string | null {
  if (access === 'open') return null;
  return access === 'operator' ? scene.house.operatorKey : org.key;
}

/** Of the org, but with every scope save the one that is asked for. */
async function poorKey({ definition: { access } }: Described, { scene, org }: Making): Promise<string> {
  return scene.keyFor(
    org.slug,
    SCOPES.filter((scope) => scope !== access),
  );
}

function isId(parameter: { in: string; name: string }): boolean {
  return parameter.in === 'path' && parameter.name !== 'org';
}

const BODY_BYTES = 256 * 1024;

function mostBytes({ definition: { rawBody } }: Described): number {
  return rawBody?.maxBytes({ maxBytes: BODY_BYTES, maxDepth: 64 }) ?? BODY_BYTES;
}

async function aboutFreshOrg(described: Described, { scene }: Making): Promise<Made> {
  const { slug } = await scene.house.newOrg();
  return exampleRequest(described, { slug, things: {} }, scene.house.operatorKey);
}

/** Of an org of its own. */
function erasing(fields: object): Maker {
  return async (described, making) => {
    const { slug } = await making.scene.house.newOrg();
    const { id } = await making.scene.house.operator.orgs.get(slug);
    return withBody(() => ({ org_id: id, ...fields }))(described, making);
  };
}

function withBody(body: (making: Making) => unknown): Maker {
  return (described, making) => ({ ...asShown(described, making), body: JSON.stringify(body(making)) });
}

/** About things of its own instead of those of the org. */
function about(
  things: (making: Making) => Promise<Record<string, string>>,
  headers: Readonly<Record<string, string>> = {},
): Maker {
  return async (described, making) => {
    const naming: Naming = { slug: making.org.slug, things: { ...making.org.things, ...(await things(making)) } };
    return { ...exampleRequest(described, naming, keyOf(described, making)), headers };
  };
}

function waiting(things: (making: Making) => Promise<Record<string, string>>): Maker {
  return async (described, making) => {
    const naming: Naming = { slug: making.org.slug, things: { ...making.org.things, ...(await things(making)) } };
    const path = `${pathOf(described, naming)}?wait=true`;
    return { ...exampleRequest(described, naming, keyOf(described, making)), path };
  };
}

async function freshWebhook({ scene, org }: Making): Promise<{ wh: string }> {
  const { id } = await org.client.webhooks.create({ ...HARMLESS, url: scene.receiver.url });
  return { wh: id };
}

async function suspendedWebhook(making: Making): Promise<{ wh: string }> {
  const things = await freshWebhook(making);
  await making.org.client.webhooks.suspend(things.wh);
  return things;
}

/** One that has ended. */
async function freshDelivery({ scene, org }: Making): Promise<{ wh: string; evt: string; dlv: string }> {
  const { id: wh } = await org.client.webhooks.create({ ...HARMLESS, url: scene.receiver.url, events: ['a.ended'] });
  const { id: evt } = await org.client.events.publish({ type: 'a.ended', payload: 1 });
  const ended = async () => (await org.client.webhooks.deliveries(wh, { state: 'delivered' })).data[0]?.id;
  return { wh, evt, dlv: await until(ended, { what: 'a delivery that has ended' }) };
}

/** One that waits for its next attempt. */
export async function pendingDelivery({ scene, org }: Making): Promise<{ dlv: string }> {
  const { id } = await org.client.webhooks.create({
    ...HARMLESS,
    url: scene.receiver.url,
    events: ['a.waiting'],
    headers: { 'x-fail': 'yes' },
  });
  await org.client.events.publish({ type: 'a.waiting', payload: 1 });
  const waits = async () => {
    const [delivery] = (await org.client.webhooks.deliveries(id, { state: 'pending' })).data;
    return delivery?.id;
  };
  return { dlv: await until(waits, { what: 'a delivery that is pending' }) };
}

/** An org that has as many operations running as it may, none of which will ever take a step. */
async function aboutBusyOrg(described: Described, { scene }: Making): Promise<Made> {
  const { slug, webhooks } = await scene.house.newOrg();
  const { id: wh } = await webhooks.create(HARMLESS);
  await scene.house.pool.query(
    `INSERT INTO operations (id, org_id, kind, details, per_second, state, next_step_at)
     SELECT gen_random_uuid(), org_id, 'resend', '{}', 1, 'running', now() + interval '1 day'
     FROM webhooks, generate_series(1, $2) WHERE id = $1`,
    [parseId('wh', wh), RUNNING_PER_ORG],
  );
  return exampleRequest(described, { slug, things: { wh } }, scene.house.operatorKey);
}

/** Of a webhook of its own, whose secret was rotated: 0 is the one in use. */
function freshSecret(place: 0 | 1): (making: Making) => Promise<{ wh: string; sec: string }> {
  return async (making) => {
    const { wh } = await freshWebhook(making);
    const { webhooks } = making.org.client;
    await webhooks.rotateSecret(wh);
    return { wh, sec: (await webhooks.secrets(wh)).data[place]?.id ?? '' };
  };
}

async function freshDiverted({ scene, org }: Making): Promise<{ wh: string; evt: string }> {
  const wh = await failingWebhook(org.client, scene.receiver);
  const { id: evt } = await org.client.events.publish({ type: 'a.b', payload: 1 });
  await until(async () => (await org.client.diverted.list(wh)).data.length > 0, { what: 'a diverted event' });
  return { wh, evt };
}

async function freshEventType({ client }: FilledOrg, name: string): Promise<string> {
  const { type } = await client.eventTypes.put(`${name}.${Date.now()}`, {});
  return type;
}
