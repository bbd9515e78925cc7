import { createHmac, randomBytes } from 'node:crypto';
import type { DeliveryState, NextStep, Outcome, SigningKey } from '@hooklane/domain';
import { DEFAULT_FAILURE_POLICY, formatId, secretFromKey, signingKey } from '@hooklane/domain';
import { beforeEach, describe, expect, it } from 'vitest';
import { ACCEPTED, FakeQueue, FakeSender, UNWITNESSED } from '../../../test/support/memory/work-fakes.ts';
import { WorkScene } from '../../../test/support/memory/work-scene.ts';
import type { Attempted, AttemptPorts } from './attempt-delivery.ts';
import { attemptDelivery, QUEUED_RETRY_MAX_MS } from './attempt-delivery.ts';
import type { Claim, DueRef } from './due-work.ts';
import type { SendRequest } from './sending.ts';

const REJECTED: Outcome = { kind: 'rejected', status: 500 };

let scene: WorkScene;
let queue: FakeQueue;
let sender: FakeSender;
let ref: DueRef;
let observed: Attempted[];
let ports: AttemptPorts;

beforeEach(async () => {
  scene = await WorkScene.open();
  queue = new FakeQueue();
  sender = new FakeSender();
  observed = [];
  ports = {
    due: scene.world.due,
    queue,
    sender,
    random: () => 0.5,
    observe: (attempted) => observed.push(attempted),
  };
  ref = await scene.due(await scene.newWebhook());
});

describe('an attempt', () => {
  const retry: NextStep = { kind: 'retry', delayMs: 5_000 };
  const gone: NextStep = { kind: 'divert', reason: 'gone', suspend: true };

  it.each<[string, { outcome: Outcome; step: NextStep; state: DeliveryState }]>([
    ['is accepted', { outcome: ACCEPTED, step: { kind: 'delivered' }, state: 'delivered' }],
    ['is rejected', { outcome: REJECTED, step: retry, state: 'pending' }],
    ['times out', { outcome: { kind: 'timed-out', phase: 'headers' }, step: retry, state: 'pending' }],
    ['reaches nobody', { outcome: { kind: 'unreachable', code: 'dns_error' }, step: retry, state: 'pending' }],
    ['is blocked', { outcome: { kind: 'blocked', reason: 'loopback' }, step: retry, state: 'pending' }],
    ['finds the receiver gone', { outcome: { kind: 'rejected', status: 410 }, step: gone, state: 'diverted' }],
  ])('that %s is recorded with what follows from it', async (_, { outcome, step, state }) => {
    sender.outcome = outcome;
    await attemptDelivery(ports, await scene.claimed(ref), UNWITNESSED);
    expect(observed).toMatchObject([{ step, recorded: true, sent: { report: { outcome } } }]);
    expect(await scene.world.delivery(ref.deliveryId)).toMatchObject({ state });
    expect(scene.world.rows.attempts).toMatchObject([{ deliveryId: ref.deliveryId, number: 1, report: { outcome } }]);
  });

  it('after the last one allowed diverts the event', async () => {
    sender.outcome = REJECTED;
    ref = await scene.due(await scene.newWebhook({ ...DEFAULT_FAILURE_POLICY, retry: { kind: 'none' } }));
    await attemptDelivery(ports, await scene.claimed(ref), UNWITNESSED);
    expect(await scene.world.diverted(ref.webhookId)).toMatchObject([{ reason: 'retries_exhausted', trigger: '500' }]);
  });

  it('counts the time it took towards the expiry of the delivery', async () => {
    sender.outcome = REJECTED;
    sender.durationMs = 10_000;
    ref = await scene.due(await scene.newWebhook({ ...DEFAULT_FAILURE_POLICY, expireAfterMs: 14_999 }));
    await attemptDelivery(ports, await scene.claimed(ref), UNWITNESSED);
    expect(await scene.world.delivery(ref.deliveryId)).toMatchObject({ state: 'diverted', reason: 'expired' });
  });

  it('is not made for a webhook that is not active: the event is set aside without a request', async () => {
    await scene.world.setStanding(ref.webhookId, 'suspended');
    await attemptDelivery(ports, await scene.claimed(ref), UNWITNESSED);
    expect(sender.requests).toEqual([]);
    expect(await scene.world.delivery(ref.deliveryId)).toEqual({ state: 'diverted', reason: 'suspended', attempts: 0 });
    expect(observed).toMatchObject([{ sent: null, recorded: true }]);
  });

  it('is not made where the event is gone', async () => {
    scene.world.rows.events.clear();
    await attemptDelivery(ports, await scene.claimed(ref), UNWITNESSED);
    expect(sender.requests).toEqual([]);
    expect(await scene.world.delivery(ref.deliveryId)).toMatchObject({ state: 'discarded', reason: 'event_missing' });
  });

  it('whose claim was lost meanwhile writes and announces nothing', async () => {
    sender.outcome = REJECTED;
    const lost = await scene.claimed(ref);
    await scene.world.passTime(60_000);
    await scene.claimed(ref);
    await attemptDelivery(ports, lost, UNWITNESSED);
    expect(observed).toMatchObject([{ recorded: false }]);
    expect([scene.world.rows.attempts, queue.announced]).toEqual([[], []]);
  });
});

