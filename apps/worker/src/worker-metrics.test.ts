import type { NextStep, Outcome } from '@hooklane/domain';
import type { Attempted, Claim, DueStore } from '@hooklane/engine';
import { createMetrics } from '@hooklane/runtime';
import { describe, expect, it } from 'vitest';
import { countClaims, countWork, measureSlots } from './worker-metrics.ts';

describe('countWork', () => {
  it('counts a first attempt that was accepted, from the commit on', async () => {
    const text = await told(attempted({ kind: 'accepted', status: 204 }, { kind: 'delivered' }));
    expect(text).toContain('hooklane_attempts_total{outcome="accepted",class="2xx",service="worker"} 1');
    expect(text).toContain('hooklane_deliveries_total{state="delivered",origin="event",service="worker"} 1');
    expect(text).toContain('hooklane_first_attempt_latency_seconds_sum{service="worker"} 0.2');
    expect(text).toContain('hooklane_end_to_end_latency_seconds_sum{service="worker"} 0.25');
    expect(text).toContain('hooklane_retry_lateness_seconds_count{service="worker"} 0');
  });

  it('counts a retry by how late it was, and no delivery before it has ended', async () => {
    const late = attempted(
      { kind: 'rejected', status: 503 },
      { kind: 'retry', delayMs: 5 },
      { attempt: 2, attemptInRound: 2 },
    );
    const text = await told(late);
    expect(text).toContain('hooklane_attempts_total{outcome="rejected",class="5xx",service="worker"} 1');
    expect(text).toContain('hooklane_retry_lateness_seconds_sum{service="worker"} 0.1');
    expect(text).not.toContain('hooklane_deliveries_total{');
  });

  it('leaves what was asked for again out of the latencies', async () => {
    const text = await told(attempted({ kind: 'accepted', status: 200 }, { kind: 'delivered' }, { origin: 'replay' }));
    expect(text).toContain('hooklane_deliveries_total{state="delivered",origin="replay",service="worker"} 1');
    expect(text).toContain('hooklane_first_attempt_latency_seconds_count{service="worker"} 0');
  });

  it('counts a lost claim, whose delivery is counted by the worker that has it', async () => {
    const text = await told({
      ...attempted({ kind: 'accepted', status: 200 }, { kind: 'delivered' }),
      recorded: false,
    });
    expect(text).toContain('hooklane_claims_lost_total{service="worker"} 1');
    expect(text).not.toContain('hooklane_deliveries_total{');
  });

  it.each<[Outcome, string, string]>([
    [{ kind: 'timed-out', phase: 'headers' }, 'timed-out', 'headers'],
    [{ kind: 'unreachable', code: 'dns_error' }, 'unreachable', 'dns_error'],
    [{ kind: 'blocked', reason: 'anything a person may read' }, 'blocked', 'blocked'],
    [{ kind: 'rejected', status: 999 }, 'rejected', '5xx'],
  ])('names the class of %j in a bounded number of words', async (outcome, kind, words) => {
    const text = await told(attempted(outcome, { kind: 'retry', delayMs: 1 }));
    expect(text).toContain(`hooklane_attempts_total{outcome="${kind}",class="${words}",service="worker"} 1`);
  });
});

describe('a freeze of suspensions', () => {
  it('is told while it lasts, and how many it spared', async () => {
    const metrics = createMetrics({ service: 'worker' });
    const counted = countWork(metrics);
    expect((await metrics.render()).text).toContain('hooklane_suspensions_frozen{service="worker"} 0');
    counted.froze({ what: 'frozen', failing: 30, struck: 30, working: 1, othersFailing: 0, othersWorking: 0 });
    counted.withheld(2);
    const { text } = await metrics.render();
    expect(text).toContain('hooklane_suspensions_frozen{service="worker"} 1');
    expect(text).toContain('hooklane_suspensions_withheld_total{service="worker"} 2');
    counted.froze({ what: 'thawed', failing: 1, struck: 0, working: 30, othersFailing: 0, othersWorking: 0 });
    expect((await metrics.render()).text).toContain('hooklane_suspensions_frozen{service="worker"} 0');
  });
});

describe('countClaims', () => {
  it('counts jobs that found nothing, and what the relay brings, at the first attempt and later', async () => {
    const metrics = createMetrics({ service: 'worker' });
    const refs = [1, 1, 4].map((attempt) => ({ attempt }));
    // Only these two are asked.
    const due = { claim: async () => null, relay: async () => refs } as unknown as DueStore;
    const counted = countClaims(due, metrics);
    expect(await counted.claim(refs[0] as never)).toBeNull();
    expect(await counted.relay(3)).toBe(refs);
    const { text } = await metrics.render();
    expect(text).toContain('hooklane_duplicate_jobs_total{service="worker"} 1');
    expect(text).toContain('hooklane_relayed_total{attempt="first",service="worker"} 2');
    expect(text).toContain('hooklane_relayed_total{attempt="later",service="worker"} 1');
  });
});

describe('measureSlots', () => {
  it('tells how many are used and free at the moment of the scrape', async () => {
    const metrics = createMetrics({ service: 'worker' });
    let inFlight = 0;
    measureSlots(metrics, { inFlight: () => inFlight, total: 10 });
    inFlight = 3;
    const { text } = await metrics.render();
    expect(text).toContain('hooklane_worker_slots{state="used",service="worker"} 3');
    expect(text).toContain('hooklane_worker_slots{state="free",service="worker"} 7');
  });
});

async function told(what: Attempted): Promise<string> {
  const metrics = createMetrics({ service: 'worker' });
  countWork(metrics).attempted(what);
  return (await metrics.render()).text;
}

function attempted(outcome: Outcome, step: NextStep, claim: Partial<Claim> = {}): Attempted {
  // What is counted reads no more of a claim than this.
  const whole = { origin: 'event', attempt: 1, attemptInRound: 1, ageMs: 200, lateMs: 100, ...claim } as Claim;
  const report = { outcome, durationMs: 50, response: null };
  return { claim: whole, step, sent: { report, requestHeaders: {}, startedAtMs: 0, waitedFor: null }, recorded: true };
}
