import { randomBytes } from 'node:crypto';
import type { OrgId } from '@hooklane/domain';
import { checkCustomHeaders, DomainError, hintOf, keyFromSecret, secretFromKey } from '@hooklane/domain';
import type { Author, ChangedWebhook } from './audit.ts';
import type { IdFactory } from './ids.ts';
import type { DestinationGuard } from './sending.ts';
import type { NewSecret, Webhook, WebhookSettings, WebhookStore } from './webhooks.ts';

export interface ManagePorts {
  webhooks: WebhookStore;
  guard: DestinationGuard;
  ids: IdFactory;
  limits: { webhooksPerOrg: number };
}

/** The secret is readable here and never again. */
export interface WithSecret {
  webhook: Webhook;
  secret: string;
}

export interface CreateWebhook {
  orgId: OrgId;
  settings: WebhookSettings;
  /** `whsec_` + base64; generated when null. */
  secret: string | null;
  by: Author;
}

/** Registers a receiver. Every event posted after this resolves is matched against it. */
export async function createWebhook(ports: ManagePorts, request: CreateWebhook): Promise<WithSecret> {
  const settings = checked(ports, request.settings);
  const { secret, text } = takeSecret(ports, request.secret);
  const created = await ports.webhooks.create(
    { id: ports.ids.next('wh'), orgId: request.orgId, settings, secret, by: request.by },
    ports.limits.webhooksPerOrg,
  );
  if (created === 'limit_reached') {
    throw new DomainError('webhook_limit_reached', `An org has at most ${ports.limits.webhooksPerOrg} webhooks.`);
  }
  return { webhook: created, secret: text };
}

/** Merges a change into a webhook's settings; `decide` sees the settings as they are under the lock. */
export async function changeWebhook(
  ports: ManagePorts,
  webhook: ChangedWebhook,
  decide: (now: WebhookSettings) => WebhookSettings,
): Promise<Webhook> {
  const changed = await ports.webhooks.change(webhook, (now) => checked(ports, decide(now)));
  return found(changed);
}

/** Makes a new secret the newest; the ones before it also sign for `overlapMs` (0 to 7 days) more. */
export async function rotateSecret(
  ports: ManagePorts,
  webhook: ChangedWebhook,
  rotation: { secret: string | null; overlapMs: number },
): Promise<WithSecret> {
  const { secret, text } = takeSecret(ports, rotation.secret);
  const rotated = await ports.webhooks.rotateSecret(webhook, { secret, overlapMs: rotation.overlapMs });
  if (rotated === 'too_many') throw new DomainError('too_many_secrets');
  return { webhook: found(rotated), secret: text };
}

/** Another org's webhook is as unknown as one that never was. */
export function found<T>(thing: T | null): T {
  if (thing === null) throw new DomainError('not_found');
  return thing;
}

function checked(ports: ManagePorts, settings: WebhookSettings): WebhookSettings {
  const verdict = ports.guard.check(settings.url);
  if ('objection' in verdict) {
    throw new DomainError('url_not_allowed', undefined, { problems: [{ field: 'url', message: verdict.objection }] });
  }
  const headers = checkCustomHeaders(settings.headers);
  if (!headers.ok) throw new DomainError('header_not_allowed', undefined, { problems: headers.problems });
  return { ...settings, url: verdict.url, headers: headers.headers, failurePolicy: checkedPolicy(ports, settings) };
}

/** The alert URL is a URL of strangers like the other one. */
function checkedPolicy({ guard }: ManagePorts, { failurePolicy }: WebhookSettings): WebhookSettings['failurePolicy'] {
  if (failurePolicy.alertUrl === null) return failurePolicy;
  const verdict = guard.check(failurePolicy.alertUrl);
  if ('url' in verdict) return { ...failurePolicy, alertUrl: verdict.url };
  const problems = [{ field: 'failure_policy.alert_url', message: verdict.objection }];
  throw new DomainError('url_not_allowed', undefined, { problems });
}

function takeSecret(ports: ManagePorts, given: string | null): { secret: NewSecret; text: string } {
  const key = given === null ? randomBytes(32) : keyFromSecret(given);
  if (key === null)
    throw new DomainError('secret_invalid', undefined, { problems: [{ field: 'secret', message: SECRET_FORM }] });
  const text = secretFromKey(key);
  const secret = { kind: 'whsec', text, hint: hintOf(text), tag: null, publicKey: null } as const;
  return { secret: { id: ports.ids.next('sec'), ...secret }, text };
}

const SECRET_FORM = 'must be whsec_ followed by the base64 of 24 to 64 bytes';
