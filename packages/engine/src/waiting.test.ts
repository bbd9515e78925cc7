import { asId } from '@hooklane/domain';
import { expect, it } from 'vitest';
import { Waiting } from './waiting.ts';

const [ORG, OTHER] = [asId('org', 'o'), asId('org', 'p')];
const [A, B, C] = [asId('wh', 'a'), asId('wh', 'b'), asId('wh', 'c')];
const anyRoom = () => 100;

it('orgs take turns, and within an org its webhooks', () => {
  const waiting = new Waiting();
  const all = () =>
    waiting.addAll(
      [A, B].map((webhookId) => ({ webhookId, orgId: ORG })),
      false,
    );
  all();
  waiting.add({ webhookId: C, orgId: OTHER }, false);
  expect(waiting.next(4, anyRoom).map(({ webhookId, limit }) => [webhookId, limit])).toEqual([
    [A, 1],
    [C, 2],
    [B, 1],
  ]);
});

it('who was served is out, and after the others when it is added again', () => {
  const waiting = new Waiting();
  for (const webhookId of [A, B]) waiting.add({ webhookId, orgId: ORG }, false);
  waiting.add({ webhookId: C, orgId: OTHER }, false);
  const order: string[] = [];
  for (let n = 0; n < 6; n++) {
    const [first] = waiting.next(1, anyRoom);
    if (first === undefined) break;
    order.push(first.webhookId);
    expect(waiting.has(first.webhookId)).toBe(false);
    waiting.add({ webhookId: first.webhookId, orgId: first.webhookId === C ? OTHER : ORG }, false);
  }
  expect(order).toEqual([A, C, B, C, A, C]);
});

it('who has no room keeps its turn', () => {
  const waiting = new Waiting();
  for (const webhookId of [A, B]) waiting.add({ webhookId, orgId: null }, true);
  expect(waiting.next(5, (who) => (who === A ? 0 : 3))).toEqual([{ webhookId: B, limit: 3, includeQueued: true }]);
  expect([waiting.size, waiting.has(A)]).toEqual([1, true]);
});

it('parked once is parked: being seen in the store later takes nothing of it', () => {
  const waiting = new Waiting();
  waiting.add({ webhookId: A, orgId: null }, true);
  waiting.add({ webhookId: A, orgId: ORG }, false);
  expect(waiting.next(1, anyRoom)).toEqual([{ webhookId: A, limit: 1, includeQueued: true }]);
  expect(waiting.size).toBe(0);
});
