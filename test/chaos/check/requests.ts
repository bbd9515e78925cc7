import { CLOCK_SHIFT_MS } from '../faults/processes.ts';
import { KINDS } from '../plan.ts';
import { isHealthy, scheduleOf, TIMEOUT_MS } from '../receivers-plan.ts';
import type { Facts, Receipt } from './facts.ts';
import { faultsAt, mayRepeat, quantile } from './facts.ts';
import type { Verdict } from './verdict.ts';
import { none } from './verdict.ts';

/** What receivers see: I4 to I7 and I11. */

/** The clocks of one machine, and the time between two lines of code. */
const SLACK_MS = 500;
const JITTER = 0.2;
/** I4: slots of both workers; so many attempts a fault can catch between the answer and its record. */
const IN_FLIGHT = 200;

/** Requests for what the receiver had accepted before, with the moment at which it first did. */
export function duplicatesOf(facts: Facts): Array<{ key: string; acceptedAt: number; t: number }> {
  return [...facts.receiptsOf].flatMap(([key, received]) => {
    const first = received.find((receipt) => receipt.accepted);
    if (first === undefined) return [];
    return received.filter(({ seq }) => seq > first.seq).map(({ t }) => ({ key, acceptedAt: first.t, t }));
  });
}

/**
 * I4: an accepted event comes again only where a fault may have cost the record of it, or the answer or the record was too
 * late, which the worker says; and by faults no more than were under way.
 */
export function boundedDuplicates(facts: Facts): Verdict {
  const duplicates = duplicatesOf(facts);
  const unexplained = duplicates
    .filter(({ key, acceptedAt }) => {
      const isTold = facts.unsettled.has(key);
      return !isTold && !mayRepeat(facts, acceptedAt, acceptedAt + TIMEOUT_MS + SLACK_MS);
    })
    .map(({ key, acceptedAt, t }) => `${key} came again after ${t - acceptedAt} ms without any fault`);
  const bound = facts.faults.filter(({ kind }) => KINDS[kind].repeatsAttempts).length * IN_FLIGHT;
  const late = duplicates.filter(({ key }) => facts.unsettled.has(key)).length;
  const tooMany = duplicates.length - late > bound ? [`more than ${bound}`] : [];
  const figures = `${duplicates.length} duplicates, ${late} of them told by a worker; bound ${bound}`;
  return none([...unexplained, ...tooMany], figures);
}

/** I5: the producer's bytes, the same at every attempt; signed; stamped when it was sent. */
export function byteIdentical(facts: Facts): Verdict {
  const offenders = facts.receipts.flatMap((receipt) => {
    const { webhook, id, genuine, stampedAt, t } = receipt;
    if (!genuine) return [`${webhook} got ${id} with a wrong signature or without its headers`];
    if (!isStampedRight(facts, receipt)) return [`${webhook} got ${id} stamped ${stampedAt - t} ms off`];
    return [];
  });
  for (const [key, received] of facts.receiptsOf) {
    if (new Set(received.map((receipt) => receipt.sha)).size > 1) offenders.push(`${key} changed its bytes`);
  }
  return none(offenders, `${facts.receipts.length} signatures checked`);
}

/** A stopped worker sends late what it stamped before; one with a wrong clock stamps the wrong hour. */
function isStampedRight(facts: Facts, { stampedAt, t }: Receipt): boolean {
  const offMs = Math.abs(stampedAt - t);
  if (offMs <= 5_000) return true;
  const around = faultsAt(facts, t - 10_000, t);
  if (around.some(({ kind }) => kind === 'worker_stop') && offMs <= 12_000) return true;
  const hasWrongClock = around.some(({ kind }) => kind.startsWith('worker_clock'));
  return hasWrongClock && Math.abs(offMs - CLOCK_SHIFT_MS) <= 5_000;
}

