import type { OrgId, WebhookId } from '@hooklane/domain';
import { formatId } from '@hooklane/domain';
import type { AuditEntry, Author } from './audit.ts';

/** Whose deliveries stand still: everybody's, those of an org, or those of one webhook. */
export type PauseTarget =
  | { scope: 'all' }
  | { scope: 'org'; orgId: OrgId }
  | { scope: 'webhook'; orgId: OrgId; webhookId: WebhookId };

export type PauseScope = PauseTarget['scope'];

/** What an org or a webhook is told: the widest of the pauses that hold it up. */
export interface Pause {
  scope: PauseScope;
  at: Date;
}

export type ListedPause = PauseTarget & { at: Date };

/**
 * Pauses are read by the statements that claim and relay: from the commit on nothing more of what is paused is claimed, by
 * whichever worker. What is claimed by then is sent. Each change leaves an entry in the audit trail; what is no change leaves none.
 */
export interface PauseStore {
  /** One that is paused keeps its time. False: there is no such org or webhook. */
  pause(target: PauseTarget, by: Author): Promise<boolean>;
  /** Due work may be claimed at once, also what the queue was rid of meanwhile. False as above. */
  resume(target: PauseTarget, by: Author): Promise<boolean>;
  /** How many there are, and the first `limit` of them, the widest first, then the oldest. */
  list(limit: number): Promise<{ counts: Record<PauseScope, number>; pauses: ListedPause[] }>;
}

export function pauseEntry(target: PauseTarget, what: 'paused' | 'resumed', by: Author): AuditEntry {
  switch (target.scope) {
    case 'all':
      return { orgId: null, by, action: `deliveries.${what}`, target: 'all' };
    case 'org':
      return { orgId: target.orgId, by, action: `org.${what}`, target: formatId('org', target.orgId) };
    case 'webhook':
      return { orgId: target.orgId, by, action: `webhook.${what}`, target: formatId('wh', target.webhookId) };
  }
}
