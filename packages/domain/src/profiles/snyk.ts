import { reserialised } from './body.ts';
import type { Profile } from './profile.ts';
import { hmac, keyInTurn } from './sign.ts';

/**
 * The outbound webhooks of Snyk. The version of an event is the last part of its type: `project_snapshot.v1` is
 * `project_snapshot/v1`, and a type without one is of version 0. The body is written as JavaScript writes it, because
 * Snyk's own recipe signs what it has parsed and written again.
 */
export const snyk: Profile = {
  name: 'snyk',
  secrets: ['whsec', 'text'],
  body: ({ event }) => reserialised(event.payload),
  headers({ event, deliveryId, attempt }, { body, keys }) {
    const key = keyInTurn(keys, attempt);
    return {
      'x-snyk-event': nameOf(event.type),
      // The time of the event, not of the attempt.
      'x-snyk-timestamp': event.occurredAt,
      'x-snyk-transport-id': deliveryId,
      ...(key && { 'x-hub-signature': `sha256=${hmac({ algorithm: 'sha256', encoding: 'hex' }, key, [body])}` }),
    };
  },
  ping: ({ id }) => ({ webhookId: id }),
};

function nameOf(type: string): string {
  const [, name, version] = /^(.+)\.(v\d+)$/.exec(type) ?? [];
  return name === undefined ? `${type}/v0` : `${name}/${version}`;
}
