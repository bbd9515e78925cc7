import { KINDS } from '../plan.ts';
import { scheduleOf, TIMEOUT_MS } from '../receivers-plan.ts';
import type { Facts, Receipt } from './facts.ts';
import { faultsAt, mayRepeat } from './facts.ts';
import type { Duplicate } from './logs.ts';
import { diedWithIt, isTold, overcounted } from './logs.ts';
import type { Verdict } from './verdict.ts';
import { none } from './verdict.ts';

/** What receivers see: I4 to I7. */

/** The clocks of one machine, and the time between two lines of code. */
const SLACK_MS = 500;
const JITTER = 0.2;
/** I4: slots of a worker; so many of its attempts a fault can catch between the answer and its record. */
const SLOTS = 100;
/** I4: of all requests; more than that is not excused by what a worker says. */
const BELIEVED = 0.01;

/** Requests for what the receiver had accepted before. */
export function duplicatesOf(facts: Facts): Duplicate[] {
  return [...facts.receiptsOf].flatMap(([key, received]) =>
    received.flatMap(({ t }, n) => {
      const last = received.slice(0, n).findLast((receipt) => receipt.accepted);
      return last === undefined ? [] : [{ key, acceptedAt: last.t, t }];
    }),
  );
}

/**
 * I4: an accepted event comes again only where a fault may have cost the record of it, or the answer or the record was too
 * late, which the worker says; and no more of them than were under way, or than a worker is believed.
 */
export function boundedDuplicates(facts: Facts): Verdict {
  const duplicates = duplicatesOf(facts);
  const isByFault = (duplicate: Duplicate) =>
    mayRepeat(facts, duplicate.acceptedAt, duplicate.acceptedAt + TIMEOUT_MS + SLACK_MS) ||
    diedWithIt(facts, duplicate);
  const others = duplicates.filter((duplicate) => !isByFault(duplicate));
  const told = others.filter((duplicate) => isTold(facts, duplicate));
  const unexplained = others
    .filter((duplicate) => !told.includes(duplicate))
    .map(({ key, acceptedAt, t }) => `${key} came again after ${t - acceptedAt} ms without any fault`);
  const repeating = facts.faults.filter(({ kind }) => KINDS[kind].repeatsAttempts);
  const bound = repeating.reduce((sum, { target }) => sum + (target === 'postgres' ? 2 : 1) * SLOTS, 0);
  const believed = Math.floor(facts.receipts.length * BELIEVED);
  const tooMany = duplicates.length - others.length > bound ? [`more than ${bound} by faults`] : [];
  const tooOften = told.length > believed ? [`more than ${believed} by what workers say`] : [];
  const figures = `${duplicates.length} duplicates, at most ${bound} by faults; ${told.length} because a worker was late, by its log`;
  return none([...unexplained, ...tooMany, ...tooOften], figures);
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

/** By the clock of Postgres, whatever that of the worker says. A stopped worker sends late what it stamped before. */
function isStampedRight(facts: Facts, { stampedAt, t }: Receipt): boolean {
  const offMs = Math.abs(stampedAt - t);
  if (offMs <= 5_000) return true;
  return offMs <= 12_000 && faultsAt(facts, t - 10_000, t).some(({ kind }) => kind === 'worker_stop');
}

/** I6: retries come when the policy says, no more often than it says, and never after the end; each attempt counts once. */
export function onSchedule(facts: Facts): Verdict {
  const offenders: string[] = [];
  let judged = 0;
  for (const [key, received] of facts.receiptsOf) {
    offenders.push(...afterTheEnd(facts, key, received));
    if (!isQuiet(facts, received)) continue;
    judged++;
    offenders.push(...outOfTime(facts, key, received), ...miscounted(facts, key, received));
  }
  offenders.push(...overcounted(facts));
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

function webhookOf(facts: Facts, key: string) {
  return facts.webhooks.find(({ name }) => key.startsWith(`${name}/`));
}
