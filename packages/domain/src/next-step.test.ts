import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Origin, Outcome } from './delivery.ts';
import type { FailurePolicy, RetryPolicy, Trigger } from './failure-policy.ts';
import { DEFAULT_FAILURE_POLICY, DEFAULT_RETRY } from './failure-policy.ts';
import type { AttemptResult } from './next-step.ts';
import { nextStep, stepWithoutSending, triggerOf } from './next-step.ts';
import { maxAttempts, RETRY_AFTER_CAP_MS } from './retry-schedule.ts';

const HOUR = 3_600_000;

const result = (change: Partial<AttemptResult>): AttemptResult => ({
  outcome: { kind: 'rejected', status: 500 },
  attemptInRound: 1,
  ageMs: 100,
  origin: 'event',
  policy: DEFAULT_FAILURE_POLICY,
  random: 0.5,
  ...change,
});
const withPolicy = (change: Partial<FailurePolicy>): FailurePolicy => ({ ...DEFAULT_FAILURE_POLICY, ...change });
const rejected = (status: number, retryAfterMs?: number): Outcome => ({
  kind: 'rejected',
  status,
  ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
});

describe('the rule by examples', () => {
  it('ends a delivery that was accepted', () => {
    expect(nextStep(result({ outcome: { kind: 'accepted', status: 204 } }))).toEqual({ kind: 'delivered' });
  });

  it('retries a failure after the delay of the policy', () => {
    expect(nextStep(result({ attemptInRound: 1 }))).toEqual({ kind: 'retry', delayMs: 5000 });
    expect(nextStep(result({ attemptInRound: 4 }))).toEqual({ kind: 'retry', delayMs: 320_000 });
  });

  it('diverts an event whose retries ran out', () => {
    expect(nextStep(result({ attemptInRound: 10 }))).toMatchObject({ kind: 'retry' });
    expect(nextStep(result({ attemptInRound: 11 }))).toEqual({
      kind: 'divert',
      reason: 'retries_exhausted',
      suspend: false,
    });
  });

  it('suspends a webhook that says it is gone', () => {
    expect(nextStep(result({ outcome: rejected(410) }))).toEqual({ kind: 'divert', reason: 'gone', suspend: true });
  });

  it('diverts at once what the policy does not retry', () => {
    const policy = withPolicy({ retryOn: ['5xx', 'timeout'] });
    const step = { kind: 'divert', reason: 'not_retried', suspend: false };
    expect(nextStep(result({ policy, outcome: rejected(404) }))).toEqual(step);
    expect(nextStep(result({ policy, outcome: { kind: 'unreachable', code: 'tls_error' } }))).toEqual(step);
    expect(nextStep(result({ policy, outcome: { kind: 'timed-out', phase: 'headers' } }))).toMatchObject({
      kind: 'retry',
    });
  });

  it('makes no attempt that would start after the expiry', () => {
    const policy = withPolicy({ expireAfterMs: HOUR });
    const step = { kind: 'divert', reason: 'expired', suspend: false };
    expect(nextStep(result({ policy, ageMs: HOUR - 5000 }))).toEqual({ kind: 'retry', delayMs: 5000 });
    expect(nextStep(result({ policy, ageMs: HOUR - 4999 }))).toEqual(step);
    expect(nextStep(result({ policy, outcome: rejected(503, 2 * HOUR) }))).toEqual(step);
  });

  it('discards where diverting is off, with the same reason', () => {
    const policy = withPolicy({ divert: false });
    expect(nextStep(result({ policy, attemptInRound: 11 }))).toEqual({
      kind: 'discard',
      reason: 'retries_exhausted',
      suspend: false,
    });
    expect(nextStep(result({ policy, outcome: rejected(410) }))).toEqual({
      kind: 'discard',
      reason: 'gone',
      suspend: true,
    });
  });

  it('discards a failed ping, and suspends when it found the receiver gone', () => {
    expect(nextStep(result({ origin: 'ping' }))).toEqual({ kind: 'discard', reason: 'ping_failed', suspend: false });
    expect(nextStep(result({ origin: 'ping', outcome: rejected(410) }))).toEqual({
      kind: 'discard',
      reason: 'ping_failed',
      suspend: true,
    });
  });

  it.each([429, 502, 503, 504])('waits as long as a %i asks', (status) => {
    expect(nextStep(result({ outcome: rejected(status, HOUR) }))).toEqual({ kind: 'retry', delayMs: HOUR });
  });

  it.each([400, 404, 500, 301])('does not listen to the Retry-After of a %i', (status) => {
    expect(nextStep(result({ outcome: rejected(status, HOUR) }))).toEqual({ kind: 'retry', delayMs: 5000 });
  });
});

