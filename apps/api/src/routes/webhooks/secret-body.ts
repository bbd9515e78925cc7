import type { SecretWish } from '@hooklane/engine';
import { z } from 'zod';
import { nameText } from '../../contract/fields.ts';
import { invalidField } from '../../http/zod-problems.ts';
import { SECRET_KINDS } from './secret.ts';

/** What a request says about the secret it wants. */
export const secretFields = {
  secret_kind: z
    .enum(SECRET_KINDS)
    .default('hmac')
    .describe('`ed25519`: a pair is made, of which only the public half is ever shown. For the profile `standard`.'),
  tag: nameText(64).nullish().describe('Your name for the secret. Valid secrets of a webhook have different ones.'),
};

export const secretText = z
  .string()
  .describe(
    'For the profile `standard`: `whsec_` and the base64 of 24 to 64 bytes; for the others any text of 1 to 512 characters. Made when left out.',
  );

/** `path` of a body that {@link secretFields} are part of. */
export function secretWish(body: {
  secret?: string | null | undefined;
  secret_kind: (typeof SECRET_KINDS)[number];
  tag?: string | null | undefined;
}): SecretWish {
  const tag = body.tag ?? null;
  if (body.secret_kind === 'hmac') return { kind: 'hmac', text: body.secret ?? null, tag };
  if (body.secret) throw invalidField('secret', 'cannot be given where a pair of keys is made');
  return { kind: 'ed25519', tag };
}

export const rotateSecretBody = z
  .strictObject({
    secret: secretText.optional(),
    ...secretFields,
    overlap_seconds: z
      .int()
      .min(0)
      .max(604_800)
      .default(86_400)
      .describe('How long the secrets before it go on signing beside it.'),
  })
  .meta({ id: 'RotateSecret', examples: [{ tag: '2026', overlap_seconds: 3600 }] });
