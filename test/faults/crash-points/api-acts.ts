import { HooklaneError } from '@hooklane/client';
import { formatId, parseId } from '@hooklane/domain';
import { SCOPES } from '@hooklane/engine';
import { until } from '../../support/until.ts';
import type { Expected, Scene } from './scene.ts';
import { addWebhook, nothingDue, patiently, publish } from './scene.ts';

/** One thing that is asked of the API while it dies. */
export interface Act {
  /** What it is asked about: an id, say. */
  prepare?(scene: Scene): Promise<string>;
  ask(scene: Scene, about: string | undefined): Promise<unknown>;
  /** After the API has come back: what is not as it must be. `done`: it died after the store had done it. */
  wrong(scene: Scene, after: { asked: string | undefined; answer: unknown; done: boolean }): Promise<string[]>;
  /** Default: all that was published is delivered. */
  expected?: Expected;
}

const fine = async () => [];
const publishOnly: Act = { ask: (scene) => publish(scene, 'asked', 1), wrong: fine };

/** By the call that the API dies in. */
export const ACTS: Readonly<Record<string, Act>> = {
  'api.events.accept': publishOnly,
  'api.queue.announce': publishOnly,
  'api.due.unqueue': publishOnly,
  'api.webhooks.create': {
    ask: ({ fleet, name, receiver }) =>
      fleet.org.webhooks.create({ url: receiver.url, name: `${name}-new`, events: ['never.sent'], ping: false }),
    async wrong({ fleet, name }, { done }) {
      const { data } = await fleet.org.webhooks.list({ name: `${name}-new` });
      return data.length === (done ? 1 : 0) ? [] : [`there are ${data.length} webhooks`];
    },
  },
  'api.webhooks.change': {
    prepare: (scene) => idle(scene),
    ask: ({ fleet }, id = '') => patiently(() => fleet.org.webhooks.update(id, { description: 'changed' })),
    wrong: async (scene, { asked }) => unless((await read(scene, asked)).description === 'changed', 'not changed'),
  },
  'api.webhooks.suspend': {
    prepare: (scene) => idle(scene),
    ask: ({ fleet }, id = '') => patiently(() => fleet.org.webhooks.suspend(id)),
    wrong: async (scene, { asked }) => unless((await read(scene, asked)).suspended !== null, 'not suspended'),
  },
  'api.webhooks.unsuspend': {
    async prepare(scene) {
      const id = await idle(scene);
      await scene.fleet.org.webhooks.suspend(id);
      return id;
    },
    ask: ({ fleet }, id = '') => patiently(() => fleet.org.webhooks.unsuspend(id)),
    wrong: async (scene, { asked }) => unless((await read(scene, asked)).suspended === null, 'still suspended'),
  },
  'api.webhooks.delete': {
    prepare: (scene) => idle(scene),
    ask: ({ fleet }, id = '') => gone(() => fleet.org.webhooks.delete(id)),
    async wrong({ fleet }, { asked = '' }) {
      const there = await fleet.org.webhooks.get(asked).catch(() => null);
      return unless(there === null, 'not deleted');
    },
  },
  'api.webhooks.rotateSecret': {
    prepare: (scene) => idle(scene),
    ask: ({ fleet }, id = '') => fleet.org.webhooks.rotateSecret(id, { overlap_seconds: 60 }),
    async wrong({ pool, name }, { done }) {
      const { rows } = await pool.query(
        'SELECT FROM webhook_secrets s JOIN webhooks w ON w.id = s.webhook_id WHERE w.name = $1',
        [`${name}-idle`],
      );
      return unless(rows.length === (done ? 2 : 1), `${rows.length} secrets`);
    },
  },
  'api.webhooks.expireSecret': {
    async prepare(scene) {
      const id = await idle(scene);
      await scene.fleet.org.webhooks.rotateSecret(id, { overlap_seconds: 60 });
      return id;
    },
    ask: ({ fleet }, id = '') =>
      gone(async () => {
        const { data } = await fleet.org.webhooks.secrets(id);
        await fleet.org.webhooks.expireSecret(id, data[1]?.id ?? 'none');
      }),
    wrong: async ({ fleet }, { asked = '' }) =>
      unless((await fleet.org.webhooks.secrets(asked)).data.length === 1, 'not expired'),
  },
  'api.eventTypes.put': {
    prepare: async ({ name }) => `${name}.type`,
    ask: ({ fleet }, type = '') => patiently(() => fleet.org.eventTypes.put(type, { schema: { type: 'object' } })),
    async wrong({ fleet }, { asked = '' }) {
      const { data } = await fleet.org.eventTypes.versions(asked);
      return unless(data.length === 1, `${data.length} versions of its schema`);
    },
  },
  'api.eventTypes.delete': {
    prepare: async ({ fleet, name }) => (await fleet.org.eventTypes.put(`${name}.type`, {})).type,
    ask: ({ fleet }, type = '') => gone(() => fleet.org.eventTypes.delete(type)),
    async wrong({ fleet }, { asked = '' }) {
      const there = await fleet.org.eventTypes.get(asked).catch(() => null);
      return unless(there === null, 'not deleted');
    },
  },
  'api.orgs.create': {
    ask: ({ fleet, name }) => fleet.operator.orgs.create({ slug: `${name}-org` }),
    wrong: async (scene, { done }) => unless((await hasOrg(scene)) === done, done ? 'no org' : 'an org'),
  },
  'api.orgs.change': {
    prepare: async ({ fleet, name }) => (await fleet.operator.orgs.create({ slug: `${name}-org` })).slug,
    ask: ({ fleet }, slug = '') => patiently(() => fleet.operator.orgs.update(slug, { name: 'changed' })),
    async wrong({ fleet, name }) {
      const { name: now } = await fleet.operator.orgs.get(`${name}-org`);
      return unless(now === 'changed', 'not changed');
    },
  },
  'api.orgs.delete': {
    prepare: async ({ fleet, name }) => (await fleet.operator.orgs.create({ slug: `${name}-org` })).slug,
    ask: ({ fleet }, slug = '') => gone(() => fleet.operator.orgs.delete(slug)),
    wrong: async (scene) => unless(!(await hasOrg(scene)), 'not deleted'),
  },
  'api.keys.create': {
    prepare: async ({ fleet, name }) => (await fleet.operator.orgs.create({ slug: `${name}-org` })).slug,
    ask: ({ fleet }, slug = '') => fleet.operator.keys.create(slug, { name: 'k', scopes: SCOPES }),
    wrong: async (scene, { asked, done }) => unless((await keysOf(scene, asked)).length === (done ? 1 : 0), 'keys'),
  },
  'api.keys.revoke': {
    async prepare({ fleet, name }) {
      const { slug } = await fleet.operator.orgs.create({ slug: `${name}-org` });
      await fleet.operator.keys.create(slug, { name: 'k', scopes: SCOPES });
      return slug;
    },
    async ask(scene, slug = '') {
      const [key] = await keysOf(scene, slug);
      await gone(() => scene.fleet.operator.keys.delete(slug, key?.id ?? ''));
    },
    wrong: async (scene, { asked }) => unless((await keysOf(scene, asked)).length === 0, 'not revoked'),
  },
  'api.diverted.delete': {
    prepare: divertOne,
    ask: ({ fleet }, about = '') => gone(() => fleet.org.diverted.delete(...pair(about))),
    wrong: fine,
    expected: (role, type) => expectedOfDiverted(role, type, 'discarded'),
  },
  'api.diverted.resend': {
    prepare: divertOne,
    ask: ({ fleet }, about = '') => fleet.org.diverted.resend(...pair(about)),
    wrong: ({ fleet }, { asked = '', done }) => againUnless(done, () => fleet.org.diverted.resend(...pair(asked))),
    expected: (role, type) => expectedOfDiverted(role, type, 'delivered'),
  },
  'api.redeliveries.redeliver': {
    async prepare(scene) {
      const [webhookId, eventId] = pair(await divertOne(scene));
      await scene.fleet.org.diverted.delete(webhookId, eventId);
      const { data } = await scene.fleet.org.webhooks.deliveries(webhookId);
      return data[0]?.id ?? '';
    },
    ask: ({ fleet }, id = '') => fleet.org.deliveries.redeliver(id),
    // Where it was done it may be over by now, and would be made once more.
    wrong: async ({ fleet }, { asked = '', done }) =>
      done ? [] : againUnless(done, () => fleet.org.deliveries.redeliver(asked)),
    expected: (role, type) => expectedOfDiverted(role, type, 'delivered'),
  },
  'api.operations.cancel': {
    prepare: async (scene) => standingOperation(scene, await idle(scene)),
    ask: ({ fleet }, id = '') => patiently(() => fleet.org.operations.cancel(id)),
    wrong: async ({ fleet }, { asked = '' }) => {
      return unless((await fleet.org.operations.get(asked)).state === 'cancelled', 'not cancelled');
    },
  },
  'api.pauses.pause': {
    prepare: (scene) => idle(scene),
    ask: ({ fleet }, id = '') => patiently(() => fleet.org.webhooks.pause(id)),
    wrong: async (scene, { asked }) => unless((await read(scene, asked)).paused !== null, 'not paused'),
  },
  'api.pauses.resume': {
    async prepare(scene) {
      const id = await idle(scene);
      await scene.fleet.org.webhooks.pause(id);
      return id;
    },
    ask: ({ fleet }, id = '') => patiently(() => fleet.org.webhooks.resume(id)),
    wrong: async (scene, { asked }) => unless((await read(scene, asked)).paused === null, 'still paused'),
  },
  'api.operator.unsuspend': {
    async prepare(scene) {
      const id = await idle(scene);
      await scene.fleet.org.webhooks.suspend(id);
      return id;
    },
    ask: ({ fleet }, id = '') => patiently(() => fleet.operator.admin.unsuspend({ webhook_ids: [id] })),
    wrong: async (scene, { asked }) => unless((await read(scene, asked)).suspended === null, 'still suspended'),
  },
  'api.operations.start': {
    prepare: divertOne,
    ask: ({ fleet }, about = '') => fleet.org.diverted.resendAll(pair(about)[0]),
    async wrong(scene, { asked = '', done }) {
      const webhookId = pair(asked)[0];
      const again = await againUnless(done, () => scene.fleet.org.diverted.resendAll(webhookId));
      const empty = async () => (await scene.fleet.org.diverted.list(webhookId)).data.length === 0;
      await until(empty, { what: 'the diverted event to be sent again' });
      return again;
    },
    expected: (role, type) => expectedOfDiverted(role, type, 'delivered'),
  },
};