/** I6: retries come when the policy says, no more often than it says, and never after the end. */
export function onSchedule(facts: Facts): Verdict {
  const offenders: string[] = [];
  let judged = 0;
  for (const [key, received] of facts.receiptsOf) {
    offenders.push(...afterTheEnd(facts, key, received));
    if (!isQuiet(facts, received)) continue;
    judged++;
    offenders.push(...outOfTime(facts, key, received), ...miscounted(facts, key, received));
  }
  return none(offenders, `${judged} deliveries without a fault near them judged to the millisecond`);
}

/** Nothing near it that could have moved an attempt. */
function isQuiet(facts: Facts, received: readonly Receipt[]): boolean {
  const from = (received[0]?.t ?? 0) - SLACK_MS;
  const until = (received.at(-1)?.t ?? 0) + TIMEOUT_MS + SLACK_MS;
  return faultsAt(facts, from, until).length === 0;
}

function outOfTime(facts: Facts, key: string, received: readonly Receipt[]): string[] {
  const webhook = webhookOf(facts, key);
  if (webhook === undefined) return [];
  return received.slice(1).flatMap((receipt, index) => {
    const before = received[index];
    const baseMs = scheduleOf(webhook).baseMs(index + 1);
    // What was sent again by hand begins a new round whenever it is asked for.
    if (before === undefined || before.accepted || baseMs === null) return [];
    const wishMs = before.answer === 429 ? 1_000 : 0;
    const waitedMs = receipt.t - before.t;
    const leastMs = Math.max(baseMs * (1 - JITTER), wishMs) - 50;
    const mostMs = Math.max(baseMs * (1 + JITTER), wishMs) + TIMEOUT_MS + 5_000;
    const mayBeLate =
      isResent(facts, receipt) || webhook.behaviour.kind === 'hangs' || !keptUp(facts, before.t, receipt.t);
    if (waitedMs >= leastMs && (waitedMs <= mostMs || mayBeLate)) return [];
    return [`${key}: attempt ${index + 2} came after ${waitedMs} ms instead of ${leastMs} to ${mostMs}`];
  });
}

const BEHIND_MS = 1_000;

/** Nothing healthy waited long meanwhile: on a machine that is too busy for the traffic everything is late. */
function keptUp({ samples }: Facts, from: number, until: number): boolean {
  const during = samples.filter(({ t }) => t >= from && t <= until);
  return during.length > 0 && during.every(({ t, oldestDueAt }) => oldestDueAt === null || t - oldestDueAt < BEHIND_MS);
}

/** As many requests as attempts on record, and not more than the policy allows in one round. */
function miscounted(facts: Facts, key: string, received: readonly Receipt[]): string[] {
  const delivery = facts.deliveries.get(key);
  const webhook = webhookOf(facts, key);
  if (delivery === undefined || webhook === undefined || delivery.state === 'pending') return [];
  const wrong =
    delivery.attempts === received.length
      ? []
      : [`${key}: ${received.length} requests, ${delivery.attempts} attempts on record`];
  const rounds = received.some((receipt) => isResent(facts, receipt)) || delivery.state === 'diverted' ? 4 : 1;
  const tooMany =
    received.length > scheduleOf(webhook).maxAttempts * rounds ? [`${key}: ${received.length} attempts`] : [];
  return [...wrong, ...tooMany];
}

/** After the mending began, what had ended may come again. */
function isResent({ suspensions, webhooks }: Facts, { webhook, t }: Receipt): boolean {
  const planned = webhooks.find(({ name }) => name === webhook);
  const first = Math.min(...suspensions.map((suspension) => suspension.until));
  return planned?.behaviour.kind === 'broken' && (t >= first || !Number.isFinite(first));
}

/** A delivery that has ended is over. What a stopped worker had begun before may still leave it. */
function afterTheEnd(facts: Facts, key: string, received: readonly Receipt[]): string[] {
  const { state, finished_at: endedAt } = facts.deliveries.get(key) ?? {};
  if (state === undefined || state === 'pending' || endedAt === null || endedAt === undefined) return [];
  return received
    .filter(({ t }) => t > endedAt + SLACK_MS && !mayRepeat(facts, endedAt - TIMEOUT_MS, t))
    .map(({ t }) => `${key}: a request ${Math.round(t - endedAt)} ms after it was ${state}`);
}

