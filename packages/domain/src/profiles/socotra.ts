import { formatId } from '../ids.ts';
import { wrapped } from './body.ts';
import type { Profile } from './profile.ts';
import { hmac, keyInTurn } from './sign.ts';

/**
 * The webhooks of Socotra: the event as its API shows it, but for `userLocator`, which is not ours to know. How
 * `socotra-signature` is made is not published: HMAC-SHA256 of the body in hex is an assumption.
 */
export const socotra: Profile = {
  name: 'socotra',
  secrets: ['whsec', 'text'],
  body: ({ event }) =>
    wrapped(
      {
        // A ULID is what our ids have after their prefix, in capitals.
        locator: formatId('evt', event.id).slice('evt_'.length).toUpperCase(),
        requestId: event.requestId,
        timestamp: event.occurredAt,
        type: event.type,
      },
      'data',
      event.payload,
    ),
  headers({ attempt }, { body, keys }): Record<string, string> {
    const key = keyInTurn(keys, attempt);
    if (key === null) return {};
    return { 'socotra-signature': hmac({ algorithm: 'sha256', encoding: 'hex' }, key, [body]) };
  },
  ping: ({ id }) => ({ webhook_id: formatId('wh', id) }),
};
