import { describe, expect, it } from 'vitest';
import type { Origin, Outcome } from './delivery.ts';
import { healthSign, suspensionDue } from './suspension.ts';

const HOUR = 3_600_000;
const RULE = { afterFailures: 20, afterMs: HOUR };

describe('suspensionDue', () => {
  it.each([
    ['many failures that went on for long', { failures: 20, lastedMs: HOUR }, true],
    ['more than enough of both', { failures: 500, lastedMs: 30 * HOUR }, true],
    ['many failures within seconds', { failures: 5000, lastedMs: 4000 }, false],
    ['a single failure long ago', { failures: 1, lastedMs: 100 * HOUR }, false],
    ['one failure too few', { failures: 19, lastedMs: HOUR }, false],
    ['a moment too early', { failures: 20, lastedMs: HOUR - 1 }, false],
  ])('%s: %j', (_, run, due) => {
    expect(suspensionDue(run, RULE)).toBe(due);
  });

  it('is never, when the rule is off', () => {
    expect(suspensionDue({ failures: 1e9, lastedMs: 1e12 }, null)).toBe(false);
  });
});

describe('healthSign', () => {
  const failures: Outcome[] = [
    { kind: 'rejected', status: 500 },
    { kind: 'timed-out', phase: 'connect' },
    { kind: 'unreachable', code: 'dns_error' },
    { kind: 'blocked', reason: 'loopback' },
  ];

  it.each<Origin>(['event', 'resend'])('counts the failures of a delivery by %s', (origin) => {
    expect(failures.map((outcome) => healthSign(outcome, origin))).toEqual(failures.map(() => 'failure'));
  });

  it('does not count failed pings', () => {
    expect(failures.map((outcome) => healthSign(outcome, 'ping'))).toEqual(failures.map(() => 'none'));
  });

  it('takes any success for a good sign, that of a ping too', () => {
    expect(healthSign({ kind: 'accepted', status: 204 }, 'ping')).toBe('success');
    expect(healthSign({ kind: 'accepted', status: 200 }, 'event')).toBe('success');
  });
});
