import { isHealthy } from '../receivers-plan.ts';
import { isBusy } from './busy.ts';
import type { Facts } from './facts.ts';
import { pairKey, quantile } from './facts.ts';
import type { Verdict } from './verdict.ts';
import { none } from './verdict.ts';

const LEAST_SAMPLES = 20;
const GENEROUS_MS = 2_000;
const SLACK_MS = 500;

/** From a 202 to the arrival of the first request. */
interface Way {
  readonly ackedAt: number;
  readonly ms: number;
}

/**
 * I11: receivers that hang, refuse or drip cost healthy ones nothing that shows: p99 of the way from 202 to arrival. What
 * is fast is fast wherever it was; what is slow counts only where there was a processor to be had.
 */
export function isolated(facts: Facts): Verdict {
  const ways = waysOf(facts);
  const alone = ways.filter(({ ackedAt }) => ackedAt < facts.calmUntil);
  const bound = Math.max(2 * p99(alone), GENEROUS_MS);
  const beside = ways.filter(
    (way) => way.ackedAt >= facts.calmUntil && isUndisturbed(facts, way.ackedAt) && !isCutShort(facts, way, bound),
  );
  const figures = `p99 ${p99(alone)} ms alone (${alone.length}), ${p99(beside)} ms beside the others (${beside.length})`;
  if (beside.length < LEAST_SAMPLES) return { holds: true, judged: false, detail: `too few: ${figures}` };
  if (p99(beside) <= bound) return { holds: true, detail: figures };
  const unhindered = beside.filter(({ ackedAt, ms }) => !isBusy(facts, ackedAt - SLACK_MS, ackedAt + ms + SLACK_MS));
  const more = `${figures}, ${p99(unhindered)} ms where processors had time (${unhindered.length})`;
  if (unhindered.length < LEAST_SAMPLES)
    return { holds: true, judged: false, detail: `the machine is too busy: ${more}` };
  return none(p99(unhindered) > bound ? [`more than ${bound} ms`] : [], more);
}

function waysOf(facts: Facts): Way[] {
  const healthy = new Set(facts.webhooks.filter(isHealthy).map(({ name }) => name));
  return facts.promised.flatMap(({ webhook, event, ackedAt }) => {
    const first = healthy.has(webhook) ? facts.receiptsOf.get(pairKey(webhook, event))?.[0] : undefined;
    return first === undefined ? [] : [{ ackedAt, ms: Math.max(0, first.t - ackedAt) }];
  });
}

/** A fault came before it had arrived, and before it was too late: nobody knows how long it would have taken. */
function isCutShort({ faults }: Facts, { ackedAt, ms }: Way, bound: number): boolean {
  return faults.some(({ startedAt }) => startedAt >= ackedAt && startedAt <= ackedAt + Math.min(ms, bound));
}

function p99(ways: readonly Way[]): number {
  return quantile(
    ways.map((way) => way.ms),
    0.99,
  );
}

/** Between the recovery from one fault and the next one. */
function isUndisturbed({ faults, recoveries }: Facts, at: number): boolean {
  if (faults.some(({ startedAt, endedAt }) => at >= startedAt - SLACK_MS && at <= endedAt)) return false;
  const last = recoveries.filter(({ quietAt }) => quietAt <= at).at(-1);
  const lastEnd = Math.max(0, ...faults.filter(({ endedAt }) => endedAt <= at).map(({ endedAt }) => endedAt));
  if (lastEnd === 0) return true;
  return last?.recoveredAt != null && last.quietAt >= lastEnd && at > last.recoveredAt + SLACK_MS;
}
