import { asId } from '@hooklane/domain';
import { describe, expect, it } from 'vitest';
import { attemptView } from '../../../test/fake-history.ts';
import type { AwaitedAttempt } from './wait-for-attempt.ts';
import { createAttemptWait } from './wait-for-attempt.ts';

const AWAITED: AwaitedAttempt = {
  orgId: asId('org', 'o'),
  webhookId: asId('wh', 'w'),
  deliveryId: asId('dlv', 'd'),
  number: 2,
};
const VIEW = attemptView(AWAITED);
const PATIENT = { timeoutMs: 3_600_000, isGone: () => false };

describe('waiting for an attempt', () => {
  it('looks again until the attempt of that number is recorded', async () => {
    const { wait, looks } = create((n) => (n === 3 ? VIEW : null));
    expect(await wait.until(AWAITED, PATIENT)).toBe(VIEW);
    expect(looks).toEqual([2, 2, 2]);
  });

  it('gives up when the time is over', async () => {
    const { wait, looks } = create(() => null);
    expect(await wait.until(AWAITED, { ...PATIENT, timeoutMs: 30 })).toBeNull();
    expect(looks).toHaveLength(2);
  });

  it('ends when the process stops', async () => {
    const { wait, stopping } = create(() => null);
    const waiting = wait.until(AWAITED, PATIENT);
    stopping.abort();
    expect(await waiting).toBeNull();
  });

  it('ends when the caller has hung up', async () => {
    let isGone = false;
    const { wait, looks } = create((n) => {
      isGone = n === 2;
      return null;
    });
    expect(await wait.until(AWAITED, { ...PATIENT, isGone: () => isGone })).toBeNull();
    expect(looks).toHaveLength(2);
  });

  it('lets two hundred wait at a time, no more', async () => {
    let isRecorded = false;
    const { wait } = create(() => (isRecorded ? VIEW : null));
    const waiting = Array.from({ length: 200 }, () => wait.until(AWAITED, PATIENT));
    expect(await wait.until(AWAITED, PATIENT)).toBeNull();
    isRecorded = true;
    await Promise.all(waiting);
    expect(await wait.until(AWAITED, PATIENT)).toBe(VIEW);
  });
});

function create(answer: (look: number) => typeof VIEW | null) {
  const looks: number[] = [];
  const stopping = new AbortController();
  const history = {
    async attemptOf(_: unknown, number: number) {
      looks.push(number);
      return answer(looks.length);
    },
  };
  return { wait: createAttemptWait({ history, clock: Date.now }, stopping.signal), looks, stopping };
}
