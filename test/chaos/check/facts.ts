import { formatId } from '@hooklane/domain';
import type { DoneFault } from '../conductor.ts';
import { KINDS } from '../plan.ts';
import { isFor } from '../receivers-plan.ts';
import type { AckedRecord, ReceiptRecord, SentRecord } from '../records.ts';
import type { DeliveryRow } from '../snapshot.ts';
import type { LoggedLine } from '../worker-log.ts';
import type { Evidence } from './evidence.ts';
import type { Recovery } from './recovery.ts';
import { recoveriesOf } from './recovery.ts';

/** The evidence, brought together. Events are named as on the wire (`evt_…`), webhooks by their names in the plan. */
export interface Facts extends Evidence {
  readonly sentByNumber: ReadonlyMap<number, SentRecord>;
  readonly sentBySha: ReadonlyMap<string, SentRecord>;
  readonly acked: readonly AckedRecord[];
  /** One for each acknowledged event and webhook it is for; more are nobody's promise. */
  readonly promised: readonly Pair[];
  /** By webhook and event. */
  readonly deliveries: ReadonlyMap<string, DeliveryRow>;
  readonly receipts: readonly Receipt[];
  /** By webhook and event, in the order in which they came. */
  readonly receiptsOf: ReadonlyMap<string, readonly Receipt[]>;
  /** By webhook and event: what the workers say. */
  readonly loggedOf: ReadonlyMap<string, readonly LoggedLine[]>;
  readonly recoveries: readonly Recovery[];
}

export interface Pair {
  readonly webhook: string;
  readonly event: string;
  readonly ackedAt: number;
}

export interface Receipt extends ReceiptRecord {
  /** A 2xx that the sender may have seen. */
  readonly accepted: boolean;
}

export function factsOf(evidence: Evidence): Facts {
  const sent = evidence.producer.filter((record) => record.kind === 'sent');
  const acked = evidence.producer.filter((record) => record.kind === 'acked');
  const sentByNumber = new Map(sent.map((record) => [record.n, record]));
  const names = new Map(evidence.webhooks.map(({ uuid, name }) => [uuid, name]));
  const receipts = receiptsIn(evidence);
  const promised = acked.flatMap(({ n, eventId, t }) =>
    evidence.webhooks
      .filter((webhook) => isFor(webhook, sentByNumber.get(n)?.type ?? ''))
      .map(({ name }): Pair => ({ webhook: name, event: eventId, ackedAt: t })),
  );
  return {
    ...evidence,
    sentByNumber,
    sentBySha: new Map(sent.map((record) => [record.sha, record])),
    acked,
    promised,
    deliveries: new Map(
      evidence.database.deliveries.map((row) => [
        pairKey(names.get(row.webhook_id) ?? row.webhook_id, formatId('evt', row.event_id)),
        row,
      ]),
    ),
    receipts,
    receiptsOf: groupBy(receipts, ({ webhook, id }) => pairKey(webhook, id)),
    loggedOf: groupBy(evidence.logged, ({ webhook, event }) => pairKey(webhook, event)),
    recoveries: recoveriesOf(evidence),
  };
}

export function pairKey(webhook: string, event: string): string {
  return `${webhook}/${event}`;
}

function receiptsIn({ receiver }: Evidence): Receipt[] {
  const aborted = new Set(receiver.filter((record) => record.kind === 'aborted').map((record) => record.seq));
  return receiver
    .filter((record) => record.kind === 'receipt')
    .map((record) => ({ ...record, accepted: isSuccess(record.answer) && !aborted.has(record.seq) }))
    .toSorted((a, b) => a.t - b.t || a.seq - b.seq);
}

function isSuccess(answer: ReceiptRecord['answer']): boolean {
  return typeof answer === 'number' && answer >= 200 && answer <= 299;
}

/** So long after a fault claims that it cost may still lapse, and batches that it held up be written. */
const AFTERMATH_MS = 5_000;

/** The faults that were on, or just over, at some moment of this time. */
export function faultsAt({ faults }: Pick<Evidence, 'faults'>, from: number, until: number): DoneFault[] {
  return faults.filter((fault) => fault.startedAt <= until && fault.endedAt + AFTERMATH_MS >= from);
}

/** Whether an attempt that was under way then may have been lost to its record, and made again. */
export function mayRepeat(facts: Pick<Evidence, 'faults'>, from: number, until: number): boolean {
  return faultsAt(facts, from, until).some((fault) => KINDS[fault.kind].repeatsAttempts);
}

export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

export function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}
