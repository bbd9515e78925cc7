import type { Problem, TypeRules, WebhookId } from '@hooklane/domain';
import { beforeEach, describe, expect, it } from 'vitest';
import { FakeQueue, settled } from '../../../test/support/memory/work-fakes.ts';
import { WorkScene } from '../../../test/support/memory/work-scene.ts';
import type { AcceptVerdict, OrgSubscriptions, PublishPorts } from './publish-event.ts';
import { publishEvent } from './publish-event.ts';

let scene: WorkScene;
let queue: FakeQueue;
let faults: unknown[];
let ports: PublishPorts;
let subscriptions: CachedSubscriptions;
let webhookId: WebhookId;
let types: TypeRules | null;
let misfits: Problem[];

/** A cache that is as old as its last fresh read. */
class CachedSubscriptions {
  webhooks: OrgSubscriptions['webhooks'][number][] = [];
  freshReads = 0;
  #known: OrgSubscriptions | null = null;

  async of(orgId: Parameters<PublishPorts['subscriptions']['of']>[0], fresh: boolean): Promise<OrgSubscriptions> {
    if (fresh) this.freshReads++;
    if (fresh || this.#known === null) {
      this.#known = { configVersion: await scene.world.configVersion(orgId), webhooks: [...this.webhooks], types };
    }
    return this.#known;
  }

  versionOf(orgId: Parameters<PublishPorts['subscriptions']['of']>[0]): Promise<bigint> {
    return scene.world.configVersion(orgId);
  }
}

beforeEach(async () => {
  scene = await WorkScene.open();
  queue = new FakeQueue();
  faults = [];
  subscriptions = new CachedSubscriptions();
  types = null;
  misfits = [];
  ports = {
    events: scene.world.events,
    subscriptions,
    schemas: { check: async () => misfits },
    due: scene.world.due,
    queue,
    ids: scene.ids,
    onFault: (error) => faults.push(error),
  };
  webhookId = await subscribe({});
});

describe('publishing an event', () => {
  it('stores it with a due delivery for each webhook it is for, and announces them', async () => {
    const second = await subscribe({ events: ['*'] });
    const published = await publishEvent(ports, scene.publication());
    expect(published).toMatchObject({ deliveries: 2, repeated: false });
    expect(scene.world.rows.events.get(published.eventId)?.payload).toEqual(Buffer.from('{"amount": 1.0}'));
    const due = [...scene.world.rows.due.values()];
    expect(due.map((row) => row.webhookId)).toEqual([webhookId, second]);
    const refs = due.map((row) => ({ deliveryId: row.deliveryId, webhookId: row.webhookId, attempt: 1 }));
    expect(queue.announced).toEqual([{ refs, delayMs: 0 }]);
  });

  it('makes deliveries for webhooks whose types and filters it passes, and for no other', async () => {
    await subscribe({ events: ['order.*'] });
    await subscribe({ filters: { region: ['us'] } });
    const eu = await subscribe({ filters: { region: ['eu', 'uk'] } });
    await publishEvent(ports, scene.publication({ attributes: { region: 'eu' } }));
    expect([...scene.world.rows.due.values()].map((row) => row.webhookId)).toEqual([webhookId, eu]);
  });

  it('that is for nobody stores it and announces nothing', async () => {
    const published = await publishEvent(ports, scene.publication({ type: 'other.thing' }));
    expect(published.deliveries).toBe(0);
    expect([scene.world.rows.events.size, queue.announced.length]).toEqual([1, 0]);
  });

  it('matches it again with fresh subscriptions when the org’s webhooks changed meanwhile', async () => {
    await publishEvent(ports, scene.publication());
    const added = await subscribe({});
    expect(subscriptions.freshReads).toBe(0);
    const { eventId, deliveries } = await publishEvent(ports, scene.publication());
    expect([deliveries, subscriptions.freshReads]).toEqual([2, 1]);
    const due = [...scene.world.rows.due.values()].filter((row) => row.eventId === eventId);
    expect(due.map((row) => row.webhookId)).toEqual([webhookId, added]);
  });

  it('gives up as overloaded when the webhooks never stop changing', async () => {
    let asked = 0;
    const events = {
      async accept(): Promise<AcceptVerdict> {
        asked++;
        return { kind: 'stale' };
      },
    };
    await expect(
      publishEvent({ ...ports, events: { ...ports.events, ...events } }, scene.publication()),
    ).rejects.toMatchObject({ code: 'overloaded' });
    expect([asked, queue.announced.length]).toEqual([10, 0]);
  });
});

describe('a request that is made again', () => {
  it('gets the first answer, and nothing is announced', async () => {
    const keyed = scene.publication({ idempotency: { key: 'k', requestHash: Buffer.from('a') } });
    const first = await publishEvent(ports, keyed);
    await subscribe({});
    expect(await publishEvent(ports, keyed)).toEqual({ ...first, repeated: true });
    expect([queue.announced.length, scene.undone]).toEqual([1, 1]);
  });

  it('with another content is refused', async () => {
    await publishEvent(ports, scene.publication({ idempotency: { key: 'k', requestHash: Buffer.from('a') } }));
    const other = scene.publication({ idempotency: { key: 'k', requestHash: Buffer.from('b') } });
    await expect(publishEvent(ports, other)).rejects.toMatchObject({ code: 'idempotency_conflict' });
  });
});