describe('what happens instead of an attempt', () => {
  const sendable = { standing: 'active', origin: 'event', hasEvent: true, divert: true } as const;

  it('is nothing for an active webhook', () => {
    expect(stepWithoutSending(sendable)).toBeNull();
    expect(stepWithoutSending({ ...sendable, divert: false, origin: 'resend' })).toBeNull();
  });

  it.each(['suspended', 'disabled'] as const)('is diverting for a webhook that is %s', (standing) => {
    const origins: Origin[] = ['event', 'resend'];
    for (const origin of origins) {
      const step = { reason: standing, suspend: false };
      expect(stepWithoutSending({ ...sendable, standing, origin })).toEqual({ kind: 'divert', ...step });
      expect(stepWithoutSending({ ...sendable, standing, origin, divert: false })).toEqual({
        kind: 'discard',
        ...step,
      });
    }
  });

  it.each(['suspended', 'disabled'] as const)('is nothing for a ping to a webhook that is %s', (standing) => {
    expect(stepWithoutSending({ ...sendable, standing, origin: 'ping' })).toBeNull();
  });

  it('is discarding when the webhook was deleted, even for a ping', () => {
    const step = { kind: 'discard', reason: 'deleted', suspend: false };
    expect(stepWithoutSending({ ...sendable, standing: 'deleted' })).toEqual(step);
    expect(stepWithoutSending({ ...sendable, standing: 'deleted', origin: 'ping', hasEvent: false })).toEqual(step);
  });

  it('is discarding when the event is gone', () => {
    const step = { kind: 'discard', reason: 'event_missing', suspend: false };
    expect(stepWithoutSending({ ...sendable, hasEvent: false })).toEqual(step);
    expect(stepWithoutSending({ ...sendable, hasEvent: false, standing: 'suspended' })).toEqual(step);
  });
});

describe('an alert', () => {
  it('is retried, and in the end neither set aside nor held against the webhook', () => {
    const failed = { kind: 'discard', reason: 'alert_failed', suspend: false };
    const once = { ...DEFAULT_FAILURE_POLICY, retry: { kind: 'none' } } as const;
    expect(nextStep(result({ origin: 'alert' }))).toMatchObject({ kind: 'retry' });
    expect(nextStep(result({ origin: 'alert', policy: once }))).toEqual(failed);
    expect(nextStep(result({ origin: 'alert', outcome: rejected(410) }))).toEqual(failed);
  });

  it.each(['suspended', 'disabled'] as const)('is sent for a webhook that is %s', (standing) => {
    expect(stepWithoutSending({ standing, origin: 'alert', hasEvent: true, divert: true })).toBeNull();
  });
});

describe('triggers', () => {
  it.each<[Outcome, Trigger]>([
    [{ kind: 'accepted', status: 200 }, '200'],
    [rejected(404), '404'],
    [{ kind: 'timed-out', phase: 'connect' }, 'timeout'],
    [{ kind: 'unreachable', code: 'dns_error' }, 'network'],
    [{ kind: 'blocked', reason: 'loopback' }, 'network'],
  ])('%j is named %s', (outcome, trigger) => expect(triggerOf(outcome)).toBe(trigger));

  it.each<[number, Trigger]>([
    [100, '1xx'],
    [304, '3xx'],
    [404, '4xx'],
    [404, '404'],
    [500, '5xx'],
    [599, '5xx'],
    [600, '5xx'],
    [999, '5xx'],
    [99, '1xx'],
    [0, '1xx'],
  ])('%i is retried on %s', (status, trigger) => {
    const others = DEFAULT_FAILURE_POLICY.retryOn.filter((other) => other !== trigger);
    const stepOn = (retryOn: readonly Trigger[]) =>
      nextStep(result({ outcome: rejected(status), policy: withPolicy({ retryOn }) })).kind;
    expect(stepOn([trigger])).toBe('retry');
    if (trigger.endsWith('xx')) expect(stepOn(others)).toBe('divert');
  });
});

