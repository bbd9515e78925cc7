import type { OrgId, Problem } from '@hooklane/domain';
import { basicAuthProblems, checkCustomHeaders, DomainError } from '@hooklane/domain';
import type { Author, ChangedWebhook } from './audit.ts';
import type { IdFactory } from './ids.ts';
import { checkedTls } from './manage-tls.ts';
import type { SecretWish, WithSecret } from './new-secret.ts';
import { checkAllFit, checkFits, newSecret, shownOnce } from './new-secret.ts';
import type { DestinationGuard } from './sending.ts';
import type { Webhook, WebhookLimits, WebhookSettings, WebhookStore } from './webhooks.ts';

export interface ManagePorts {
  webhooks: WebhookStore;
  guard: DestinationGuard;
  ids: IdFactory;
  limits: WebhookLimits;
  /** Whether webhooks may be sent to receivers that nobody vouches for. */
  allowInsecureTls: boolean;
  /** Milliseconds since 1970. */
  clock: () => number;
}

export interface CreateWebhook {
  orgId: OrgId;
  settings: WebhookSettings;
  /** Null: the webhook gets none, and cannot be signed for. */
  secret: SecretWish | null;
  by: Author;
}

/** Names a webhook that is changed only if it is as its user saw it. */
export interface ExpectedWebhook extends ChangedWebhook {
  /** One of these {@link Webhook.version}s; left out or null: whatever it is. */
  versions?: readonly number[] | null;
}

/** Registers a receiver. Every event posted after this resolves is matched against it. */
export async function createWebhook(ports: ManagePorts, { orgId, by, ...request }: CreateWebhook): Promise<WithSecret> {
  const settings = checked(ports, request.settings, null);
  const secret = request.secret && newSecret(ports.ids, request.secret);
  if (secret !== null) checkFits(settings.profile, secret);
  checkSigning(settings, secret !== null);
  const id = ports.ids.next('wh');
  const webhook = await ports.webhooks.create({ id, orgId, settings, secret, by }, ports.limits);
  return { webhook, secret: shownOnce(secret) };
}

/** Merges a change into a webhook's settings; `decide` sees the webhook as it is under the lock. */
export async function changeWebhook(
  ports: ManagePorts,
  webhook: ExpectedWebhook,
  decide: (now: WebhookSettings) => WebhookSettings,
): Promise<Webhook> {
  const decideAndCheck = (now: Webhook) => {
    checkVersion(now, webhook);
    const settings = checked(ports, decide(now), now);
    checkAllFit(settings.profile, now.secrets);
    checkSigning(settings, now.secrets.length > 0);
    return settings;
  };
  return found(await ports.webhooks.change(webhook, decideAndCheck, ports.limits));
}

/** What is pending for it is discarded. */
export async function deleteWebhook(ports: Pick<ManagePorts, 'webhooks'>, webhook: ExpectedWebhook): Promise<void> {
  const isDeleted = await ports.webhooks.delete(webhook, (now) => checkVersion(now, webhook));
  if (!isDeleted) throw new DomainError('not_found');
}

/** Another org's webhook is as unknown as one that never was. */
export function found<T>(thing: T | null): T {
  if (thing === null) throw new DomainError('not_found');
  return thing;
}

function checkVersion(now: Webhook, { versions = null }: ExpectedWebhook): void {
  if (versions !== null && !versions.includes(now.version)) throw new DomainError('precondition_failed');
}

/** Who asks for signatures must not be left without them, unawares. */
function checkSigning({ signing }: WebhookSettings, hasSecret: boolean): void {
  if (signing && !hasSecret)
    throw invalid([{ field: 'signing', message: 'needs a secret: rotate to a new one first' }]);
}

function checked(ports: ManagePorts, settings: WebhookSettings, now: WebhookSettings | null): WebhookSettings {
  const verdict = ports.guard.check(settings.url);
  if ('objection' in verdict) {
    throw new DomainError('url_not_allowed', undefined, { problems: [{ field: 'url', message: verdict.objection }] });
  }
  const headers = checkCustomHeaders(settings.headers);
  if (!headers.ok) throw new DomainError('header_not_allowed', undefined, { problems: headers.problems });
  checkAuth(settings.auth, headers.headers);
  const tls = checkedTls(ports, settings, now);
  const failurePolicy = checkedPolicy(ports, settings);
  return { ...settings, ...tls, url: verdict.url, headers: headers.headers, failurePolicy };
}

/** The alert URL is a URL of strangers like the other one. */
function checkedPolicy({ guard }: ManagePorts, { failurePolicy }: WebhookSettings): WebhookSettings['failurePolicy'] {
  if (failurePolicy.alertUrl === null) return failurePolicy;
  const verdict = guard.check(failurePolicy.alertUrl);
  if ('url' in verdict) return { ...failurePolicy, alertUrl: verdict.url };
  const problems = [{ field: 'failure_policy.alert_url', message: verdict.objection }];
  throw new DomainError('url_not_allowed', undefined, { problems });
}

function checkAuth(auth: WebhookSettings['auth'], headers: WebhookSettings['headers']): void {
  if (auth === null) return;
  const problems = basicAuthProblems(auth);
  if (Object.hasOwn(headers, 'authorization')) {
    problems.push({ field: 'auth', message: 'cannot be given together with a header authorization' });
  }
  if (problems.length > 0) throw invalid(problems);
}

function invalid(problems: readonly Problem[]): DomainError {
  return new DomainError('invalid_field', undefined, { problems });
}
