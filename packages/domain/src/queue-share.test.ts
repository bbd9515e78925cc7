import { expect, it } from 'vitest';
import { CROWDED, mayQueue, ORG_SHARE } from './queue-share.ts';

it.each([
  ['a queue that nothing waits in takes what comes', { waiting: 0, used: 0, count: 1 }, true],
  ['also from who announced much', { waiting: 0, used: 9_999, count: 1 }, true],
  ['up to being crowded', { waiting: CROWDED - 1, used: 9_999, count: 1 }, true],
  ['then from each org its share', { waiting: CROWDED, used: ORG_SHARE - 1, count: 1 }, true],
  ['and no more', { waiting: CROWDED, used: ORG_SHARE, count: 1 }, false],
  ['an event for many webhooks counts as many', { waiting: 0, used: 0, count: CROWDED + 1 }, false],
  ['of which a share is not exceeded either', { waiting: CROWDED, used: 0, count: ORG_SHARE + 1 }, false],
] as const)('%s', (_, { waiting, ...org }, expected) => {
  expect(mayQueue(org, waiting)).toBe(expected);
});
