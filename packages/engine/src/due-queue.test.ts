import { beforeEach, describe, expect, it } from 'vitest';
import { FakeQueue, FakeWake } from '../../../test/support/memory/work-fakes.ts';
import { queueOrWake } from './due-queue.ts';
import type { DueRef } from './due-work.ts';
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

describe('where there is no queue', () => {
  it('it is away for good, and the workers are woken', async () => {
    const either = queueOrWake(null, wake);
    expect([either.state, await either.announce(refs), wake.delaysMs]).toEqual(['away', false, [0]]);
  });
});
