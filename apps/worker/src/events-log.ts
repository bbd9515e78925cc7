import type { WebhookId } from '@hooklane/domain';
import { formatId } from '@hooklane/domain';
import type { Attempted, Claim, FreezeChange, KeptChange } from '@hooklane/engine';
import type { Suspension } from '@hooklane/postgres';
import type { Logger } from '@hooklane/runtime';

/** What a worker has to tell: one line per attempt, with everything known of it. Never payloads, headers or URLs. */
export interface WorkerLog {
  attempted(attempted: Attempted): void;
  suspended(suspension: Suspension): void;
  unopened(webhookId: WebhookId, error: Error): void;
  fault(error: unknown, claim: Claim | null): void;
  kept(change: KeptChange): void;
  /** Suspensions are frozen from now on, or no longer. */
  froze(change: FreezeChange): void;
  /** So many webhooks would have been suspended. */
  withheld(suspensions: number): void;
}

export function createWorkerLog(logger: Logger): WorkerLog {
  return {
    attempted({ claim, step, sent, recorded }) {
      const outcome = sent?.report.outcome;
      const { org, webhook, event, delivery } = idsOf(claim);
      // Told for every attempt: an object that starts as a copy of another costs as much as writing it.
      logger.info(
        {
          org,
          webhook,
          event,
          delivery,
          event_type: claim.event?.type,
          origin: claim.origin,
          attempt: claim.attempt,
          claim_no: claim.claimNo,
          outcome: outcome?.kind,
          status: sent?.report.response?.status,
          duration_ms: sent === null ? undefined : Math.round(sent.report.durationMs),
          next_step: step.kind,
          retry_in_ms: step.kind === 'retry' ? step.delayMs : undefined,
          reason: 'reason' in step ? step.reason : undefined,
          recorded,
        },
        sent === null ? 'delivery.set_aside' : 'delivery.attempted',
      );
    },
    suspended({ orgId, webhookId, reason }) {
      logger.warn({ org: formatId('org', orgId), webhook: formatId('wh', webhookId), reason }, 'webhook.suspended');
    },
    unopened(webhookId, error) {
      logger.error({ err: error, webhook: formatId('wh', webhookId) }, 'webhook.unopened');
    },
    fault(error, claim) {
      logger.error({ err: error, ...(claim && idsOf(claim)) }, 'attempt.fault');
    },
    kept({ what, results }) {
      logger[what === 'written' ? 'info' : 'warn']({ results }, `results.${what}`);
    },
    froze({ what, ...hosts }) {
      logger[what === 'thawed' ? 'info' : 'warn'](hosts, `suspensions.${what}`);
    },
    withheld(suspensions) {
      logger.debug({ suspensions }, 'suspensions.withheld');
    },
  };
}

/** Tells both, one after the other. */
export function tellBoth(first: WorkerLog, second: WorkerLog): WorkerLog {
  return {
    attempted(attempted) {
      first.attempted(attempted);
      second.attempted(attempted);
    },
    suspended(suspension) {
      first.suspended(suspension);
      second.suspended(suspension);
    },
    unopened(webhookId, error) {
      first.unopened(webhookId, error);
      second.unopened(webhookId, error);
    },
    fault(error, claim) {
      first.fault(error, claim);
      second.fault(error, claim);
    },
    kept(change) {
      first.kept(change);
      second.kept(change);
    },
    froze(change) {
      first.froze(change);
      second.froze(change);
    },
    withheld(suspensions) {
      first.withheld(suspensions);
      second.withheld(suspensions);
    },
  };
}

function idsOf(claim: Claim) {
  return {
    org: formatId('org', claim.orgId),
    webhook: formatId('wh', claim.webhookId),
    event: formatId('evt', claim.eventId),
    delivery: formatId('dlv', claim.deliveryId),
  };
}
