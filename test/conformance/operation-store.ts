import { DUE_HIGH_WATER } from '@hooklane/domain';
import type { DivertedFilter, DueRef, Operation, OperationTask, Webhook } from '@hooklane/engine';
import { RUNNING_PER_ORG } from '@hooklane/engine';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { until } from '../support/until.ts';
import type { MakeStores, SetAside, Stores } from './stores.ts';
import { allPages, by, divertOne, ids, newOrg, newWebhook, publishOne } from './stores.ts';

export function describeOperationStore(make: MakeStores): void {
  describe('a store of operations', () => {
    let stores: Stores;
    beforeAll(async () => {
      stores = await make();
    });
    afterAll(() => stores[Symbol.asyncDispose]());

    async function orgWithWebhook(): Promise<Webhook> {
      return newWebhook(stores, (await newOrg(stores)).id);
    }

    async function listed(filter: DivertedFilter): Promise<string[]> {
      const all = await allPages((cursor) => stores.diverted.list(filter, { limit: 2, cursor }));
      return all.map((diverted) => diverted.eventId);
    }

    /** Set aside one after the other, `count` of them, the oldest first. */
    async function divertMany(webhook: Webhook, count: number): Promise<SetAside[]> {
      const startMs = Date.now() - 3_600_000;
      const sets: SetAside[] = [];
      for (let n = 0; n < count; n++) {
        sets.push(await divertOne(stores, webhook, { divertedAt: new Date(startMs + n * 1_000) }));
      }
      return sets;
    }

    /** Takes steps until the operation is done; the refs of each step that moved something. */
    async function run(operation: Operation, stepMs: number): Promise<DueRef[][]> {
      const steps: DueRef[][] = [];
      const step = async () => {
        const { refs } = await stores.operations.advance({ stepMs });
        if (refs.length > 0) steps.push(refs);
        return (await stores.operations.get(null, operation.id))?.state !== 'running';
      };
      await until(step, { what: 'the operation to be done' });
      return steps;
    }

    function start(filter: DivertedFilter, perSecond: number, orgId = filter.orgId ?? null): Promise<Operation> {
      return begin({ kind: 'resend', filter }, { perSecond, orgId, webhookId: filter.webhookId ?? null });
    }

    const startMs = Date.now();
    let begun = 0;

    async function begin(
      task: OperationTask,
      on: Pick<Operation, 'orgId' | 'webhookId'> & { perSecond?: number },
    ): Promise<Operation> {
      // Ids made within a millisecond are in no order.
      const id = ids.next('op', startMs + begun++);
      const started = await stores.operations.start({ id, task, perSecond: 1_000, by, ...on });
      if (started === 'too_many') throw new Error('There are too many operations.');
      return started;
    }

    test('moves the oldest first, a bounded number in each step', async () => {
      const webhook = await orgWithWebhook();
      const sets = await divertMany(webhook, 5);
      const left = () => listed({ orgId: webhook.orgId });
      const operation = await start({ orgId: webhook.orgId, webhookId: webhook.id }, 1_000);
      expect(operation).toMatchObject({
        orgId: webhook.orgId,
        webhookId: webhook.id,
        state: 'running',
        waitingFor: null,
        total: 5,
        moved: 0,
      });

      const first = await stores.operations.advance({ stepMs: 2 });

      expect(first.refs).toHaveLength(2);
      const newestFirst = sets.map((set) => set.eventId).reverse();
      expect(await left()).toEqual(newestFirst.slice(0, 3));
      expect((await run(operation, 2)).map((refs) => refs.length)).toEqual([2, 1]);
      expect(await stores.operations.get(webhook.orgId, operation.id)).toMatchObject({
        state: 'done',
        total: 5,
        moved: 5,
        examined: 5,
        task: { kind: 'resend', filter: { orgId: webhook.orgId, webhookId: webhook.id } },
        finishedAt: expect.any(Date),
      });
    });

    test('keeps to its rate: no step before the one before it has lasted', async () => {
      const webhook = await orgWithWebhook();
      await divertMany(webhook, 3);
      const operation = await start({ webhookId: webhook.id }, 1);

      const step = () => stores.operations.advance({ stepMs: 100 });
      const together = await Promise.all([step(), step(), step()]);

      expect(together.flatMap((one) => one.refs)).toMatchObject([{ attempt: 4 }]);
      expect(await step()).toEqual({ refs: [], busy: false });
      await stores.webhooks.delete({ orgId: webhook.orgId, id: webhook.id, by });
      await run(operation, 100);
    });

    test('tells whether another operation is waiting for its turn', async () => {
      const webhook = await orgWithWebhook();
      const operations = [await start({ webhookId: webhook.id }, 1), await start({ webhookId: webhook.id }, 1)];

      expect(await stores.operations.advance({ stepMs: 10 })).toEqual({ refs: [], busy: true });
      expect(await stores.operations.advance({ stepMs: 10 })).toEqual({ refs: [], busy: false });

      for (const { id } of operations) {
        expect(await stores.operations.get(null, id)).toMatchObject({ state: 'done', moved: 0 });
      }
    });

    test('leaves what was set aside after the operation began', async () => {
      const webhook = await orgWithWebhook();
      await divertMany(webhook, 2);
      const operation = await start({ webhookId: webhook.id }, 1_000);
      const later = await divertOne(stores, webhook, { divertedAt: new Date(Date.now() + 3_600_000) });

      const steps = await run(operation, 10);

      expect(steps.flat()).toHaveLength(2);
      expect(await listed({ webhookId: webhook.id })).toEqual([later.eventId]);
    });

    test('works across orgs by filter, and passes over webhooks that are not active', async () => {
      const eventType = `replayed.${ids.next('evt')}`;
      const [one, other, suspended] = [await orgWithWebhook(), await orgWithWebhook(), await orgWithWebhook()];
      await stores.webhooks.suspend({ orgId: suspended.orgId, id: suspended.id, by }, 'manual');
      for (const webhook of [one, suspended, other]) await divertOne(stores, webhook, { eventType });
      const spared = await divertOne(stores, one);
      const operation = await start({ eventTypes: [eventType], since: new Date(0) }, 1_000, null);
      expect(operation).toMatchObject({ orgId: null, total: 3 });

      const steps = await run(operation, 1_000);

      const moved = steps.flat().map((ref) => ref.webhookId);
      expect(moved.toSorted()).toEqual([one.id, other.id].toSorted());
      expect(await listed({ eventTypes: [eventType] })).toHaveLength(1);
      expect(await listed({ webhookId: one.id })).toEqual([spared.eventId]);
      expect(await stores.operations.get(null, operation.id)).toMatchObject({
        moved: 2,
        total: 3,
        task: { filter: { since: new Date(0) } },
      });
    });

    test('previews what an erasure would erase, of that org alone, and erases nothing', async () => {
      const { orgId, id } = await orgWithWebhook();
      await publishOne(stores, { id, orgId });
      const preview = (erased: typeof orgId) =>
        stores.operations.preview({ orgId: null, webhookId: null, task: { kind: 'erase', orgId: erased } });
      expect(await preview(orgId)).toBeGreaterThanOrEqual(2);
      expect(await preview(ids.next('org'))).toBe(0);
      expect(await stores.webhooks.get(orgId, id)).not.toBeNull();
    });

    test('previews what a resend would send, without those of webhooks that are not active, and sends nothing', async () => {
      const webhook = await orgWithWebhook();
      const asleep = await newWebhook(stores, webhook.orgId);
      await divertMany(webhook, 3);
      await divertMany(asleep, 2);
      await stores.webhooks.suspend({ orgId: webhook.orgId, id: asleep.id, by }, 'manual');
      const preview = (filter: DivertedFilter) =>
        stores.operations.preview({ orgId: webhook.orgId, webhookId: null, task: { kind: 'resend', filter } });

      expect(await preview({ orgId: webhook.orgId })).toBe(3);
      expect(await preview({ orgId: webhook.orgId, webhookId: asleep.id })).toBe(0);
      expect(await preview({ orgId: webhook.orgId, reasons: ['gone'] })).toBe(0);

      expect(await listed({ orgId: webhook.orgId })).toHaveLength(5);
      expect((await stores.operations.list({ orgId: webhook.orgId }, { limit: 9, cursor: null })).data).toEqual([]);
    });

    test('shows an operation to its own org only', async () => {
      const webhook = await orgWithWebhook();
      const operation = await start({ orgId: webhook.orgId }, 1);

      expect(await stores.operations.get(webhook.orgId, operation.id)).toEqual(operation);
      expect(await stores.operations.get(ids.next('org'), operation.id)).toBeNull();
      await run(operation, 10);
    });

    test('moves each row once when four workers take steps at the same time', async () => {
      const webhook = await orgWithWebhook();
      await Promise.all(Array.from({ length: 60 }, () => divertOne(stores, webhook)));
      const operation = await start({ webhookId: webhook.id }, 3_000);
      const rival = await start({ webhookId: webhook.id }, 2_000);

      const steps = (await Promise.all([1, 2, 3, 4].map(() => run(operation, 1)))).flat().concat(await run(rival, 1));

      const moved = steps.flat().map((ref) => ref.deliveryId);
      expect(moved).toHaveLength(60);
      expect(new Set(moved).size).toBe(60);
      const told = [await stores.operations.get(null, operation.id), await stores.operations.get(null, rival.id)];
      expect((told[0]?.moved ?? 0) + (told[1]?.moved ?? 0)).toBe(60);
    });

    test('waits while its webhook is not active, and ends when it is deleted', async () => {
      const webhook = await orgWithWebhook();
      const { orgId, id } = webhook;
      await divertMany(webhook, 2);
      await stores.webhooks.suspend({ orgId, id, by }, 'manual');
      const operation = await start({ webhookId: id, orgId }, 1_000);

      expect((await stores.operations.advance({ stepMs: 100 })).refs).toEqual([]);

      const told = () => stores.operations.get(orgId, operation.id);
      expect(await told()).toMatchObject({ state: 'running', waitingFor: 'webhook', moved: 0 });
      await stores.webhooks.delete({ orgId, id, by });
      await run(operation, 100);
      expect(await told()).toMatchObject({ state: 'cancelled', waitingFor: null, finishedAt: expect.any(Date) });
    });

    test('is cancelled once, for its own org only, and moves nothing any more', async () => {
      const webhook = await orgWithWebhook();
      await divertMany(webhook, 2);
      const operation = await start({ webhookId: webhook.id, orgId: webhook.orgId }, 1_000);

      expect(await stores.operations.cancel({ orgId: ids.next('org'), id: operation.id, by })).toBeNull();
      const cancelled = await stores.operations.cancel({ orgId: webhook.orgId, id: operation.id, by });

      expect(cancelled).toMatchObject({ state: 'cancelled', moved: 0, finishedAt: expect.any(Date) });
      expect(await stores.operations.cancel({ orgId: null, id: operation.id, by })).toEqual(cancelled);
      expect(await stores.operations.advance({ stepMs: 100 })).toEqual({ refs: [], busy: false });
      expect(await listed({ webhookId: webhook.id })).toHaveLength(2);
    });

    test('is listed by org, webhook, kind and state, newest first', async () => {
      const webhook = await orgWithWebhook();
      const { orgId, id: webhookId } = webhook;
      const other = await newWebhook(stores, orgId);
      const operations = [
        await begin({ kind: 'cancel_pending' }, { orgId, webhookId }),
        await begin({ kind: 'retry_now' }, { orgId, webhookId: other.id }),
        await begin({ kind: 'cancel_pending' }, { orgId, webhookId: other.id }),
      ];
      const [first, second, third] = operations.map(({ id }) => id);
      await stores.operations.cancel({ orgId: null, id: first ?? ids.next('op'), by });
      const idsOf = async (filter: Parameters<Stores['operations']['list']>[0]) =>
        (await allPages((cursor) => stores.operations.list(filter, { limit: 1, cursor }))).map((one) => one.id);

      expect(await idsOf({ orgId })).toEqual([third, second, first]);
      expect(await idsOf({ orgId, webhookId: other.id })).toEqual([third, second]);
      expect(await idsOf({ orgId, kind: 'cancel_pending' })).toEqual([third, first]);
      expect(await idsOf({ orgId, state: 'cancelled' })).toEqual([first]);
      expect(await idsOf({})).toEqual(expect.arrayContaining([first, second, third]));
      for (const operation of operations) await run(operation, 100);
    });

    test('is not begun where an org has as many running as it may', async () => {
      const { orgId, id: webhookId } = await orgWithWebhook();
      const wanted = () => ({
        id: ids.next('op'),
        task: { kind: 'retry_now' } as const,
        perSecond: 1,
        orgId,
        webhookId,
        by,
      });
      const started = await Promise.all(
        Array.from({ length: RUNNING_PER_ORG + 1 }, () => stores.operations.start(wanted())),
      );

      const running = started.filter((one) => one !== 'too_many');
      expect(running).toHaveLength(RUNNING_PER_ORG);
      for (const { id } of running) await stores.operations.cancel({ orgId, id, by });
      const again = await stores.operations.start(wanted());
      if (again === 'too_many') throw new Error('Those that have ended do not count.');
      await stores.operations.cancel({ orgId, id: again.id, by });
    });

    describe('that makes pending deliveries due', () => {
      const LATER = { state: 'pending', dueInMs: 3_600_000 } as const;

      test('makes all that wait for a retry due now, in bounded steps, and each of them once', async () => {
        const webhook = await orgWithWebhook();
        const pending = [];
        for (let n = 0; n < 5; n++)
          pending.push((await publishOne(stores, webhook, { ...LATER, attempts: n })).deliveryId);
        const strange = await publishOne(stores, await newWebhook(stores, webhook.orgId), LATER);
        const operation = await begin({ kind: 'retry_now' }, { orgId: webhook.orgId, webhookId: webhook.id });
        expect(operation).toMatchObject({ task: { kind: 'retry_now' }, total: 5 });
        await until(() => Date.now() > operation.createdAt.getTime(), { what: 'the next moment' });
        const later = await publishOne(stores, webhook, LATER);

        const steps = await run(operation, 2);

        expect(steps.map((refs) => refs.length)).toEqual([2, 2, 1]);
        expect(steps.flat()).toEqual(
          expect.arrayContaining(
            pending.map((deliveryId, n) => expect.objectContaining({ deliveryId, attempt: n + 1 })),
          ),
        );
        for (const id of pending) expect((await stores.delivery(id))?.due?.inMs).toBeLessThanOrEqual(0);
        for (const { deliveryId } of [strange, later]) {
          expect((await stores.delivery(deliveryId))?.due?.inMs).toBeGreaterThan(1_000);
        }
        expect(await stores.operations.get(null, operation.id)).toMatchObject({ state: 'done', moved: 5, examined: 5 });
      });

      test('adds nothing to what is due already while that is enough', async () => {
        const webhook = await orgWithWebhook();
        const deliveries = Array.from({ length: DUE_HIGH_WATER }, () => pendingOf(webhook));
        const event = { id: ids.next('evt'), orgId: webhook.orgId, type: 'a.b', attributes: {} };
        await stores.publish({ ...event, deliveries });
        const { deliveryId } = await publishOne(stores, webhook, LATER);
        const operation = await begin({ kind: 'retry_now' }, { orgId: webhook.orgId, webhookId: webhook.id });

        expect(await stores.operations.advance({ stepMs: 100 })).toEqual({ refs: [], busy: false });

        expect(await stores.operations.get(null, operation.id)).toMatchObject({ waitingFor: 'backlog', moved: 0 });
        expect((await stores.delivery(deliveryId))?.due?.inMs).toBeGreaterThan(1_000);
        await stores.operations.cancel({ orgId: null, id: operation.id, by });
      });
    });

    function pendingOf({ id: webhookId }: Webhook) {
      const state = { origin: 'event', state: 'pending', attempts: 0, dueInMs: 0, claimed: false } as const;
      return { id: ids.next('dlv'), webhookId, ...state };
    }

    describe('that cancels pending deliveries', () => {
      test('ends them as discarded, and leaves what came after the call', async () => {
        const webhook = await orgWithWebhook();
        const due = await publishOne(stores, webhook, { state: 'pending', attempts: 0 });
        const waiting = await publishOne(stores, webhook, { state: 'pending', attempts: 2, dueInMs: 3_600_000 });
        const delivered = await publishOne(stores, webhook);
        const operation = await begin({ kind: 'cancel_pending' }, { orgId: webhook.orgId, webhookId: webhook.id });
        expect(operation).toMatchObject({ total: 2 });
        await until(() => Date.now() > operation.createdAt.getTime(), { what: 'the next moment' });
        const later = await publishOne(stores, webhook, { state: 'pending', attempts: 0 });

        await run(operation, 1);

        const cancelled = { state: 'discarded', reason: 'cancelled', due: null };
        expect(await stores.delivery(due.deliveryId)).toMatchObject({ ...cancelled, attempts: 0 });
        expect(await stores.delivery(waiting.deliveryId)).toMatchObject({ ...cancelled, attempts: 2 });
        expect(await stores.delivery(delivered.deliveryId)).toMatchObject({ state: 'delivered' });
        expect(await stores.delivery(later.deliveryId)).toMatchObject({ state: 'pending' });
        expect(await stores.operations.get(null, operation.id)).toMatchObject({ state: 'done', moved: 2 });
      });

      test('leaves what a worker is at to it, and is not over before that is', async () => {
        const webhook = await orgWithWebhook();
        const { deliveryId } = await publishOne(stores, webhook, { state: 'pending', claimed: true });
        const operation = await begin({ kind: 'cancel_pending' }, { orgId: webhook.orgId, webhookId: webhook.id });

        await stores.operations.advance({ stepMs: 100 });

        expect(await stores.delivery(deliveryId)).toMatchObject({ state: 'pending' });
        expect(await stores.operations.get(null, operation.id)).toMatchObject({ state: 'running', moved: 0 });
        await stores.operations.cancel({ orgId: null, id: operation.id, by });
      });

      test('does so for a webhook that is not active too', async () => {
        const webhook = await orgWithWebhook();
        const { deliveryId } = await publishOne(stores, webhook, { state: 'pending' });
        await stores.webhooks.suspend({ orgId: webhook.orgId, id: webhook.id, by }, 'manual');
        const operation = await begin({ kind: 'cancel_pending' }, { orgId: webhook.orgId, webhookId: webhook.id });

        await run(operation, 100);

        expect(await stores.delivery(deliveryId)).toMatchObject({ state: 'discarded' });
      });
    });

    describe('that replays a range', () => {
      const MINUTE = 60_000;
      const nowMs = Date.now();
      const range = { since: new Date(nowMs - 60 * MINUTE), until: new Date(nowMs), newIds: false, onlyMissing: false };

      async function replay(webhook: Webhook, changed: Partial<typeof range> & { eventTypes?: string[] } = {}) {
        const task = { kind: 'replay', range: { ...range, ...changed } } as const;
        return begin(task, { orgId: webhook.orgId, webhookId: webhook.id });
      }

      function at(minutesAgo: number): { atMs: number } {
        return { atMs: nowMs - minutesAgo * MINUTE };
      }

      test('sends what ended and what never was again, oldest first, and leaves the rest', async () => {
        const webhook = await newWebhook(stores, (await newOrg(stores)).id, { events: ['invoice.*'] });
        const early = await publishOne(stores, webhook, at(61));
        const delivered = await publishOne(stores, webhook, { ...at(60), attempts: 3 });
        const discarded = await publishOne(stores, webhook, { ...at(40), state: 'discarded', attempts: 2 });
        const pending = await publishOne(stores, webhook, { ...at(30), state: 'pending' });
        const missed = await publishOne(stores, webhook, { ...at(20), without: true });
        const unwanted = await publishOne(stores, webhook, { ...at(10), type: 'order.made', without: true });
        const ping = await publishOne(stores, webhook, { ...at(5), origin: 'ping' });
        const late = await publishOne(stores, webhook, at(0));
        const foreign = await publishOne(stores, await orgWithWebhook(), at(15));

        const { orgId, id: webhookId } = webhook;
        const preview = await stores.operations.preview({ orgId, webhookId, task: { kind: 'replay', range } });
        expect([preview, (await stores.delivery(delivered.deliveryId))?.state]).toEqual([3, 'delivered']);

        const operation = await replay(webhook);
        const steps = await run(operation, 2);

        expect(operation).toMatchObject({ task: { kind: 'replay', range }, total: 6 });
        const [made] = (await stores.deliveriesOf(webhook.id)).filter(
          (id) =>
            ![early, delivered, discarded, pending, unwanted, ping, late].some(({ deliveryId }) => deliveryId === id),
        );
        expect(steps.map((refs) => refs.map(({ deliveryId, attempt }) => [deliveryId, attempt]))).toEqual([
          [
            [delivered.deliveryId, 4],
            [discarded.deliveryId, 3],
          ],
          [[made, 1]],
        ]);
        const again = { state: 'pending', reason: null, sentAs: null };
        expect(await stores.delivery(delivered.deliveryId)).toMatchObject({
          ...again,
          due: { origin: 'replay', attempt: 4 },
        });
        expect(await stores.delivery(made ?? ids.next('dlv'))).toMatchObject({ ...again, eventId: missed.eventId });
        for (const { deliveryId } of [early, ping, late, foreign]) {
          expect(await stores.delivery(deliveryId)).toMatchObject({ state: 'delivered' });
        }
        expect((await stores.delivery(pending.deliveryId))?.due).toMatchObject({ origin: 'event' });
        expect(await stores.operations.get(null, operation.id)).toMatchObject({ state: 'done', moved: 3, examined: 6 });
      });

      test('takes what is diverted out of the diverted events', async () => {
        const webhook = await orgWithWebhook();
        const set = await divertOne(stores, webhook, { eventId: ids.next('evt', nowMs - MINUTE), attempts: 11 });

        const steps = await run(await replay(webhook), 100);

        expect(steps.flat()).toMatchObject([{ attempt: 12 }]);
        expect(await listed({ webhookId: webhook.id })).toEqual([]);
        expect(await stores.delivery(steps[0]?.[0]?.deliveryId ?? ids.next('dlv'))).toMatchObject({
          eventId: set.eventId,
          state: 'pending',
        });
      });

      test('leaves out what was accepted when only the missing is wanted, and types that are not', async () => {
        const webhook = await newWebhook(stores, (await newOrg(stores)).id, { events: ['*'] });
        await publishOne(stores, webhook, at(9));
        await publishOne(stores, webhook, { ...at(8), type: 'invoice.line.added', state: 'discarded' });
        await publishOne(stores, webhook, { ...at(7), type: 'order.made', state: 'discarded' });
        const set = await divertOne(stores, webhook, { eventId: ids.next('evt', nowMs - MINUTE) });

        const missing = { ...range, onlyMissing: true, eventTypes: ['invoice.*'] };
        const { orgId, id: webhookId } = webhook;
        const previewed = await stores.operations.preview({
          orgId,
          webhookId,
          task: { kind: 'replay', range: missing },
        });
        expect(previewed).toBe(2);
        const steps = await run(await replay(webhook, { onlyMissing: true, eventTypes: ['invoice.*'] }), 100);

        expect(steps.flat()).toHaveLength(2);
        expect((await stores.diverted.get(webhook, set.eventId)) === null).toBe(true);
      });

      test('sends under new ids, which stay with the delivery', async () => {
        const webhook = await orgWithWebhook();
        const known = await publishOne(stores, webhook, at(9));
        await publishOne(stores, webhook, { ...at(8), without: true });

        const steps = await run(await replay(webhook, { newIds: true }), 100);

        const seen = await Promise.all(steps.flat().map(({ deliveryId }) => stores.delivery(deliveryId)));
        const sentAs = seen.map((one) => one?.sentAs);
        expect(new Set([known.eventId, ...sentAs]).size).toBe(3);
        expect(sentAs).not.toContain(null);
        expect(seen.map((one) => one?.due?.sentAs)).toEqual(sentAs);
      });

      test('touches each event once, also when it failed again meanwhile, and two replays make no second delivery', async () => {
        const webhook = await orgWithWebhook();
        for (let n = 1; n <= 20; n++) await publishOne(stores, webhook, { ...at(n), without: true });
        const operations = [await replay(webhook), await replay(webhook)] as const;

        const steps = (await Promise.all([0, 1, 0, 1].map((n) => run(operations[n === 0 ? 0 : 1], 3)))).flat(2);

        expect(steps).toHaveLength(20);
        expect(new Set(steps.map((ref) => ref.deliveryId)).size).toBe(20);
        expect(await stores.deliveriesOf(webhook.id)).toHaveLength(20);
        for (const operation of operations) await run(operation, 100);
        const told = await Promise.all(operations.map(({ id }) => stores.operations.get(null, id)));
        expect(told).toMatchObject([{ examined: 20 }, { examined: 20 }]);
        expect((told[0]?.moved ?? 0) + (told[1]?.moved ?? 0)).toBe(20);
      });
    });
  });
}
