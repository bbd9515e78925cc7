import type { SecretId } from '@hooklane/domain';
import { DomainError } from '@hooklane/domain';
import type { ChangedWebhook } from './audit.ts';
import type { ManagePorts } from './manage-webhooks.ts';
import { found } from './manage-webhooks.ts';
import type { SecretWish, WithSecret } from './new-secret.ts';
import { checkFits, newSecret, shownOnce } from './new-secret.ts';
import type { Webhook } from './webhooks.ts';

/** Puts a new secret into use; those before it also sign for `overlapMs` (0 to 7 days) more. */
export async function rotateSecret(
  ports: ManagePorts,
  webhook: ChangedWebhook,
  { wish, overlapMs }: { wish: SecretWish; overlapMs: number },
): Promise<WithSecret> {
  const secret = newSecret(ports.ids, wish);
  const rotated = await ports.webhooks.rotateSecret(webhook, {
    secret,
    overlapMs,
    check(now) {
      checkFits(now.profile, secret);
      // With no overlap its namesake is gone in the same moment.
      if (overlapMs > 0) checkTag(now, secret.tag);
    },
  });
  return { webhook: found(rotated), secret: shownOnce(secret) };
}

/** Ends a secret before its time. The one in use stays for as long as the webhook is to be signed for. */
export async function expireSecret(ports: ManagePorts, webhook: ChangedWebhook, id: SecretId): Promise<Webhook> {
  const expired = await ports.webhooks.expireSecret(webhook, id, (now) => {
    if (now.signing && now.secrets[0]?.id === id) throw new DomainError('secret_in_use');
  });
  return found(expired);
}

function checkTag(now: Webhook, tag: string | null): void {
  if (tag === null || now.secrets.every((secret) => secret.tag !== tag)) return;
  const problems = [{ field: 'tag', message: 'names another secret that is valid' }];
  throw new DomainError('invalid_field', undefined, { problems });
}
