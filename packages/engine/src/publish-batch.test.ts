import { beforeEach, describe, expect, it } from 'vitest';
import { FakeQueue, settled } from '../../../test/support/memory/work-fakes.ts';
import { WorkScene } from '../../../test/support/memory/work-scene.ts';
import type { BatchOutcome } from './publish-batch.ts';
import { publishBatch } from './publish-batch.ts';
import type { AcceptVerdict, EventDraft, OrgSubscriptions, PublishPorts } from './publish-event.ts';

let scene: WorkScene;
let queue: FakeQueue;
let ports: PublishPorts;
let reads: boolean[];
let webhooks: OrgSubscriptions['webhooks'][number][];

beforeEach(async () => {
  scene = await WorkScene.open();
  queue = new FakeQueue();
  reads = [];
  webhooks = [{ id: await scene.newWebhook(), events: ['invoice.*'], filters: null }];
  ports = {
    events: scene.world.events,
    subscriptions: {
      async of(orgId, fresh) {
        reads.push(fresh);
        return { configVersion: await scene.world.configVersion(orgId), webhooks, types: null };
      },
      versionOf: (orgId) => scene.world.configVersion(orgId),
    },
    schemas: { check: async () => [] },
    due: scene.world.due,
    queue,
    ids: scene.ids,
    onFault: (error) => expect.fail(String(error)),
  };
});

const publish = (...publications: ReturnType<WorkScene['publication']>[]) =>
  publishBatch(ports, scene.publication().orgId, publications);
const keyed = (key: string, hash: string) =>
  scene.publication({ idempotency: { key, requestHash: Buffer.from(hash) } });

describe('publishing a batch', () => {
  it('stores each event with its deliveries, tells in order, and announces once', async () => {
    const other = scene.publication({ type: 'other.thing' });
    const outcomes = await publish(scene.publication(), other, scene.publication());
    expect(outcomes.map((one) => one.kind === 'accepted' && one.published.deliveries)).toEqual([1, 0, 1]);
    expect([...scene.world.rows.events.keys()]).toEqual(outcomes.map(eventIdOf));
    expect(queue.announced.map(({ refs }) => refs.length)).toEqual([2]);
    expect(reads).toEqual([false]);
  });

  it('lets one bad event fail alone', async () => {
    await publish(keyed('k', 'a'));
    const outcomes = await publish(keyed('x', 'x'), keyed('k', 'b'), keyed('y', 'y'));
    expect(outcomes.map((one) => one.kind)).toEqual(['accepted', 'failed', 'accepted']);
    expect(outcomes[1]).toMatchObject({ error: { code: 'idempotency_conflict' } });
  });

  it('gives the first answer for what is repeated within it or was published before, and announces it no more', async () => {
    const [first] = await publish(keyed('k', 'a'));
    const again = await publish(keyed('k', 'a'), keyed('new', 'n'), keyed('new', 'n'));
    expect(again.map((one) => one.kind === 'accepted' && one.published.repeated)).toEqual([true, false, true]);
    expect(eventIdOf(again[0])).toBe(eventIdOf(first));
    expect(eventIdOf(again[2])).toBe(eventIdOf(again[1]));
    expect(queue.announced.map(({ refs }) => refs.length)).toEqual([1, 1]);
  });

  it('matches again, with one fresh read, only those that the store found stale', async () => {
    const accepted: EventDraft[] = [];
    const events = {
      async accept(draft: EventDraft): Promise<AcceptVerdict> {
        if (accepted.push(draft) % 2 === 0 && accepted.length <= 4) return { kind: 'stale' };
        return scene.world.events.accept(draft);
      },
    };
    ports = { ...ports, events: { ...ports.events, ...events } };
    const outcomes = await publish(...[1, 2, 3, 4].map(() => scene.publication()));
    expect(outcomes.map((one) => one.kind)).toEqual(['accepted', 'accepted', 'accepted', 'accepted']);
    expect([accepted.length, reads, scene.world.rows.events.size]).toEqual([6, [false, true], 4]);
    expect(queue.announced.map(({ refs }) => refs.length)).toEqual([2, 2]);
  });

  it('gives up on those alone for which the webhooks never stop changing', async () => {
    const restless = scene.publication();
    const events = {
      accept: async (draft: EventDraft): Promise<AcceptVerdict> =>
        draft.publication === restless ? { kind: 'stale' } : scene.world.events.accept(draft),
    };
    ports = { ...ports, events: { ...ports.events, ...events } };
    const outcomes = await publish(scene.publication(), restless);
    expect(outcomes).toMatchObject([{ kind: 'accepted' }, { kind: 'failed', error: { code: 'overloaded' } }]);
    expect(reads).toHaveLength(10);
  });

  it('keeps the answers of those that were stored before the store went away', async () => {
    const events = {
      async accept(draft: EventDraft): Promise<AcceptVerdict> {
        if (scene.world.rows.events.size === 2) throw new Error('connection lost');
        return scene.world.events.accept(draft);
      },
    };
    ports = { ...ports, events: { ...ports.events, ...events } };
    const outcomes = await publish(scene.publication(), scene.publication(), scene.publication());
    expect(outcomes.map((one) => one.kind)).toEqual(['accepted', 'accepted', 'failed']);
    expect(queue.announced.map(({ refs }) => refs.length)).toEqual([2]);
  });

  it('fails as a whole, one by one, when the webhooks cannot be read', async () => {
    const noConnection = () => Promise.reject(new Error('no connection'));
    ports = { ...ports, subscriptions: { of: noConnection, versionOf: noConnection } };
    const outcomes = await publish(scene.publication(), scene.publication());
    expect(outcomes).toEqual(Array(2).fill({ kind: 'failed', error: new Error('no connection') }));
  });

  it('leaves to the relay what the queue did not take', async () => {
    queue.taken = false;
    await publish(scene.publication(), scene.publication());
    await settled();
    expect(await scene.world.due.relay(10)).toHaveLength(2);
  });
});

function eventIdOf(outcome: BatchOutcome | undefined): string | null {
  return outcome?.kind === 'accepted' ? outcome.published.eventId : null;
}
