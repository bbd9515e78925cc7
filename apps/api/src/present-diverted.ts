import { formatId } from '@hooklane/domain';
import type { DivertedEvent } from '@hooklane/engine';
import { time } from './present.ts';

/** Without its payload. */
export function presentDiverted(diverted: DivertedEvent) {
  return {
    org_id: formatId('org', diverted.orgId),
    webhook_id: formatId('wh', diverted.webhookId),
    event_id: formatId('evt', diverted.eventId),
    event_type: diverted.eventType,
    attempts: diverted.attempts,
    reason: diverted.reason,
    trigger: diverted.trigger,
    message: diverted.message,
    diverted_at: time(diverted.divertedAt),
  };
}
