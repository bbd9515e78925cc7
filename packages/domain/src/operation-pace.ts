/** Work on many rows that goes on in steps. */
export type OperationKind =
  /** Diverted events are sent again. */
  | 'resend'
  /** The stored events of a time range are sent, or sent again, to one webhook. */
  | 'replay'
  /** All pending deliveries of a webhook become due now. */
  | 'retry_now'
  /** All pending deliveries of a webhook end as discarded. */
  | 'cancel_pending'
  /** All that a deleted org has left is deleted. */
  | 'erase'
  /** What is sealed with older keys is sealed with the newest. */
  | 'reseal';

/** Why an operation stands still: its webhook is not active, or has as much work before it as it should have. */
export type OperationWait = 'webhook' | 'backlog';

/** What one step may do. */
export type Pace = { rows: number; lastsMs: number } | { waitFor: OperationWait; lastsMs: number };

/** Due deliveries of a webhook from which on no operation adds to them: live events queue behind what is due already. */
export const DUE_HIGH_WATER = 1_000;

/** Pending deliveries of a webhook, its retries among them, from which on none are added: work stays out of the hot table. */
export const PENDING_HIGH_WATER = 20_000;

/** Looking again for room: soon, since receivers that answer make some within moments. */
const BACKLOG_WAIT_MS = 200;
/** Nobody waits for the moment at which a webhook is active again. */
const WEBHOOK_WAIT_MS = 2_000;

/**
 * How much one step of an operation may do. A step of less than one row moves one and lasts longer: the rate is kept, not
 * the beat. `webhook` is null for an operation that is not on one webhook: only its rate bounds it.
 */
export function paceOf(operation: {
  kind: OperationKind;
  perSecond: number;
  stepMs: number;
  webhook: { active: boolean; due: number; pending: number } | null;
}): Pace {
  const { kind, perSecond, stepMs, webhook } = operation;
  const wanted = Math.ceil((perSecond * stepMs) / 1000);
  // Ending deliveries sends nothing: neither the webhook nor its backlog is a reason to wait.
  if (webhook !== null && kind !== 'cancel_pending') {
    if (!webhook.active) return { waitFor: 'webhook', lastsMs: WEBHOOK_WAIT_MS };
    const rows = Math.min(wanted, roomOf(kind, webhook));
    if (rows <= 0) return { waitFor: 'backlog', lastsMs: BACKLOG_WAIT_MS };
    return { rows, lastsMs: (rows * 1000) / perSecond };
  }
  return { rows: wanted, lastsMs: (wanted * 1000) / perSecond };
}

/** What is made due now was pending before: only the two that add deliveries have to mind how many there are. */
function roomOf(kind: OperationKind, { due, pending }: { due: number; pending: number }): number {
  const roomForDue = DUE_HIGH_WATER - due;
  return kind === 'retry_now' ? roomForDue : Math.min(roomForDue, PENDING_HIGH_WATER - pending);
}
