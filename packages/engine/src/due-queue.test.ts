import { CROWDED, ORG_SHARE, SHARE_WINDOW_MS } from '@hooklane/domain';
import { beforeEach, describe, expect, it } from 'vitest';
import { FakeQueue, FakeWake } from '../../../test/support/memory/work-fakes.ts';
import { queueOrWake } from './due-queue.ts';
import type { DueQueue, DueRef } from './due-work.ts';
import { createIdFactory } from './ids.ts';

const ids = createIdFactory();
const refs: DueRef[] = [{ deliveryId: ids.next('dlv'), webhookId: ids.next('wh'), attempt: 1 }];

let wake: FakeWake;
beforeEach(() => {
  wake = new FakeWake();
});

describe('where there is a queue', () => {
  it('it gets what is announced, with its delay, and nobody is woken', async () => {
    const queue = new FakeQueue();
    expect(await queueOrWake(queue, wake).announce(refs, 500)).toBe(true);
    expect(queue.announced).toEqual([{ refs, delayMs: 500 }]);
    expect(wake.delaysMs).toEqual([]);
  });

  it('its refusal is passed on', async () => {
    const queue = new FakeQueue();
    queue.taken = false;
    expect(await queueOrWake(queue, wake).announce(refs)).toBe(false);
  });

  it.each(['full', 'away'] as const)('that is %s, the workers are woken when the work is due', async (state) => {
    const queue = new FakeQueue();
    const either = queueOrWake(queue, wake);
    queue.state = state;
    expect([either.state, await either.announce(refs, 500)]).toEqual([state, false]);
    expect([queue.announced, wake.delaysMs]).toEqual([[], [500]]);
  });
});

describe('what an org may announce', () => {
  const [org, other] = [ids.next('org'), ids.next('org')];
  let nowMs = 0;
  let queue: FakeQueue;
  let either: DueQueue;
  beforeEach(() => {
    queue = new FakeQueue();
    either = queueOrWake(queue, wake, () => nowMs);
  });

  it('is what it likes while nobody waits', () => {
    expect([either.admits(org, CROWDED), either.admits(org, CROWDED)]).toEqual([true, true]);
  });

  it('is its share while the queue is crowded; the shares of others are not its business', () => {
    queue.waiting = CROWDED;
    expect([either.admits(org, ORG_SHARE), either.admits(org, 1), either.admits(other, 1)]).toEqual([
      true,
      false,
      true,
    ]);
    nowMs += SHARE_WINDOW_MS;
    expect(either.admits(org, 1)).toBe(true);
  });

  it('is its share for later, whoever waits now', () => {
    const later = { isLater: true };
    expect([either.admits(org, ORG_SHARE, later), either.admits(org, 1, later)]).toEqual([true, false]);
  });

  it.each(['full', 'away'] as const)('is nothing while the queue is %s', (state) => {
    queue.state = state;
    expect(either.admits(org, 1)).toBe(false);
  });

  it('and what it may not is told to who reads the store', () => {
    either.leaveToStore(500);
    expect([wake.delaysMs, queue.announced]).toEqual([[500], []]);
  });
});

describe('where there is no queue', () => {
  it('it is away for good, and the workers are woken', async () => {
    const either = queueOrWake(null, wake);
    expect([either.state, await either.announce(refs), wake.delaysMs]).toEqual(['away', false, [0]]);
  });
});
