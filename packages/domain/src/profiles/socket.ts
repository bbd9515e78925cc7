import { formatId } from '../ids.ts';
import { wrapped } from './body.ts';
import type { Profile } from './profile.ts';
import { hmac, keyInTurn } from './sign.ts';

/**
 * The organization webhooks of Socket: `alert.created` is `alert:created`, in an envelope. The vendor's documentation
 * leaves open what the key is; its sample takes the text of the secret, the only rule that works for every secret.
 */
export const socket: Profile = {
  name: 'socket',
  secrets: ['whsec', 'text'],
  body: ({ event }) =>
    wrapped(
      {
        type: event.type.replaceAll('.', ':'),
        eventId: `${event.id}@1`,
        schemaType: `${event.type.split('.', 1)[0]}@1`,
        timestamp: event.occurredAt,
      },
      'data',
      event.payload,
    ),
  headers({ timestamp, attempt }, { body, keys }): Record<string, string> {
    const key = keyInTurn(keys, attempt);
    if (key === null) return {};
    const signature = hmac({ algorithm: 'sha256', encoding: 'base64' }, key, [`${timestamp}.`, body]);
    return { 'x-webhook-signature': `t=${timestamp},s=${signature}` };
  },
  ping: ({ id }) => ({ webhook_id: formatId('wh', id) }),
};