/** The statuses that have rules of their own come often. */
const statusOfFailure = fc.oneof(fc.constantFrom(410, 404, 429, 503), fc.integer({ min: 100, max: 999 }));
const outcome: fc.Arbitrary<Outcome> = fc.oneof(
  fc.record({ kind: fc.constant('accepted'), status: fc.integer({ min: 200, max: 299 }) }),
  fc
    .tuple(statusOfFailure, fc.option(fc.nat(20 * 365 * 24 * HOUR), { nil: undefined }))
    .map(([status, retryAfterMs]) => rejected(status, retryAfterMs)),
  fc.record({ kind: fc.constant('timed-out'), phase: fc.constantFrom('connect', 'headers') }),
  fc.record({ kind: fc.constant('unreachable'), code: fc.constantFrom('dns_error', 'tls_error', 'connection_reset') }),
  fc.record({ kind: fc.constant('blocked'), reason: fc.string() }),
);
const retry: fc.Arbitrary<RetryPolicy> = fc.constantFrom<RetryPolicy>(
  { kind: 'none' },
  { kind: 'linear', intervalMs: 1000, capMs: HOUR, maxAttempts: 7 },
  { kind: 'list', delaysMs: [1000, 0, 30 * HOUR] },
  { kind: 'list', delaysMs: [] },
  DEFAULT_RETRY,
);
const policy: fc.Arbitrary<FailurePolicy> = fc.record({
  retryOn: fc.subarray<Trigger>(['1xx', '3xx', '4xx', '5xx', 'timeout', 'network', '404', '410']),
  retry,
  expireAfterMs: fc.option(fc.nat(100 * HOUR)),
  suspend: fc.constant(null),
  divert: fc.boolean(),
  alertUrl: fc.constant(null),
});
const anyResult: fc.Arbitrary<AttemptResult> = fc.record({
  outcome,
  attemptInRound: fc.integer({ min: 1, max: 15 }),
  ageMs: fc.nat(100 * HOUR),
  origin: fc.constantFrom<Origin>('event', 'ping', 'alert', 'resend'),
  policy,
  random: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
});

/** Every property is looked at over 2,000 results of attempts. */
const always = (claim: (given: AttemptResult) => void) =>
  fc.assert(
    fc.property(anyResult, (given) => void claim(given)),
    { numRuns: 2000 },
  );

const isGone = (given: AttemptResult) => given.outcome.kind === 'rejected' && given.outcome.status === 410;

describe('the rule over any result', () => {
  it('gives exactly one of the four steps', () => {
    always((given) => expect(['delivered', 'retry', 'divert', 'discard']).toContain(nextStep(given).kind));
  });

  it('gives the same step for the same result', () => {
    always((given) => expect(nextStep(given)).toEqual(nextStep(structuredClone(given))));
  });

  it('delivers what was accepted, and nothing else', () => {
    always((given) => expect(nextStep(given).kind === 'delivered').toBe(given.outcome.kind === 'accepted'));
  });

  it('suspends on 410, unless it is an alert that got it, and on nothing else', () => {
    always((given) => {
      const step = nextStep(given);
      expect('suspend' in step && step.suspend).toBe(isGone(given) && given.origin !== 'alert');
    });
  });

  it('never retries or diverts a ping, nor diverts an alert', () => {
    always((given) => {
      if (given.origin === 'alert') expect(nextStep(given).kind).not.toBe('divert');
      if (given.origin !== 'ping') return;
      expect(['delivered', 'discard']).toContain(nextStep(given).kind);
    });
  });

  it('diverts only where the policy says so, and discards only where it does not', () => {
    always((given) => {
      const { kind } = nextStep(given);
      if (kind === 'divert') expect(given.policy.divert).toBe(true);
      if (kind === 'discard') expect(given.policy.divert && !['ping', 'alert'].includes(given.origin)).toBe(false);
    });
  });

  it('never retries beyond the attempts or the expiry of the policy', () => {
    always((given) => {
      const step = nextStep(given);
      if (step.kind !== 'retry') return;
      expect(given.attemptInRound).toBeLessThan(maxAttempts(given.policy.retry));
      expect(given.ageMs + step.delayMs).toBeLessThanOrEqual(given.policy.expireAfterMs ?? Number.POSITIVE_INFINITY);
    });
  });

  it('never lets a receiver set a wait below the policy’s own or, by itself, above a day', () => {
    always((given) => {
      const step = nextStep(given);
      if (step.kind !== 'retry' || given.outcome.kind !== 'rejected') return;
      const own = nextStep({ ...given, outcome: rejected(given.outcome.status) });
      const ownDelayMs = own.kind === 'retry' ? own.delayMs : expect.fail('retried with, but not without Retry-After');
      expect(step.delayMs).toBeGreaterThanOrEqual(ownDelayMs);
      expect(step.delayMs).toBeLessThanOrEqual(Math.max(ownDelayMs, RETRY_AFTER_CAP_MS));
    });
  });

  it('comes to an end for every webhook that never answers well', () => {
    fc.assert(
      fc.property(policy, (given) => {
        let attempt = 1;
        while (nextStep(result({ policy: given, attemptInRound: attempt })).kind === 'retry') attempt++;
        expect(attempt).toBeLessThanOrEqual(maxAttempts(given.retry));
      }),
    );
  });
});
