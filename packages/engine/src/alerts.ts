import { createHash } from 'node:crypto';
import type { OperationalType, OrgId, WebhookId } from '@hooklane/domain';
import { formatId } from '@hooklane/domain';
import type { Publication, PublishPorts } from './publish-event.ts';
import { announce, publishEvent } from './publish-event.ts';

/** Something that befell a webhook and that somebody wants to hear of. */
export interface AlertFact {
  /** Names the fact: told twice under the same name, it is an event once. */
  key: string;
  type: OperationalType;
  orgId: OrgId;
  webhook: { id: WebhookId; name: string; hasAlertUrl: boolean };
  at: Date;
  /** What a reader wants to know at once. Nothing secret. */
  details: Readonly<Record<string, string | number>>;
}

export interface AlertStore {
  /** Facts not told yet, oldest first, of webhooks that are not themselves told of others. */
  untold(limit: number): Promise<AlertFact[]>;
  /** They were told. Until this is known they may be told again, under the same keys. */
  told(facts: readonly AlertFact[]): Promise<void>;
}

export interface AlertPorts extends Omit<PublishPorts, 'schemas'> {
  alerts: AlertStore;
}

const AT_ONCE = 100;

/** What we tell of ourselves has no schema in anybody's catalogue. */
const NONE: PublishPorts['schemas'] = { check: async () => [] };

/**
 * Tells what befell webhooks: as an event to the org's webhooks that subscribe to such, and to the alert URL of the webhook
 * it befell. Any number of workers may do it at the same time.
 */
export async function tellAlerts(ports: AlertPorts): Promise<'again' | 'idle'> {
  const facts = await ports.alerts.untold(AT_ONCE);
  for (const fact of facts) {
    await publishEvent({ ...ports, schemas: NONE }, publicationOf(fact, 'org'));
    if (fact.webhook.hasAlertUrl) await tellOwner(ports, fact);
  }
  if (facts.length > 0) await ports.alerts.told(facts);
  return facts.length === AT_ONCE ? 'again' : 'idle';
}

async function tellOwner(ports: AlertPorts, fact: AlertFact): Promise<void> {
  const draft = {
    publication: publicationOf(fact, 'owner'),
    eventId: ports.ids.next('evt'),
    deliveries: [{ deliveryId: ports.ids.next('dlv'), webhookId: fact.webhook.id }],
    origin: 'alert' as const,
    configVersion: null,
    queued: ports.queue.admits(fact.orgId, 1),
  };
  const { kind } = await ports.events.accept(draft);
  if (kind === 'stored') announce(ports, [draft]);
}

/** As the request that made it, for lists of events by request. */
const REQUEST_ID = 'hooklane';

function publicationOf(fact: AlertFact, to: 'org' | 'owner'): Publication {
  const key = `alert:${to}:${fact.key}`;
  return {
    orgId: fact.orgId,
    type: fact.type,
    payload: Buffer.from(JSON.stringify(payloadOf(fact))),
    attributes: { webhook_id: formatId('wh', fact.webhook.id) },
    externalId: null,
    occurredAt: fact.at,
    requestId: REQUEST_ID,
    // Its key says it all: told again, its details may have grown.
    idempotency: { key, requestHash: createHash('sha256').update(key).digest() },
  };
}

/** The form that Standard Webhooks recommends. */
function payloadOf({ type, at, webhook, details }: AlertFact): object {
  return {
    type,
    timestamp: at.toISOString(),
    data: { webhook: { id: formatId('wh', webhook.id), name: webhook.name }, ...details },
  };
}