function unless(isRight: boolean, what: string): string[] {
  return isRight ? [] : [what];
}

/** A webhook for which nothing is published. */
async function idle({ fleet, name, receiver }: Scene): Promise<string> {
  const settings = { url: receiver.url, name: `${name}-idle`, events: ['never.sent'], ping: false };
  return (await fleet.org.webhooks.create(settings)).id;
}

/** One that takes no step while the play goes on. */
async function standingOperation({ pool }: Scene, webhookId: string): Promise<string> {
  const { rows } = await pool.query<{ id: string }>(
    `INSERT INTO operations (id, org_id, webhook_id, kind, details, per_second, state, next_step_at)
     SELECT gen_random_uuid(), org_id, id, 'retry_now', '{}', 1, 'running', now() + interval '1 day'
     FROM webhooks WHERE id = $1 RETURNING id`,
    [parseId('wh', webhookId)],
  );
  return formatId('op', rows[0]?.id ?? '');
}

function read({ fleet }: Scene, id = '') {
  return fleet.org.webhooks.get(id);
}

async function hasOrg({ fleet, name }: Scene): Promise<boolean> {
  return (await fleet.operator.orgs.get(`${name}-org`).catch(() => null)) !== null;
}

async function keysOf({ fleet }: Scene, slug = '') {
  return (await fleet.operator.keys.list(slug)).data;
}

