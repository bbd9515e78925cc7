import { formatId } from '@hooklane/domain';
import type { WebhookSecret } from '@hooklane/engine';
import { z } from 'zod';
import { idText, time, timestamp } from '../../contract/fields.ts';

export const SECRET_KINDS = ['hmac', 'ed25519'] as const;

const example = {
  id: 'sec_01ja8v5qk3f7nr2xw9m4t6y0bc',
  kind: 'hmac',
  tag: '2026',
  hint: 'a8Q=',
  public_key: null,
  in_use: true,
  created_at: '2026-01-02T03:04:05.000Z',
  expires_at: null,
};

export const secretSchema = z
  .strictObject({
    id: idText('sec'),
    kind: z.enum(SECRET_KINDS),
    tag: z.string().nullable(),
    hint: z.string().describe('Its last four characters (of a pair: of the public key); empty for a very short one.'),
    public_key: z.string().nullable().describe('Of ed25519: `whpk_…`, with which receivers verify.'),
    in_use: z.boolean().describe('False: replaced, but still signing until it ends.'),
    created_at: timestamp,
    expires_at: timestamp.nullable().describe('Null for the one in use.'),
  })
  .meta({ id: 'Secret', examples: [example] });

/** What signs is never shown. */
export function presentSecret(secret: WebhookSecret): z.output<typeof secretSchema> {
  return {
    id: formatId('sec', secret.id),
    kind: secret.kind === 'ed25519' ? 'ed25519' : 'hmac',
    tag: secret.tag,
    hint: secret.hint,
    public_key: secret.publicKey,
    in_use: secret.expiresAt === null,
    created_at: time(secret.createdAt),
    expires_at: time(secret.expiresAt),
  };
}
