import { sign } from 'node:crypto';
import { formatId } from '../ids.ts';
import type { SigningKey } from '../secret.ts';
import type { Profile } from './profile.ts';
import { hmac } from './sign.ts';

/**
 * Standard Webhooks 1.0.0: HMAC-SHA256 (`v1`) or ed25519 (`v1a`) over `id.timestamp.body`, base64, one entry per valid
 * key. The payload is the body, byte for byte. `webhook` in the names of the headers can be branded.
 * Source: github.com/standard-webhooks/standard-webhooks, spec "Signature scheme".
 */
export const standard: Profile = {
  name: 'standard',
  secrets: ['whsec', 'ed25519'],
  body: ({ event }) => event.payload,
  headers({ event, timestamp, headerPrefix }, { body, keys }) {
    const prefix = headerPrefix ?? 'webhook';
    const id = formatId('evt', event.id);
    const signed = [`${id}.${timestamp}.`, body] as const;
    return {
      [`${prefix}-id`]: id,
      [`${prefix}-timestamp`]: String(timestamp),
      ...(keys.length > 0 && { [`${prefix}-signature`]: keys.map((key) => signature(key, signed)).join(' ') }),
    };
  },
  ping: ({ id }) => ({ type: 'ping', webhook_id: formatId('wh', id) }),
};

/** One entry of the list, with its version. */
export function signature(key: SigningKey, signed: readonly [string, Buffer]): string {
  if (key.kind === 'hmac') return `v1,${hmac({ algorithm: 'sha256', encoding: 'base64' }, key.bytes, signed)}`;
  const [head, body] = signed;
  // ed25519 hashes by itself and takes its message in one piece.
  return `v1a,${sign(null, Buffer.concat([Buffer.from(head), body]), key.privateKey).toString('base64')}`;
}