describe('a retry', () => {
  beforeEach(() => {
    sender.outcome = REJECTED;
  });

  it('that is soon is announced with its delay, and the relay leaves it alone', async () => {
    await attemptDelivery(ports, await scene.claimed(ref), UNWITNESSED);
    expect(queue.announced).toEqual([{ refs: [{ ...ref, attempt: 2 }], delayMs: 5_000 }]);
    await scene.world.passTime(6_000);
    expect(await scene.world.due.relay(10)).toEqual([]);
  });

  it('waits by its number within the round: a resend begins with the whole budget', async () => {
    const claim = await scene.claimed(ref);
    await attemptDelivery(ports, { ...claim, attempt: 12, attemptInRound: 2 }, UNWITNESSED);
    expect(observed).toMatchObject([{ step: { kind: 'retry', delayMs: 20_000 } }]);
  });

  it('is not made of a ping', async () => {
    ref = await scene.due(ref.webhookId, { origin: 'ping' });
    await attemptDelivery(ports, await scene.claimed(ref), UNWITNESSED);
    expect(await scene.world.delivery(ref.deliveryId)).toMatchObject({ state: 'discarded', reason: 'ping_failed' });
  });

  it.each([
    [QUEUED_RETRY_MAX_MS, 1],
    [QUEUED_RETRY_MAX_MS + 1, 0],
  ])('in %i ms is announced %i times; what is later stays in the store', async (delayMs, times) => {
    await attemptDelivery(ports, await claimedWithRetryIn(delayMs), UNWITNESSED);
    expect(queue.announced).toHaveLength(times);
    await scene.world.passTime(delayMs);
    const relayed = (await scene.world.due.relay(10)).filter((one) => one.attempt === 2);
    expect(relayed).toHaveLength(1 - times);
  });

  it('that the queue refuses is left to the relay', async () => {
    queue.taken = false;
    await attemptDelivery(ports, await scene.claimed(ref), UNWITNESSED);
    await scene.world.passTime(5_000);
    expect(await scene.world.due.relay(10)).toEqual([{ ...ref, attempt: 2 }]);
  });

  it('that was not marked as queued costs no statement to unmark it', async () => {
    queue.state = 'away';
    queue.taken = false;
    const { due } = scene.world;
    let unqueued = 0;
    const counting = { record: due.record.bind(due), unqueue: async () => void unqueued++ };
    await attemptDelivery({ ...ports, due: counting }, await scene.claimed(ref), UNWITNESSED);
    expect([unqueued, queue.announced, queue.left]).toEqual([0, [], [5_000]]);
  });

  async function claimedWithRetryIn(delayMs: number): Promise<Claim> {
    const retry = { kind: 'list', delaysMs: [delayMs] } as const;
    ref = await scene.due(await scene.newWebhook({ ...DEFAULT_FAILURE_POLICY, retry }));
    return scene.claimed(ref);
  }
});