/** I7: a suspended webhook gets nothing more than what was under way. */
export function suspensionHeld(facts: Facts): Verdict {
  const names = new Map(facts.webhooks.map(({ uuid, name }) => [uuid, name]));
  const lasting = facts.database.webhooks.flatMap(({ id, suspended_at: from }) =>
    from === null ? [] : [{ webhook: names.get(id) ?? id, from, until: Number.POSITIVE_INFINITY }],
  );
  const suspensions = [...facts.suspensions, ...lasting];
  const offenders = suspensions.flatMap(({ webhook, from, until }) =>
    facts.receipts
      .filter((receipt) => receipt.webhook === webhook && receipt.t > from + TIMEOUT_MS + SLACK_MS && receipt.t < until)
      .filter(({ t }) => !mayRepeat(facts, t - TIMEOUT_MS, t))
      .map(({ id, t }) => `${webhook} got ${id} ${Math.round(t - from)} ms after it was suspended`),
  );
  return none(offenders, `${suspensions.length} suspensions`);
}

const LEAST_SAMPLES = 20;
const GENEROUS_MS = 2_000;
/** Where others want the processors all the time, waiting for one looks like waiting for a slot. */
const BUSY_IDLE = 0.05;

/** I11: receivers that hang, refuse or drip cost healthy ones nothing that shows: p99 of the way from 202 to arrival. */
export function isolated(facts: Facts): Verdict {
  const healthy = new Set(facts.webhooks.filter(isHealthy).map(({ name }) => name));
  const ways = facts.promised.flatMap(({ webhook, event, ackedAt }) => {
    const first = healthy.has(webhook) ? facts.receiptsOf.get(`${webhook}/${event}`)?.[0] : undefined;
    return first === undefined ? [] : [{ ackedAt, ms: Math.max(0, first.t - ackedAt) }];
  });
  const p99 = (some: typeof ways) =>
    quantile(
      some.map((way) => way.ms),
      0.99,
    );
  const baseline = ways.filter(({ ackedAt }) => ackedAt < facts.calmUntil);
  const beside = ways.filter(({ ackedAt }) => ackedAt >= facts.calmUntil && isUndisturbed(facts, ackedAt));
  const figures = `p99 ${p99(baseline)} ms alone (${baseline.length}), ${p99(beside)} ms beside the others (${beside.length})`;
  if (beside.length < LEAST_SAMPLES) return { holds: true, detail: `${figures}: too few to judge` };
  const isBusy = idleShare(facts) < BUSY_IDLE;
  if (isBusy) return { holds: true, detail: `${figures}: the machine is too busy to judge` };
  const bound = Math.max(2 * p99(baseline), GENEROUS_MS);
  return none(p99(beside) > bound ? [`more than ${bound} ms`] : [], figures);
}

function idleShare(facts: Facts): number {
  const quiet = facts.samples.filter(({ t }) => t >= facts.calmUntil && isUndisturbed(facts, t));
  return quiet.reduce((sum, { idle }) => sum + idle, 0) / Math.max(1, quiet.length);
}

/** Between the recovery from one fault and the next one. */
function isUndisturbed({ faults, recoveries }: Facts, at: number): boolean {
  if (faults.some(({ startedAt, endedAt }) => at >= startedAt - SLACK_MS && at <= endedAt)) return false;
  const last = recoveries.filter(({ quietAt }) => quietAt <= at).at(-1);
  const lastEnd = Math.max(0, ...faults.filter(({ endedAt }) => endedAt <= at).map(({ endedAt }) => endedAt));
  if (lastEnd === 0) return true;
  return last?.recoveredAt != null && last.quietAt >= lastEnd && at > last.recoveredAt + SLACK_MS;
}

function webhookOf(facts: Facts, key: string) {
  return facts.webhooks.find(({ name }) => key.startsWith(`${name}/`));
}
