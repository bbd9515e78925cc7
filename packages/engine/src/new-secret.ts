import { randomBytes } from 'node:crypto';
import type { Problem, ProfileName } from '@hooklane/domain';
import {
  DomainError,
  ed25519Pair,
  hintOf,
  kindOfSecret,
  profileOf,
  SECRET_CHARS,
  secretFromKey,
} from '@hooklane/domain';
import type { IdFactory } from './ids.ts';
import type { NewSecret, Webhook, WebhookSecret } from './webhooks.ts';

/** What a user asks for. */
export type SecretWish =
  /** Without a text, `whsec_` and 32 random bytes are made. */
  | { kind: 'hmac'; text: string | null; tag: string | null }
  /** A pair, always made by us. */
  | { kind: 'ed25519'; tag: string | null };

/** The secret is readable here and never again; null where there is none, or only its public half may be known. */
export interface WithSecret {
  webhook: Webhook;
  secret: string | null;
}

/** The secret that was asked for; whether it fits a webhook is for {@link checkFits} to say. */
export function newSecret(ids: IdFactory, wish: SecretWish): NewSecret {
  const of = { id: ids.next('sec'), tag: wish.tag };
  if (wish.kind === 'ed25519') {
    const { secret: text, publicKey } = ed25519Pair(randomBytes(32));
    // The end of the private half would be half of a hint too many: the public one tells pairs apart.
    return { ...of, kind: 'ed25519', text, hint: hintOf(publicKey), publicKey };
  }
  const text = wish.text ?? secretFromKey(randomBytes(32));
  const kind = kindOfSecret(text);
  if (kind === null)
    throw secretInvalid({ field: 'secret', message: `must be a text of 1 to ${SECRET_CHARS} characters` });
  return { ...of, kind, text, hint: hintOf(text), publicKey: null };
}

/** What of a new secret is shown, once: nothing of the private half of a pair. */
export function shownOnce(secret: NewSecret | null): string | null {
  return secret === null || secret.kind === 'ed25519' ? null : secret.text;
}

/** Throws `secret_invalid` unless a webhook of this profile can be signed for with a secret of this kind. */
export function checkFits(profile: ProfileName, { kind }: Pick<NewSecret, 'kind'>): void {
  if (profileOf(profile).secrets.includes(kind)) return;
  if (kind === 'ed25519') {
    throw secretInvalid({ field: 'secret_kind', message: `the profile ${profile} has no signature of that kind` });
  }
  throw secretInvalid({ field: 'secret', message: 'must be whsec_ followed by the base64 of 24 to 64 bytes' });
}

/** The same for a change of the profile: every secret that still signs has to fit the new one. */
export function checkAllFit(profile: ProfileName, secrets: readonly WebhookSecret[]): void {
  const { secrets: kinds } = profileOf(profile);
  if (secrets.every(({ kind }) => kinds.includes(kind))) return;
  throw secretInvalid({
    field: 'profile',
    message: `a valid secret of the webhook does not fit the profile ${profile}: rotate it first, and expire the old one`,
  });
}

function secretInvalid(problem: Problem): DomainError {
  return new DomainError('secret_invalid', undefined, { problems: [problem] });
}
