import { formatId, parseId } from '@hooklane/domain';
import { isFor, isMended, scheduleOf } from '../receivers-plan.ts';
import type { Facts, Pair } from './facts.ts';
import { groupBy, pairKey } from './facts.ts';
import { unfenced } from './logs.ts';
import type { Verdict } from './verdict.ts';
import { none } from './verdict.ts';

/** What becomes of what was acknowledged: I1 to I3, I8 to I10. */

/** Promised, and neither delivered for all to see nor kept. */
export function lostOf(facts: Facts): string[] {
  return facts.promised.flatMap((pair) => {
    const delivery = facts.deliveries.get(pairKey(pair.webhook, pair.event));
    if (delivery === undefined) return [`${name(pair)} is unknown`];
    if (delivery.state === 'discarded') return [`${name(pair)} was discarded (${delivery.reason})`];
    if (delivery.state === 'delivered' && !wasAccepted(facts, pair)) return [`${name(pair)} never arrived`];
    return [];
  });
}

/** Received, and never published. */
export function phantomsOf(facts: Facts): string[] {
  const acked = new Map(facts.acked.map((record) => [record.eventId, record.n]));
  const numbers = new Map<string, number>();
  return facts.receipts.flatMap(({ id, sha, webhook }) => {
    const sent = facts.sentBySha.get(sha);
    if (sent === undefined) return [`${webhook} got a body under ${id} that was never published`];
    const n = acked.get(id) ?? numbers.get(id) ?? sent.n;
    numbers.set(id, n);
    return n === sent.n ? [] : [`${webhook} got event ${sent.n} under ${id}, which is event ${n}`];
  });
}

/** I1: every acknowledged event is, for every webhook it is for, delivered or kept; in the end nothing is pending. */
export function noLoss(facts: Facts): Verdict {
  const pending = facts.database.deliveries.filter((row) => row.state === 'pending').length;
  const undone = pending > 0 ? [`${pending} are still pending`] : [];
  const told = facts.acked.flatMap(({ n, eventId, deliveries }) => {
    const type = facts.sentByNumber.get(n)?.type ?? '';
    const owed = facts.webhooks.filter((webhook) => isFor(webhook, type)).length;
    return deliveries === owed ? [] : [`${eventId} was promised to ${deliveries} webhooks instead of ${owed}`];
  });
  return none([...lostOf(facts), ...undone, ...told], `${facts.promised.length} promised deliveries`);
}

/**
 * I2: delivered means that the receiver said 2xx; diverted means that it was tried, or a stated reason not to; and what is
 * on record comes from whoever held the claim.
 */
export function honest(facts: Facts): Verdict {
  const offenders: string[] = [];
  for (const [key, delivery] of facts.deliveries) {
    const received = facts.receiptsOf.get(key) ?? [];
    if (delivery.state === 'delivered' && !received.some((receipt) => receipt.accepted)) {
      offenders.push(`${key} is called delivered, and ${received.length} requests got no 2xx`);
    }
    if (delivery.state === 'diverted' && !mayBeDiverted(facts, key)) {
      offenders.push(`${key} was diverted (${delivery.reason}) after ${received.length} requests`);
    }
  }
  const attempts = facts.logged.filter(({ kind }) => kind === 'attempt').length;
  return none([...offenders, ...unfenced(facts)], `${facts.deliveries.size} deliveries, ${attempts} lines of workers`);
}

/** I3: nothing arrives that nobody published, and nothing under another's id. */
export function noPhantom(facts: Facts): Verdict {
  const stored = facts.database.events
    .filter(({ sha }) => !facts.sentBySha.has(sha))
    .map(({ id }) => `${formatId('evt', id)} is stored and was never published`);
  return none([...phantomsOf(facts), ...stored], `${facts.receipts.length} requests received`);
}

/** I8: what is set aside is there byte for byte, and what was sent again has arrived. */
export function divertedKept(facts: Facts): Verdict {
  const shaOf = new Map(facts.database.events.map(({ id, sha }) => [id, sha]));
  const names = new Map(facts.webhooks.map((webhook) => [webhook.uuid, webhook]));
  const offenders = facts.database.diverted.flatMap(({ webhook_id, event_id, sha }) => {
    const key = pairKey(names.get(webhook_id)?.name ?? webhook_id, formatId('evt', event_id));
    if (sha === null || !facts.sentBySha.has(sha) || sha !== shaOf.get(event_id))
      return [`${key} has lost its payload`];
    const webhook = names.get(webhook_id);
    return webhook !== undefined && isMended(webhook) ? [`${key} was sent again and is still set aside`] : [];
  });
  return none(offenders, `${facts.database.diverted.length} set aside, ${facts.resent} were sent again`);
}

