import type { Dispatch, EventId } from '@hooklane/domain';
import { encode, encodingOf } from '@hooklane/domain';
import type { Claim } from './due-work.ts';
import type { StoredEvent } from './event-stream.ts';
import type { AttemptView } from './history.ts';
import type { SendRequest } from './sending.ts';

/**
 * The request of one attempt, in the encoding its delivery is pinned to. The webhook's own headers first: the deny list
 * keeps them apart from ours, and if it failed ours would win.
 */
export function buildRequest(claim: Claim): SendRequest {
  const { headers, timeoutMs, brand } = claim.destination;
  const encoded = encode(claim.encoding, dispatchOf(claim), claim.keys);
  const agent = brand.userAgent === null ? {} : { 'user-agent': brand.userAgent };
  const { url, own, tls } = whereTo(claim, headers);
  return { url, headers: { ...own, ...agent, ...encoded.headers }, body: encoded.body, timeoutMs, tls };
}

/**
 * The body of an attempt on record, byte for byte as it was sent: it depends on nothing but the event, the ids and the
 * encoding. Null in an encoding that only a newer version of this program knows.
 */
export function sentBody(attempt: AttemptView, event: StoredEvent): Buffer | null {
  const encoding = encodingOf(attempt.encoding ?? 0);
  if (encoding === null) return null;
  const { deliveryId, webhookId, number } = attempt;
  const rest = { numbers: { webhook: 0, org: 0 }, timestamp: 0, attempt: number, headerPrefix: null };
  const sent = sentEvent(attempt.sentAs ?? event.id, event);
  return encode(encoding, { event: sent, deliveryId, webhookId, ...rest }, []).body;
}

/** Where it goes: of an alert, to the alert URL. */
export function urlOf({ origin, destination: { url, policy } }: Pick<Claim, 'origin' | 'destination'>): string {
  return origin === 'alert' && policy.alertUrl !== null ? policy.alertUrl : url;
}

/** An alert goes elsewhere: headers and client certificate of the webhook are for its receiver alone, and so is its trust. */
function whereTo(claim: Claim, headers: Claim['destination']['headers']) {
  const url = urlOf(claim);
  const { policy, tls } = claim.destination;
  if (claim.origin === 'alert' && policy.alertUrl !== null) return { url, own: {}, tls: null };
  return { url, own: headers, tls };
}

function dispatchOf(claim: Claim): Dispatch {
  const { event, destination } = claim;
  if (event === null) throw new TypeError('there is nothing to send where the event is gone');
  return {
    event: sentEvent(claim.sentAs, event),
    deliveryId: claim.deliveryId,
    webhookId: claim.webhookId,
    numbers: destination.numbers,
    timestamp: Math.floor(claim.claimedAtMs / 1000),
    attempt: claim.attemptInRound,
    headerPrefix: destination.brand.headerPrefix,
  };
}

/** `id`: the one it goes by on the wire. */
function sentEvent(
  id: EventId,
  { type, payload, occurredAt, requestId }: Pick<StoredEvent, 'type' | 'payload' | 'occurredAt' | 'requestId'>,
): Dispatch['event'] {
  return { id, type, payload, occurredAt: occurredAt.toISOString(), requestId };
}
