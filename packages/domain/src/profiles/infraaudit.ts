import { formatId } from '../ids.ts';
import { wrapped } from './body.ts';
import type { Profile } from './profile.ts';
import { hmac, keyInTurn } from './sign.ts';

/** The webhooks of InfraAudit: an envelope around the payload, and a key that is the whole text of the secret. */
export const infraaudit: Profile = {
  name: 'infraaudit',
  secrets: ['whsec', 'text'],
  body: ({ event, webhookId, deliveryId }) =>
    wrapped(
      {
        event: event.type,
        timestamp: event.occurredAt,
        webhook_id: formatId('wh', webhookId),
        delivery_id: formatId('dlv', deliveryId).replace('dlv_', 'del_'),
      },
      'data',
      event.payload,
    ),
  headers({ attempt }, { body, keys }): Record<string, string> {
    const key = keyInTurn(keys, attempt);
    if (key === null) return {};
    return { 'x-infraaudit-signature': `sha256=${hmac({ algorithm: 'sha256', encoding: 'hex' }, key, [body])}` };
  },
  ping: ({ id }) => ({ webhook_id: formatId('wh', id), message: 'Webhook endpoint verified' }),
};