/** I9: in every snapshot each delivery is in one state, and the tables of undone and diverted ones agree with it. */
export function conserved(facts: Facts): Verdict {
  const { deliveries, due, diverted } = facts.database;
  const idsIn = (state: string) => new Set(deliveries.filter((row) => row.state === state).map((row) => row.id));
  const offenders = [
    ...facts.imbalances,
    ...mismatchesTold(facts),
    ...unequal('pending', idsIn('pending'), new Set(due.map((row) => row.delivery_id))),
    ...unequal('diverted', idsIn('diverted'), new Set(diverted.map((row) => row.delivery_id))),
    ...(facts.deliveries.size === deliveries.length ? [] : ['an event has two deliveries to one webhook']),
  ];
  return none(
    offenders,
    `${deliveries.length} deliveries in the last snapshot, ${facts.snapshots} before it; the reaper compared ${facts.told.compared} and told of ${facts.told.mismatch} that contradict each other`,
  );
}

/** A metric that nobody could read proves nothing. */
function mismatchesTold({ told }: Facts): string[] {
  const unread = Object.entries(told.scrapes).filter(([, scrapes]) => scrapes === 0);
  return [
    ...(told.mismatch > 0 ? [`the metrics tell of ${told.mismatch} deliveries that contradict their rows`] : []),
    ...(told.compared === 0 ? ['the reaper has compared nothing'] : []),
    ...unread.map(([name]) => `the metrics of ${name} could never be read`),
  ];
}

/** I10: one event for each key, always the same answer, and none for another body under a used key. */
export function idempotent(facts: Facts): Verdict {
  const bySha = groupBy(facts.database.events, (event) => event.sha);
  const twice = [...bySha].filter(([, events]) => events.length > 1);
  const idOf = new Map(facts.acked.map((record) => [record.n, record.eventId]));
  const again = facts.producer.filter((record) => record.kind === 'again');
  const offenders = [
    ...twice.map(([sha, events]) => `event ${facts.sentBySha.get(sha)?.n} is stored ${events.length} times`),
    ...facts.acked
      .filter(({ n, eventId }) => bySha.get(facts.sentByNumber.get(n)?.sha ?? '')?.[0]?.id !== parseId('evt', eventId))
      .map(({ n }) => `event ${n} is stored under another id than was told`),
    ...again
      .filter(({ same, status, eventId, n }) => (same ? eventId !== idOf.get(n) : status !== 409 && status !== 422))
      .map(({ n, same, status }) => `event ${n}, ${same ? 'sent again' : 'its key used again'}, got ${status}`),
    ...facts.producer
      .filter((record) => record.kind === 'refused')
      .map(({ n, status, code }) => `event ${n} was refused: ${status} ${code}`),
  ];
  const ambiguous = facts.acked.filter((record) => record.ambiguous > 0).length;
  return none(offenders, `${ambiguous} acknowledged after unclear answers, ${again.length} sent once more`);
}

function name({ webhook, event }: Pair): string {
  return `${event} for ${webhook}`;
}

function wasAccepted(facts: Facts, { webhook, event }: Pair): boolean {
  return (facts.receiptsOf.get(pairKey(webhook, event)) ?? []).some((receipt) => receipt.accepted);
}

function mayBeDiverted(facts: Facts, key: string): boolean {
  const { reason } = facts.deliveries.get(key) ?? {};
  const webhook = facts.webhooks.find(({ name: own }) => key.startsWith(`${own}/`));
  const refused = (facts.receiptsOf.get(key) ?? []).filter((receipt) => !receipt.accepted).length;
  switch (reason) {
    case 'suspended':
      return true;
    case 'gone':
      return refused > 0;
    case 'retries_exhausted':
      return webhook !== undefined && refused >= scheduleOf(webhook).maxAttempts;
    default:
      return false;
  }
}

function unequal(state: string, rows: ReadonlySet<string>, work: ReadonlySet<string>): string[] {
  const missing = [...rows].filter((id) => !work.has(id)).length;
  const extra = [...work].filter((id) => !rows.has(id)).length;
  return missing + extra === 0 ? [] : [`${missing} ${state} without their row, ${extra} rows of what is not ${state}`];
}