describe('the request', () => {
  it('has the same body and the same webhook-id on every attempt', async () => {
    sender.outcome = REJECTED;
    const first = await scene.claimed(ref);
    await attemptDelivery(ports, first, UNWITNESSED);
    await scene.world.passTime(5_000);
    await attemptDelivery(ports, await scene.claimed({ ...ref, attempt: 2 }), UNWITNESSED);
    expect(sender.requests.map((request) => request.body.toString())).toEqual(['{"amount": 1.0}', '{"amount": 1.0}']);
    const id = formatId('evt', first.eventId);
    expect(sender.requests.map((request) => request.headers['webhook-id'])).toEqual([id, id]);
  });

  it('is signed anew on every attempt, over the second in which it is made', async () => {
    sender.outcome = REJECTED;
    await scene.world.passTime(999);
    const first = await scene.claimed(ref);
    await attemptDelivery(ports, first, UNWITNESSED);
    await scene.world.passTime(5_000);
    await attemptDelivery(ports, await scene.claimed({ ...ref, attempt: 2 }), UNWITNESSED);
    const startSeconds = Math.floor(scene.world.rows.nowMs / 1_000);
    const timestamps = sender.requests.map((request) => Number(request.headers['webhook-timestamp']));
    expect(timestamps).toEqual([startSeconds - 5, startSeconds]);
    expect(sender.requests.map((request) => signaturesOf(request, first))).toEqual([[true], [true]]);
  });

  it('carries a signature for each key that is valid', async () => {
    const claim = { ...(await scene.claimed(ref)), keys: [newKey(), newKey(), newKey()] };
    await attemptDelivery(ports, claim, UNWITNESSED);
    expect(sender.requests.map((request) => signaturesOf(request, claim))).toEqual([[true, true, true]]);
  });

  it('carries the webhook’s own headers, of which none can replace ours', async () => {
    const claim = await scene.claimed(ref);
    const own = { 'x-tenant': ['a', 'b'], 'content-type': ['text/plain'], 'webhook-id': ['evt_forged'] };
    await attemptDelivery(ports, { ...claim, destination: { ...claim.destination, headers: own } }, UNWITNESSED);
    expect(sender.requests[0]?.headers).toMatchObject({
      'x-tenant': ['a', 'b'],
      'content-type': 'application/json',
      'webhook-id': formatId('evt', claim.eventId),
    });
  });

  it('goes to the webhook’s URL, with its deadline', async () => {
    const claim = await scene.claimed(ref);
    await attemptDelivery(ports, claim, UNWITNESSED);
    const { url, timeoutMs } = claim.destination;
    expect(sender.requests).toMatchObject([{ url, timeoutMs }]);
  });

  it('is logged with the headers as they were sent, and when', async () => {
    await attemptDelivery(ports, await scene.claimed(ref), UNWITNESSED);
    const [logged] = scene.world.rows.attempts;
    expect(logged).toMatchObject({
      requestHeaders: sender.requests[0]?.headers,
      startedAtMs: scene.world.rows.nowMs,
    });
  });

  it('is logged with the limit it waited for, of those that its lane knows of', async () => {
    const claim = { ...(await scene.claimed(ref)), lateMs: 77 };
    const asked: number[] = [];
    const waitReason = (lateMs: number) => {
      asked.push(lateMs);
      return 'rate_limit' as const;
    };
    await attemptDelivery(ports, claim, { ...UNWITNESSED, waitReason });
    expect(asked).toEqual([77]);
    expect(scene.world.rows.attempts).toMatchObject([{ waitedFor: 'rate_limit' }]);
  });

  /** For each key, in order: whether the signature at its place is right. */
  function signaturesOf({ headers, body }: SendRequest, { keys, eventId }: Claim): boolean[] {
    const signatures = String(headers['webhook-signature']).split(' ');
    expect(signatures).toHaveLength(keys.length);
    const head = `${formatId('evt', eventId)}.${headers['webhook-timestamp']}.`;
    return keys.map((key, i) => signatures[i] === `v1,${hmac(key, Buffer.concat([Buffer.from(head), body]))}`);
  }

  function newKey(): SigningKey {
    return signingKey('whsec', secretFromKey(randomBytes(32)));
  }

  function hmac(key: SigningKey, content: Buffer): string {
    if (key.kind !== 'hmac') return expect.fail('not a key for HMAC');
    return createHmac('sha256', key.bytes).update(content).digest('base64');
  }
});

describe('a traced attempt', () => {
  it('tells its receiver what the tracer says, and the tracer what came of it', async () => {
    const told: unknown[] = [];
    ports.tracer = {
      begin: ({ deliveryId, traceparent }, { url }) => {
        told.push({ deliveryId, traceparent, url });
        return {
          headers: { traceparent: 'of-the-attempt' },
          end: ({ outcome }, step) => told.push({ outcome, step: step.kind }),
        };
      },
    };
    const claim = await scene.claimed(ref);
    const own = { ...claim.destination, headers: { traceparent: 'of-the-webhook', 'x-own': '1' } };
    await attemptDelivery(ports, { ...claim, traceparent: 'of-the-event', destination: own }, UNWITNESSED);
    expect(sender.requests).toMatchObject([{ headers: { traceparent: 'of-the-attempt', 'x-own': '1' } }]);
    const { deliveryId, destination } = claim;
    const begun = { deliveryId, traceparent: 'of-the-event', url: destination.url };
    expect(told).toEqual([begun, { outcome: ACCEPTED, step: 'delivered' }]);
    expect(observed[0]?.sent?.requestHeaders).toMatchObject({ traceparent: 'of-the-attempt' });
  });
});