describe('an event of a type that the catalogue knows', () => {
  const known = (deprecated: boolean, current: number | null) => ({
    unknown: 'refuse' as const,
    known: new Map([['invoice.paid', { deprecated, current, schemas: new Map([[1, 'schema-1']]) }]]),
  });
  const stored = () => [...scene.world.rows.events.values()].map((event) => event.schemaVersion);

  it('is stored with the version that it was checked by', async () => {
    types = known(false, 1);
    expect(await publishEvent(ports, scene.publication())).toMatchObject({ deprecated: false });
    types = known(true, null);
    expect(
      await publishEvent({ ...ports, subscriptions: new CachedSubscriptions() }, scene.publication()),
    ).toMatchObject({
      deprecated: true,
    });
    expect(stored()).toEqual([1, null]);
  });

  it('is refused where the payload does not fit, with what is wrong', async () => {
    types = known(false, 1);
    misfits = [{ field: 'payload/n', message: 'must be string' }];
    const refusal = { code: 'payload_schema_mismatch', problems: misfits };
    await expect(publishEvent(ports, scene.publication())).rejects.toMatchObject(refusal);
    expect([stored(), queue.announced]).toEqual([[], []]);
  });

  it.each([
    ['another type', { type: 'other' }, 'unknown_event_type'],
    ['a version that was never made', { schemaVersion: 2 }, 'invalid_field'],
  ])('is refused: %s', async (_, changed, code) => {
    types = known(false, 1);
    await expect(publishEvent(ports, scene.publication(changed))).rejects.toMatchObject({ code });
  });

  it('is refused by no catalogue that was changed since it was read', async () => {
    types = known(false, 1);
    misfits = [{ field: 'payload', message: 'must be string' }];
    await expect(publishEvent(ports, scene.publication())).rejects.toMatchObject({ code: 'payload_schema_mismatch' });
    expect(subscriptions.freshReads).toBe(0);
    // A change of the org's configuration, as any.
    await scene.newWebhook();
    types = null;
    expect(await publishEvent(ports, scene.publication())).toMatchObject({ repeated: false });
    expect(subscriptions.freshReads).toBe(1);
  });

  it('is answered as before when it comes again, though the catalogue would refuse it now', async () => {
    const keyed = scene.publication({ idempotency: { key: 'k', requestHash: Buffer.from('a') } });
    const first = await publishEvent(ports, keyed);
    types = known(false, 1);
    misfits = [{ field: 'payload', message: 'must be string' }];
    await scene.newWebhook();
    const fresh = { ...ports, subscriptions: new CachedSubscriptions() };
    expect(await publishEvent(fresh, keyed)).toEqual({ ...first, repeated: true });
    const other = scene.publication({ idempotency: { key: 'k', requestHash: Buffer.from('b') } });
    await expect(publishEvent(fresh, other)).rejects.toMatchObject({ code: 'idempotency_conflict' });
    const unheard = scene.publication({ idempotency: { key: 'l', requestHash: Buffer.from('a') } });
    await expect(publishEvent(fresh, unheard)).rejects.toMatchObject({ code: 'payload_schema_mismatch' });
    expect(stored()).toEqual([null]);
  });
});

describe('the queue', () => {
  it('that hangs does not keep the answer', async () => {
    queue.taken = null;
    expect(await publishEvent(ports, scene.publication())).toMatchObject({ deliveries: 1 });
  });

  it('that took the work keeps it from the relay', async () => {
    await publishEvent(ports, scene.publication());
    await settled();
    expect(await scene.world.due.relay(10)).toEqual([]);
  });

  it('that did not take the work leaves it to the relay', async () => {
    queue.taken = false;
    await publishEvent(ports, scene.publication());
    await settled();
    expect(await scene.world.due.relay(10)).toHaveLength(1);
  });

  it('that is away gets nothing: who takes from the store is told', async () => {
    queue.state = 'away';
    await publishEvent(ports, scene.publication());
    expect([queue.announced, queue.left, (await scene.world.due.relay(10)).length]).toEqual([[], [0], 1]);
  });

  it('that is crowded gets no more of an org than its share: the rest waits in the store', async () => {
    queue.isCrowded = true;
    await publishEvent(ports, scene.publication());
    expect([queue.announced, queue.left, (await scene.world.due.relay(10)).length]).toEqual([[], [0], 1]);
  });

  it('that is away costs no statement to unmark what was never marked', async () => {
    queue.state = 'away';
    queue.taken = false;
    await publishEvent({ ...ports, due: { unqueue: () => expect.fail('was not marked') } }, scene.publication());
    await settled();
    expect(faults).toEqual([]);
  });

  it('that fails to be corrected is our fault, not the producer’s', async () => {
    queue.taken = false;
    const due = { unqueue: () => Promise.reject(new Error('no connection')) };
    await publishEvent({ ...ports, due }, scene.publication());
    await settled();
    expect(faults).toEqual([new Error('no connection')]);
  });
});

async function subscribe(changed: Partial<OrgSubscriptions['webhooks'][number]>): Promise<WebhookId> {
  const id = await scene.newWebhook();
  subscriptions.webhooks.push({ id, events: ['invoice.*'], filters: null, ...changed });
  return id;
}
