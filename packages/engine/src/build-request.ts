import type { Dispatch } from '@hooklane/domain';
import { encode } from '@hooklane/domain';
import type { Claim } from './due-work.ts';
import type { SendRequest } from './sending.ts';

/**
 * The request of one attempt, in the encoding its delivery is pinned to. The webhook's own headers first: the deny list
 * keeps them apart from ours, and if it failed ours would win.
 */
export function buildRequest(claim: Claim): SendRequest {
  const { headers, timeoutMs, brand } = claim.destination;
  const encoded = encode(claim.encoding, dispatchOf(claim), claim.keys);
  const agent = brand.userAgent === null ? {} : { 'user-agent': brand.userAgent };
  const { url, own } = whereTo(claim, headers);
  return { url, headers: { ...own, ...agent, ...encoded.headers }, body: encoded.body, timeoutMs };
}

/** An alert goes elsewhere: the headers of the webhook, often credentials, are for its receiver alone. */
function whereTo({ origin, destination }: Claim, headers: Claim['destination']['headers']) {
  const { url, policy } = destination;
  if (origin === 'alert' && policy.alertUrl !== null) return { url: policy.alertUrl, own: {} };
  return { url, own: headers };
}

function dispatchOf({ event, destination, ...claim }: Claim): Dispatch {
  if (event === null) throw new TypeError('there is nothing to send where the event is gone');
  return {
    event: {
      id: claim.sentAs,
      type: event.type,
      payload: event.payload,
      occurredAt: event.occurredAt.toISOString(),
      requestId: event.requestId,
    },
    deliveryId: claim.deliveryId,
    webhookId: claim.webhookId,
    numbers: destination.numbers,
    timestamp: Math.floor(claim.claimedAtMs / 1000),
    attempt: claim.attemptInRound,
    headerPrefix: destination.brand.headerPrefix,
  };
}
