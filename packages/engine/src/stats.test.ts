import type { Outcome } from '@hooklane/domain';
import { latencyBucket } from '@hooklane/domain';
import { expect, it } from 'vitest';
import type { Attempted } from './attempt-delivery.ts';
import { createIdFactory } from './ids.ts';
import type { WebhookTally } from './stats.ts';
import { addTo, emptyTally, StatsCounter } from './stats.ts';

const ids = createIdFactory();
const orgId = ids.next('org');
const webhookId = ids.next('wh');

function attempted(outcome: Outcome | null, step: Attempted['step'], recorded = true): Attempted {
  const sent = outcome && {
    report: { outcome, durationMs: 120, response: null },
    requestHeaders: {},
    startedAtMs: 0,
    waitedFor: null,
  };
  return { claim: { orgId, webhookId }, step, sent, recorded } as unknown as Attempted;
}

const DELIVERED: Attempted['step'] = { kind: 'delivered' };
const RETRY: Attempted['step'] = { kind: 'retry', delayMs: 1 };
const DIVERT: Attempted['step'] = { kind: 'divert', reason: 'suspended', suspend: false };

function store(refusals = 0) {
  const added: WebhookTally[] = [];
  let left = refusals;
  return {
    added,
    add: async (tallies: readonly WebhookTally[]) => {
      if (left-- > 0) throw new Error('away');
      added.push(...tallies);
    },
  };
}

it('counts outcomes, ends and durations by webhook, and nothing twice', async () => {
  const counter = new StatsCounter();
  counter.count(attempted({ kind: 'accepted', status: 200 }, DELIVERED));
  counter.count(attempted({ kind: 'rejected', status: 500 }, RETRY));
  counter.count(attempted({ kind: 'blocked', reason: 'x' }, RETRY));
  counter.count(attempted(null, DIVERT));
  counter.count(attempted({ kind: 'accepted', status: 200 }, DELIVERED, false));
  const { added, add } = store();
  await counter.flush({ add });
  await counter.flush({ add });

  expect(added).toHaveLength(1);
  expect(added[0]).toMatchObject({ orgId, webhookId, delivered: 1, diverted: 1, discarded: 0 });
  expect(added[0]?.outcomes).toEqual({ accepted: 1, rejected: 1, 'timed-out': 0, unreachable: 0, blocked: 1 });
  expect(added[0]?.latency[latencyBucket(120)]).toBe(2);
});

it('keeps what could not be written, and adds to it', async () => {
  const counter = new StatsCounter();
  const { added, add } = store(1);
  counter.count(attempted({ kind: 'accepted', status: 200 }, DELIVERED));
  await expect(counter.flush({ add })).rejects.toThrow('away');
  counter.count(attempted({ kind: 'accepted', status: 200 }, DELIVERED));
  await counter.flush({ add });
  expect(added).toMatchObject([{ delivered: 2, outcomes: { accepted: 2 } }]);
});

it('adds tallies number by number', () => {
  const sum = emptyTally();
  const more = { ...emptyTally(), delivered: 2, discarded: 3 };
  more.latency[7] = 5;
  addTo(sum, more);
  addTo(sum, more);
  expect(sum).toMatchObject({ delivered: 4, diverted: 0, discarded: 6 });
  expect(sum.latency[7]).toBe(10);
});
