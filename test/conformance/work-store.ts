import type { FailurePolicy, NextStep, Outcome } from '@hooklane/domain';
import { DEFAULT_FAILURE_POLICY, encodingNumber, profileOf, timeOfUuid } from '@hooklane/domain';
import type {
  AttemptRecord,
  Claim,
  DueRef,
  DueStore,
  EventDraft,
  EventStore,
  FailureRuns,
  PauseTarget,
} from '@hooklane/engine';
import { createIdFactory } from '@hooklane/engine';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

type OrgId = Claim['orgId'];
type WebhookId = Claim['webhookId'];

/** What the suite needs besides the ports: a way to set the scene and to look behind it. */
export interface WorkWorld extends AsyncDisposable {
  events: EventStore;
  due: DueStore;
  runs: FailureRuns;
  newOrg(): Promise<OrgId>;
  newWebhook(orgId: OrgId, policy?: FailurePolicy): Promise<WebhookId>;
  configVersion(orgId: OrgId): Promise<bigint>;
  setStanding(webhookId: WebhookId, standing: 'active' | 'suspended' | 'disabled' | 'deleted'): Promise<void>;
  /** As a change of the webhook's profile or content type does. */
  setEncoding(webhookId: WebhookId, encoding: number): Promise<void>;
  /** Of an org or a webhook, or of everybody. */
  pause(target: PauseTarget): Promise<void>;
  resume(target: PauseTarget): Promise<void>;
  isSuspended(webhookId: WebhookId): Promise<string | null>;
  /** Makes everything that has a time that much older. */
  passTime(ms: number): Promise<void>;
  delivery(id: Claim['deliveryId']): Promise<{ state: string; reason: string | null; attempts: number } | null>;
  isDue(id: Claim['deliveryId']): Promise<boolean>;
  diverted(
    webhookId: WebhookId,
  ): Promise<{ eventId: string; reason: string; attempts: number; trigger: string | null }[]>;
  loggedAttempts(webhookId: WebhookId): Promise<number>;
}

const ids = createIdFactory();
const SECOND = 1_000;

/** How long claims and queue marks last in the worlds under test. */
export const WORLD_TIMES = { timeoutMs: 5 * SECOND, claimGraceMs: 15 * SECOND, enqueuedMs: 10 * SECOND };