/** Deletes: who was cut off and asks again may hear that there is nothing to delete any more. */
async function gone(remove: () => Promise<void>): Promise<void> {
  try {
    await patiently(remove);
  } catch (error) {
    if (!(error instanceof HooklaneError) || error.status !== 404) throw error;
  }
}

/** One event of type `set`, set aside for a webhook of its own that is active again. */
async function divertOne(scene: Scene): Promise<string> {
  const { fleet, name, acknowledged } = scene;
  const id = await addWebhook(scene, 'aside', { events: [`${name}.set`] });
  await fleet.org.webhooks.suspend(id);
  await publish(scene, 'set', 1);
  await nothingDue(scene);
  await fleet.org.webhooks.unsuspend(id);
  return `${id} ${[...acknowledged.values()].at(-1)}`;
}

function pair(about: string): [webhookId: string, eventId: string] {
  const [webhookId = '', eventId = ''] = about.split(' ');
  return [webhookId, eventId];
}

function expectedOfDiverted(role: string, type: string, ofDiverted: 'delivered' | 'discarded') {
  if (role !== 'aside') return 'delivered';
  return type.endsWith('.set') ? ofDiverted : null;
}

/** Where it was not done asking again must do it; where it was, it must refuse to do it twice. */
async function againUnless(done: boolean, ask: () => Promise<unknown>): Promise<string[]> {
  const again = await ask().then(
    () => 'done',
    () => 'refused',
  );
  return unless(done || again === 'done', 'cannot be asked again');
}