/** The promises of EventStore and DueStore, kept by every implementation. */
export function describeWorkStore(name: string, makeWorld: () => Promise<WorkWorld>): void {
  describe(`the store of work (${name})`, () => {
    let world: WorkWorld;
    let orgId: OrgId;
    let webhookId: WebhookId;

    beforeAll(async () => {
      world = await makeWorld();
    });
    afterAll(() => world[Symbol.asyncDispose]());
    beforeEach(async () => {
      orgId = await world.newOrg();
      webhookId = await world.newWebhook(orgId);
    });

    async function draft(changes: Partial<EventDraft> & { key?: string; hash?: string } = {}): Promise<EventDraft> {
      const { key, hash = 'same', ...rest } = changes;
      return {
        publication: {
          orgId,
          type: 'invoice.paid',
          payload: Buffer.from('{"n": 1.0}'),
          attributes: {},
          externalId: null,
          occurredAt: null,
          requestId: 'req_1',
          idempotency: key === undefined ? null : { key, requestHash: Buffer.from(hash) },
        },
        eventId: ids.next('evt'),
        deliveries: [{ deliveryId: ids.next('dlv'), webhookId }],
        origin: 'event',
        configVersion: await world.configVersion(orgId),
        queued: false,
        ...rest,
      };
    }

    async function accepted(changes: Partial<EventDraft> = {}): Promise<DueRef> {
      const event = await draft(changes);
      expect(await world.events.accept(event)).toEqual({ kind: 'stored' });
      const [first] = event.deliveries;
      if (first === undefined) throw new Error('the draft has no delivery');
      return { ...first, attempt: 1 };
    }

    async function claimed(ref: DueRef): Promise<Claim> {
      const claim = await world.due.claim(ref);
      if (claim === null) throw new Error('nothing to claim');
      return claim;
    }

    function record(claim: Claim, step: NextStep, outcome: Outcome = REJECTED): Promise<boolean> {
      return world.due.record(recordOf(claim, step, outcome));
    }

    describe('accept', () => {
      it('keeps the trace of the request that published for every claim', async () => {
        const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
        const { publication } = await draft();
        const claim = await claimed(await accepted({ publication: { ...publication, traceparent } }));
        expect(claim.traceparent).toBe(traceparent);
        await world.due.release([claim]);
        const taken = await world.due.takeShares([{ webhookId, limit: 1, includeQueued: true }]);
        expect(taken).toMatchObject([{ traceparent }]);
      });

      it('makes one due delivery per webhook, with the payload byte for byte', async () => {
        const claim = await claimed(await accepted());
        expect(claim.event).toMatchObject({ type: 'invoice.paid', payload: Buffer.from('{"n": 1.0}') });
        expect(claim).toMatchObject({
          traceparent: null,
          orgId,
          webhookId,
          attempt: 1,
          attemptInRound: 1,
          origin: 'event',
          standing: 'active',
        });
        expect(claim.keys).toHaveLength(1);
      });

      it('stores an event nobody is subscribed to', async () => {
        expect(await world.events.accept(await draft({ deliveries: [] }))).toEqual({ kind: 'stored' });
      });

      it('stores nothing that was matched against an older set of webhooks', async () => {
        const old = await draft();
        await world.newWebhook(orgId);
        expect(await world.events.accept(old)).toEqual({ kind: 'stale' });
        const [delivery] = old.deliveries;
        expect(delivery && (await world.isDue(delivery.deliveryId))).toBe(false);
      });

      it('tells what was answered for a key, without storing anything', async () => {
        const first = await draft({ key: 'k1' });
        expect(await world.events.answered(first.publication)).toBeNull();
        await world.events.accept(first);
        const accepted = { eventId: first.eventId, deliveries: 1 };
        expect(await world.events.answered(first.publication)).toEqual({ kind: 'repeated', accepted });
        const other = await draft({ key: 'k1', hash: 'other' });
        expect(await world.events.answered(other.publication)).toEqual({ kind: 'conflict' });
        expect(await world.events.answered((await draft()).publication)).toBeNull();
        await world.passTime(49 * 3_600 * SECOND);
        expect(await world.events.answered(first.publication)).toBeNull();
      });

      it('repeats the stored answer for a key used again with the same request', async () => {
        const first = await draft({ key: 'k1' });
        await world.events.accept(first);
        const again = await world.events.accept(await draft({ key: 'k1' }));
        expect(again).toEqual({ kind: 'repeated', accepted: { eventId: first.eventId, deliveries: 1 } });
      });

      it('refuses a key used again with another request', async () => {
        await world.events.accept(await draft({ key: 'k1' }));
        expect(await world.events.accept(await draft({ key: 'k1', hash: 'other' }))).toEqual({ kind: 'conflict' });
      });

      it('keeps the keys of orgs apart', async () => {
        await world.events.accept(await draft({ key: 'k1' }));
        orgId = await world.newOrg();
        webhookId = await world.newWebhook(orgId);
        expect(await world.events.accept(await draft({ key: 'k1' }))).toEqual({ kind: 'stored' });
      });

      it('makes one event of 50 parallel requests with one key', async () => {
        const drafts = await Promise.all(Array.from({ length: 50 }, () => draft({ key: 'k50' })));
        const verdicts = await Promise.all(drafts.map((one) => world.events.accept(one)));
        const stored = drafts.filter((_, i) => verdicts[i]?.kind === 'stored');
        expect(stored).toHaveLength(1);
        const answer = { kind: 'repeated', accepted: { eventId: stored[0]?.eventId, deliveries: 1 } };
        expect(verdicts.filter((verdict) => verdict.kind !== 'stored')).toEqual(
          Array.from({ length: 49 }, () => answer),
        );
      });

      it('answers a repeated request also when the webhooks changed meanwhile', async () => {
        await world.events.accept(await draft({ key: 'k1' }));
        const again = await draft({ key: 'k1' });
        await world.newWebhook(orgId);
        expect(await world.events.accept(again)).toMatchObject({ kind: 'repeated' });
      });

      it('asks for no version where nothing was matched', async () => {
        expect(await world.events.accept(await draft({ configVersion: null }))).toEqual({ kind: 'stored' });
      });

      it('forgets a key when its time is over', async () => {
        await world.events.accept(await draft({ key: 'k1' }));
        await world.passTime(49 * 60 * 60 * SECOND);
        expect(await world.events.accept(await draft({ key: 'k1', hash: 'other' }))).toEqual({ kind: 'stored' });
      });
    });

    describe('claim', () => {
      it('is given once', async () => {
        const ref = await accepted();
        const claims = await Promise.all([world.due.claim(ref), world.due.claim(ref), world.due.claim(ref)]);
        expect(claims.filter((claim) => claim !== null)).toHaveLength(1);
      });

      it('is not given for another attempt than the one named', async () => {
        const ref = await accepted();
        expect(await world.due.claim({ ...ref, attempt: 2 })).toBeNull();
      });

      it('is not given before the delivery is due', async () => {
        const ref = await accepted();
        await record(await claimed(ref), { kind: 'retry', delayMs: 60 * SECOND });
        expect(await world.due.claim({ ...ref, attempt: 2 })).toBeNull();
        await world.passTime(61 * SECOND);
        expect(await world.due.claim({ ...ref, attempt: 2 })).toMatchObject({ attempt: 2, attemptInRound: 2 });
      });

      it('lapses, and the next one has a higher number', async () => {
        const ref = await accepted();
        const first = await claimed(ref);
        await world.passTime(WORLD_TIMES.timeoutMs + WORLD_TIMES.claimGraceMs + SECOND);
        const second = await claimed(ref);
        expect(second.claimNo).toBeGreaterThan(first.claimNo);
      });

      it('that lapsed and was given to another writes nothing', async () => {
        const ref = await accepted();
        const zombie = await claimed(ref);
        await world.passTime(60 * SECOND);
        const holder = await claimed(ref);
        expect(await record(zombie, DIVERT)).toBe(false);
        expect(await world.diverted(webhookId)).toEqual([]);
        expect(await record(holder, { kind: 'delivered' }, ACCEPTED)).toBe(true);
        expect(await world.delivery(ref.deliveryId)).toMatchObject({ state: 'delivered', attempts: 1 });
        expect(await world.loggedAttempts(webhookId)).toBe(1);
      });

      it('that lapsed writes nothing either where its result comes together with that of the one who has it now', async () => {
        for (const late of [DIVERT, { kind: 'retry', delayMs: 0 }, { kind: 'delivered' }] satisfies NextStep[]) {
          const ref = await accepted();
          const zombie = await claimed(ref);
          await world.passTime(60 * SECOND);
          const holder = await claimed(ref);
          const written = await Promise.all([
            record(zombie, late),
            record(holder, DISCARDED_PING),
            record(zombie, late),
          ]);
          expect(written).toEqual([false, true, false]);
          expect(await world.delivery(ref.deliveryId)).toEqual({
            state: 'discarded',
            reason: 'ping_failed',
            attempts: 1,
          });
          expect(await world.isDue(ref.deliveryId)).toBe(false);
        }
        expect(await world.diverted(webhookId)).toEqual([]);
        expect(await world.loggedAttempts(webhookId)).toBe(3);
      });

      it('has the event, to however many webhooks that goes at once', async () => {
        const webhookIds = await Promise.all(Array.from({ length: 100 }, () => world.newWebhook(orgId)));
        const event = await draft({
          deliveries: webhookIds.map((id) => ({ deliveryId: ids.next('dlv'), webhookId: id })),
        });
        expect(await world.events.accept(event)).toEqual({ kind: 'stored' });
        const refs = event.deliveries.map((delivery) => ({ ...delivery, attempt: 1 }));
        // Each is asked for twice, and once for an attempt that there is not.
        const asked = refs.flatMap((ref) => [ref, ref, { ...ref, attempt: 2 }]);
        const claims = (await Promise.all(asked.map((ref) => world.due.claim(ref)))).filter((claim) => claim !== null);
        expect(claims.map((claim) => claim.deliveryId).toSorted()).toEqual(
          refs.map((ref) => ref.deliveryId).toSorted(),
        );
        for (const claim of claims) {
          expect(claim).toMatchObject({ attempt: 1, event: { payload: Buffer.from('{"n": 1.0}') } });
        }
      });

      it('is recorded once, however often that is asked for: it is not known of a lost connection whether it was', async () => {
        const ref = await accepted();
        const first = await claimed(ref);
        const retry: NextStep = { kind: 'retry', delayMs: 0 };
        expect([await record(first, retry), await record(first, retry)]).toEqual([true, true]);
        const second = await claimed({ ...ref, attempt: 2 });
        const delivered: NextStep = { kind: 'delivered' };
        expect([await record(first, retry), await record(second, delivered, ACCEPTED)]).toEqual([true, true]);
        expect([await record(first, retry), await record(second, delivered, ACCEPTED)]).toEqual([true, true]);
        expect(await world.loggedAttempts(webhookId)).toBe(2);
        expect(await world.delivery(ref.deliveryId)).toEqual({ state: 'delivered', reason: null, attempts: 2 });
      });

      it('is not given of what is paused, and nothing of it is taken or relayed until it is resumed', async () => {
        const other = await world.newWebhook(orgId);
        const ref = await accepted({ queued: true });
        const queuedNot = await accepted();
        const spared = await accepted({ deliveries: [{ deliveryId: ids.next('dlv'), webhookId: other }] });
        await world.pause({ scope: 'webhook', orgId, webhookId });

        expect(await world.due.pauses()).toBe('some');
        expect([await world.due.claim(ref), await world.due.claim(queuedNot)]).toEqual([null, null]);
        expect((await world.due.waiting()).map((one) => one.webhookId)).not.toContain(webhookId);
        expect(await world.due.takeShares([{ webhookId, limit: 9, includeQueued: true }])).toEqual([]);
        expect((await world.due.relay(1_000)).map((one) => one.deliveryId)).not.toContain(queuedNot.deliveryId);
        expect((await world.due.take({ limit: 1_000, includeQueued: true })).map((one) => one.webhookId)).toEqual(
          expect.not.arrayContaining([webhookId]),
        );
        expect(await world.delivery(ref.deliveryId)).toEqual({ state: 'pending', reason: null, attempts: 0 });

        await world.resume({ scope: 'webhook', orgId, webhookId });
        expect(await world.due.pauses()).toBe('none');
        // Its job found nothing while it was paused, and will not come again: it counts as queued no more.
        const taken = await world.due.takeShares([{ webhookId, limit: 9, includeQueued: false }]);
        expect(taken.map((one) => one.deliveryId).toSorted()).toEqual(
          [ref.deliveryId, queuedNot.deliveryId].toSorted(),
        );
        expect(taken.map((one) => [one.attempt, one.attemptInRound])).toEqual([
          [1, 1],
          [1, 1],
        ]);
        expect(spared.webhookId).toBe(other);
      });

      it('is not given of a paused org, nor of anybody while all are paused; what is claimed is recorded', async () => {
        const [before, after] = [await accepted(), await accepted()];
        const claim = await claimed(before);
        for (const target of [{ scope: 'org', orgId }, { scope: 'all' }] as const) {
          await world.pause(target);
          expect(await world.due.claim(after)).toBeNull();
          expect(await world.due.pauses()).toBe(target.scope === 'all' ? 'all' : 'some');
          await world.resume(target);
        }
        await world.pause({ scope: 'all' });
        expect(await record(claim, { kind: 'delivered' }, ACCEPTED)).toBe(true);
        await world.resume({ scope: 'all' });
        expect(await claimed(after)).toMatchObject({ attempt: 1 });
      });

      it('names the attempt by the time of the store', async () => {
        const { attemptId, claimedAtMs } = await claimed(await accepted());
        expect([timeOfUuid(attemptId), Number.isInteger(claimedAtMs)]).toEqual([claimedAtMs, true]);
      });

      it('pins the encoding that the webhook has at the first one: a change between attempts changes nothing', async () => {
        const github = { profile: profileOf('github'), contentType: 'form' };
        const [before, after] = [await accepted(), await accepted()];
        expect((await claimed(before)).encoding).toEqual({ profile: profileOf('standard'), contentType: 'json' });

        await world.setEncoding(webhookId, encodingNumber({ profile: 'github', contentType: 'form' }));
        await world.passTime(60 * SECOND);

        expect((await claimed(before)).encoding).toEqual({ profile: profileOf('standard'), contentType: 'json' });
        expect((await claimed(after)).encoding).toEqual(github);
      });

      it('brings the event along, with the time it happened and the request that published it', async () => {
        const occurredAt = new Date('2026-02-03T04:05:06.789Z');
        const { publication } = await draft();
        const { event } = await claimed(await accepted({ publication: { ...publication, occurredAt } }));
        const { type, payload, requestId } = publication;
        expect(event).toEqual({ type, payload, occurredAt, requestId });
      });

      it('that lapsed but was given to nobody else may still be recorded', async () => {
        const claim = await claimed(await accepted());
        await world.passTime(60 * SECOND);
        expect(await record(claim, { kind: 'delivered' }, ACCEPTED)).toBe(true);
      });

      it('tells how old the delivery is', async () => {
        const ref = await accepted();
        await world.passTime(90 * SECOND);
        const { ageMs } = await claimed(ref);
        expect(ageMs).toBeGreaterThanOrEqual(90 * SECOND);
        expect(ageMs).toBeLessThan(120 * SECOND);
      });

      it('is given a moment early: a delayed job fires on another clock', async () => {
        const ref = await accepted();
        await record(await claimed(ref), { kind: 'retry', delayMs: 10 * SECOND });
        await world.passTime(10 * SECOND - 200);
        expect(await world.due.claim({ ...ref, attempt: 2 })).not.toBeNull();
      });

      it('that was lost cannot be released any more', async () => {
        const ref = await accepted();
        const lost = await claimed(ref);
        await world.passTime(60 * SECOND);
        await claimed(ref);
        await world.due.release([lost]);
        expect(await world.due.claim(ref)).toBeNull();
      });

      it('that is released is not queued either', async () => {
        const ref = await accepted({ queued: true });
        await world.due.release([await claimed(ref)]);
        expect((await world.due.relay(1_000)).map((one) => one.deliveryId)).toContain(ref.deliveryId);
      });

      it('that is released can be taken at once', async () => {
        const ref = await accepted();
        await world.due.release([await claimed(ref)]);
        expect(await world.due.claim(ref)).not.toBeNull();
      });

      it('says when the webhook is not active', async () => {
        const ref = await accepted();
        await world.setStanding(webhookId, 'disabled');
        expect(await claimed(ref)).toMatchObject({ standing: 'disabled' });
      });
    });

    describe('take', () => {
      it('gives the oldest first, up to the limit, each once', async () => {
        const refs = [await accepted(), await accepted(), await accepted()];
        const share = { webhookId, includeQueued: false, limit: 2 };
        const [first, second] = [await world.due.takeShares([share]), await world.due.takeShares([share])];
        expect([...first, ...second].map((claim) => claim.deliveryId)).toEqual(refs.map((ref) => ref.deliveryId));
      });

      it('leaves what is not due yet', async () => {
        const ref = await accepted();
        await record(await claimed(ref), { kind: 'retry', delayMs: 60 * SECOND });
        expect(await world.due.takeShares([{ webhookId, limit: 10, includeQueued: true }])).toEqual([]);
        expect(await world.due.waiting()).not.toContainEqual({ orgId, webhookId });
      });

      it('gives each webhook its share, whatever the others have waiting', async () => {
        const other = await world.newWebhook(orgId);
        for (let n = 0; n < 5; n++) await accepted();
        for (let n = 0; n < 2; n++) await accepted({ deliveries: [{ deliveryId: ids.next('dlv'), webhookId: other }] });
        const claims = await world.due.takeShares([
          { webhookId, limit: 3, includeQueued: false },
          { webhookId: other, limit: 3, includeQueued: false },
        ]);
        const countOf = (id: WebhookId) => claims.filter((claim) => claim.webhookId === id).length;
        expect([countOf(webhookId), countOf(other)]).toEqual([3, 2]);
        expect(await world.due.takeShares([])).toEqual([]);
      });

      it('begins with who waits: each webhook that has due work, once', async () => {
        for (let n = 0; n < 3; n++) await accepted();
        const waiting = (await world.due.waiting()).filter((one) => one.webhookId === webhookId);
        expect(waiting).toEqual([{ orgId, webhookId }]);
        const claims = await world.due.take({ limit: 1_000, includeQueued: true });
        expect(claims.filter((claim) => claim.webhookId === webhookId)).toHaveLength(3);
        await world.due.release(claims);
      });

      it('leaves what is queued to the queue, unless told that the queue is away', async () => {
        const ref = await accepted({ queued: true });
        const share = { webhookId, limit: 10 };
        expect(await world.due.takeShares([{ ...share, includeQueued: false }])).toEqual([]);
        const [claim] = await world.due.takeShares([{ ...share, includeQueued: true }]);
        expect(claim?.deliveryId).toBe(ref.deliveryId);
      });
    });

    describe('record', () => {
      it('ends a delivered delivery', async () => {
        const ref = await accepted();
        expect(await record(await claimed(ref), { kind: 'delivered' }, ACCEPTED)).toBe(true);
        expect(await world.isDue(ref.deliveryId)).toBe(false);
        expect(await world.delivery(ref.deliveryId)).toEqual({ state: 'delivered', reason: null, attempts: 1 });
      });

      it('keeps a diverted event with the reason and what failed', async () => {
        const ref = await accepted();
        await record(await claimed(ref), DIVERT);
        expect(await world.delivery(ref.deliveryId)).toEqual({
          state: 'diverted',
          reason: 'retries_exhausted',
          attempts: 1,
        });
        expect(await world.diverted(webhookId)).toMatchObject([
          { reason: 'retries_exhausted', attempts: 1, trigger: '500' },
        ]);
      });

      it('counts no attempt where none was made', async () => {
        const ref = await accepted();
        const claim = await claimed(ref);
        await world.due.record({
          claim,
          step: { kind: 'divert', reason: 'suspended', suspend: false },
          sent: null,
          queued: false,
        });
        expect(await world.delivery(ref.deliveryId)).toEqual({ state: 'diverted', reason: 'suspended', attempts: 0 });
        expect(await world.loggedAttempts(webhookId)).toBe(0);
      });

      it('of many together writes each on its own', async () => {
        const refs = await Promise.all(Array.from({ length: 20 }, () => accepted()));
        const claims = await Promise.all(refs.map(claimed));
        const written = await Promise.all(
          claims.map((claim, i) =>
            i % 2 === 0 ? record(claim, { kind: 'delivered' }, ACCEPTED) : record(claim, DIVERT),
          ),
        );
        expect(written).toEqual(Array.from({ length: 20 }, () => true));
        expect(await world.diverted(webhookId)).toHaveLength(10);
      });
    });

    describe('the suspend rule', () => {
      const policy = { ...DEFAULT_FAILURE_POLICY, suspend: { afterFailures: 3, afterMs: 60 * SECOND } };

      async function fail(times: number): Promise<void> {
        for (let i = 0; i < times; i++) await record(await claimed(await accepted()), DIVERT);
      }

      beforeEach(async () => {
        webhookId = await world.newWebhook(orgId, policy);
      });

      it('wants enough failures and enough time', async () => {
        await fail(5);
        expect(await world.isSuspended(webhookId)).toBeNull();
        await world.passTime(61 * SECOND);
        await fail(1);
        expect(await world.isSuspended(webhookId)).toBe('failures');
      });

      it('starts anew after a success', async () => {
        await fail(2);
        await world.passTime(61 * SECOND);
        await record(await claimed(await accepted()), { kind: 'delivered' }, ACCEPTED);
        await fail(2);
        expect(await world.isSuspended(webhookId)).toBeNull();
      });

      it('counts what comes together in its order, and what comes again once', async () => {
        webhookId = await world.newWebhook(orgId, { ...policy, suspend: { afterFailures: 3, afterMs: 0 } });
        const claims = await Promise.all(Array.from({ length: 6 }, async () => claimed(await accepted())));
        const [a, b, c, d, e, f] = claims.map((claim) => (outcome: Outcome) => {
          const step: NextStep = outcome === ACCEPTED ? { kind: 'delivered' } : DIVERT;
          return record(claim, step, outcome);
        });
        await Promise.all([a?.(REJECTED), b?.(REJECTED), c?.(ACCEPTED), d?.(REJECTED)]);
        await Promise.all([d?.(REJECTED), d?.(REJECTED), e?.(REJECTED)]);
        expect(await world.isSuspended(webhookId)).toBeNull();
        await f?.(REJECTED);
        expect(await world.isSuspended(webhookId)).toBe('failures');
      });

      it('does not wait when the receiver says that it is gone', async () => {
        await record(await claimed(await accepted()), { kind: 'divert', reason: 'gone', suspend: true });
        expect(await world.isSuspended(webhookId)).toBe('gone');
      });

      it('makes events that were matched before be matched again', async () => {
        const before = await draft();
        await record(await claimed(await accepted()), { kind: 'divert', reason: 'gone', suspend: true });
        expect(await world.events.accept(before)).toEqual({ kind: 'stale' });
      });
    });

    describe('the health of a webhook', () => {
      const policy = { ...DEFAULT_FAILURE_POLICY, suspend: { afterFailures: 1, afterMs: 0 } };

      it('does not suffer from pings that fail', async () => {
        webhookId = await world.newWebhook(orgId, policy);
        await record(await claimed(await accepted({ origin: 'ping' })), DISCARDED_PING);
        expect(await world.isSuspended(webhookId)).toBeNull();
      });

      it('tells how long its run of failures has lasted, until a success ends it', async () => {
        const [first, second, third] = [await accepted(), await accepted(), await accepted()];
        expect(await world.runs.lastedMs(webhookId)).toBeNull();
        await record(await claimed(first), DIVERT);
        await world.passTime(61 * SECOND);
        await record(await claimed(second), DIVERT);
        const others = await world.newWebhook(orgId, policy);
        const [mine, none] = await Promise.all([world.runs.lastedMs(webhookId), world.runs.lastedMs(others)]);
        expect(Math.floor((mine ?? 0) / SECOND)).toBeGreaterThanOrEqual(61);
        expect(Math.floor((mine ?? 0) / SECOND)).toBeLessThan(90);
        expect(none).toBeNull();
        await record(await claimed(third), { kind: 'delivered' }, ACCEPTED);
        expect(await world.runs.lastedMs(webhookId)).toBeNull();
      });

      it('keeps the reason of its first suspension', async () => {
        webhookId = await world.newWebhook(orgId, policy);
        const [first, second] = [await claimed(await accepted()), await claimed(await accepted())];
        await record(first, DIVERT);
        await record(second, { kind: 'divert', reason: 'gone', suspend: true });
        expect(await world.isSuspended(webhookId)).toBe('failures');
      });
    });

    describe('drainInactive', () => {
      it('diverts what is due for a suspended or disabled webhook', async () => {
        const ref = await accepted();
        await world.setStanding(webhookId, 'suspended');
        await drainAll();
        expect(await world.delivery(ref.deliveryId)).toMatchObject({ state: 'diverted', reason: 'suspended' });
        expect(await world.diverted(webhookId)).toHaveLength(1);
      });

      it('discards what is due for a deleted webhook, on record', async () => {
        const ref = await accepted();
        await world.setStanding(webhookId, 'deleted');
        await drainAll();
        expect(await world.delivery(ref.deliveryId)).toMatchObject({ state: 'discarded', reason: 'deleted' });
      });

      it('discards where the policy does not divert, on record', async () => {
        webhookId = await world.newWebhook(orgId, { ...DEFAULT_FAILURE_POLICY, divert: false });
        const ref = await accepted();
        await world.setStanding(webhookId, 'suspended');
        await drainAll();
        expect(await world.delivery(ref.deliveryId)).toMatchObject({ state: 'discarded', reason: 'suspended' });
        expect(await world.diverted(webhookId)).toEqual([]);
      });

      it('leaves claimed deliveries to their worker, and takes their retry later', async () => {
        const ref = await accepted();
        const claim = await claimed(ref);
        await world.setStanding(webhookId, 'suspended');
        await drainAll();
        expect(await world.isDue(ref.deliveryId)).toBe(true);
        await record(claim, { kind: 'retry', delayMs: 3600 * SECOND });
        await drainAll();
        expect(await world.delivery(ref.deliveryId)).toMatchObject({ state: 'diverted', attempts: 1 });
      });

      it('leaves pings and active webhooks alone', async () => {
        const ping = await accepted({ origin: 'ping' });
        await world.setStanding(webhookId, 'suspended');
        await drainAll();
        expect(await world.isDue(ping.deliveryId)).toBe(true);
      });

      async function drainAll(): Promise<void> {
        while ((await world.due.drainInactive(100)) === 100);
      }
    });

    describe('relay', () => {
      it('gives due work that is neither queued nor claimed, once', async () => {
        const [free, queued, held] = [await accepted(), await accepted({ queued: true }), await accepted()];
        await claimed(held);
        const relayed = [...(await world.due.relay(1_000)), ...(await world.due.relay(1_000))].map(
          (ref) => ref.deliveryId,
        );
        expect(relayed.filter((id) => id === free.deliveryId)).toHaveLength(1);
        expect(relayed).not.toContain(queued.deliveryId);
        expect(relayed).not.toContain(held.deliveryId);
      });

      it('gives it again when it was not claimed in time, was unqueued, or its claim lapsed', async () => {
        const ref = await accepted({ queued: true });
        await world.passTime(WORLD_TIMES.enqueuedMs + SECOND);
        expect(await relayedIds()).toContain(ref.deliveryId);
        expect(await relayedIds()).not.toContain(ref.deliveryId);
        await world.due.unqueue([ref]);
        expect(await relayedIds()).toContain(ref.deliveryId);
        await claimed(ref);
        await world.passTime(60 * SECOND);
        expect(await relayedIds()).toContain(ref.deliveryId);
      });

      it('gives no more than it is asked for', async () => {
        for (let n = 0; n < 3; n++) await accepted();
        expect(await world.due.relay(2)).toHaveLength(2);
      });

      it('is not misled by what was queued for an earlier attempt', async () => {
        const ref = await accepted({ queued: true });
        const claim = await claimed(ref);
        await world.due.record({ ...recordOf(claim, { kind: 'retry', delayMs: 0 }, REJECTED), queued: true });
        await world.due.unqueue([ref]);
        expect(await relayedIds()).not.toContain(ref.deliveryId);
      });

      it('gives everything again once the queue has lost its data', async () => {
        const ref = await accepted({ queued: true });
        await world.due.unqueueAll();
        expect(await relayedIds()).toContain(ref.deliveryId);
      });

      it('leaves a queued retry alone until shortly after it is due', async () => {
        const ref = await accepted();
        const claim = await claimed(ref);
        await world.due.record({ ...recordOf(claim, { kind: 'retry', delayMs: 30 * SECOND }, REJECTED), queued: true });
        await world.passTime(31 * SECOND);
        expect(await relayedIds()).not.toContain(ref.deliveryId);
        await world.passTime(WORLD_TIMES.enqueuedMs);
        expect(await relayedIds()).toContain(ref.deliveryId);
      });

      it('names the attempt that is to be made', async () => {
        const ref = await accepted();
        await record(await claimed(ref), { kind: 'retry', delayMs: 0 });
        const relayed = await world.due.relay(1_000);
        expect(relayed.find((one) => one.deliveryId === ref.deliveryId)).toEqual({ ...ref, attempt: 2 });
      });

      async function relayedIds(): Promise<string[]> {
        return (await world.due.relay(1_000)).map((ref) => ref.deliveryId);
      }
    });
  });
}

const ACCEPTED: Outcome = { kind: 'accepted', status: 200 };
const REJECTED: Outcome = { kind: 'rejected', status: 500 };
const DISCARDED_PING: NextStep = { kind: 'discard', reason: 'ping_failed', suspend: false };
const DIVERT: NextStep = { kind: 'divert', reason: 'retries_exhausted', suspend: false };

function recordOf(claim: Claim, step: NextStep, outcome: Outcome): AttemptRecord {
  const status = 'status' in outcome ? outcome.status : 0;
  return {
    claim,
    step,
    queued: false,
    sent: {
      report: {
        outcome,
        durationMs: 12,
        response: { status, headers: { server: 'test' }, body: Buffer.from('ok'), truncated: false },
      },
      requestHeaders: { 'content-type': 'application/json', authorization: 'Bearer not-for-the-log' },
      startedAtMs: Date.now(),
      waitedFor: null,
    },
  };
}
