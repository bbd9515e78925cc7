import type { Api, QueryOf } from './api.ts';
import { begun, counted } from './operations.ts';
import type { ListingOf, Page } from './paging.ts';
import { listing } from './paging.ts';
import type { Repeat } from './retry.ts';
import type {
  Attempt,
  CreatedWebhook,
  Delivery,
  DryRun,
  NewWebhook,
  Operation,
  Replay,
  Secret,
  SecretRotation,
  Stats,
  Webhook,
  WebhookPatch,
} from './types.ts';
import type { WaitOrStart } from './waiting.ts';
import { asked, waitFor } from './waiting.ts';

/** What a webhook is expected to be. */
export interface Expected {
  /** {@link Webhook.version} */
  version?: number;
}

export interface Webhooks extends ListingOf<'listWebhooks'> {
  /** The answer holds the secret, this once. Not repeated when the answer is lost: list before you create again. */
  create(webhook: NewWebhook): Promise<CreatedWebhook>;
  get(id: string): Promise<Webhook>;
  /** With the `version` that you have seen it is refused (412 `precondition_failed`) once the webhook has changed since. */
  update(id: string, patch: WebhookPatch, expected?: Expected): Promise<Webhook>;
  /** What was pending for it is discarded. */
  delete(id: string, expected?: Expected): Promise<void>;
  /** Sends a trial request; `wait` gives its attempt. */
  ping: WaitOrStart<[id: string]>;
  /** Keeps its deliveries waiting, until `resume`. */
  pause(id: string): Promise<Webhook>;
  resume(id: string): Promise<Webhook>;
  /** Diverts its events from now on, until `unsuspend`. */
  suspend(id: string): Promise<Webhook>;
  unsuspend(id: string): Promise<Webhook>;
  /** The answer holds the new secret, this once. */
  rotateSecret(id: string, rotation?: SecretRotation): Promise<CreatedWebhook>;
  /** Those that are valid, the one in use first; what signs is not among what is told. */
  secrets(id: string): Promise<Page<Secret>>;
  /** Ends one that was replaced before its time. */
  expireSecret(id: string, secretId: string): Promise<void>;
  /** The last 100 attempts, newest first. */
  attempts(id: string, query?: QueryOf<'listAttempts'>): Promise<Page<Attempt>>;
  attempt(id: string, attemptId: string): Promise<Attempt>;
  deliveries(id: string, query?: QueryOf<'listDeliveries'>): Promise<Page<Delivery>>;
  /** Sends the stored events of a time range to it, oldest first. */
  replay(id: string, replay: Replay): Promise<Operation>;
  /** How many `replay` would send now; nothing is sent. */
  countReplay(id: string, replay: Replay): Promise<DryRun>;
  /** Makes all that is pending for it due now. */
  retryNow(id: string): Promise<Operation>;
  /** Ends all that is pending for it as discarded. */
  cancelPending(id: string): Promise<Operation>;
  /** What was counted over the last hour and day. */
  stats(id: string): Promise<Stats>;
}

export function webhooksOf(api: Api, org: string): Webhooks {
  const of = (id: string) => ({ params: { org, id } });
  return {
    ...listing(api, 'listWebhooks', { org }),
    create: (body) => api('createWebhook', { params: { org }, body }),
    get: (id) => api('getWebhook', of(id)),
    update: (id, body, expected) => api('updateWebhook', { ...of(id), body, ...onlyIf(expected) }),
    delete: (id, expected) => api('deleteWebhook', { ...of(id), ...onlyIf(expected) }),
    ping: asked((id: string, options) => api('pingWebhook', { ...of(id), ...waitFor(options) })),
    suspend: (id) => api('suspendWebhook', { ...of(id), repeat: 'always' }),
    pause: (id) => api('pauseWebhook', { ...of(id), repeat: 'always' }),
    resume: (id) => api('resumeWebhook', { ...of(id), repeat: 'always' }),
    unsuspend: (id) => api('unsuspendWebhook', { ...of(id), repeat: 'always' }),
    rotateSecret: (id, body = {}) => api('rotateSecret', { ...of(id), body }),
    secrets: (id) => api('listSecrets', of(id)),
    expireSecret: (id, secret) => api('expireSecret', { params: { org, id, secret } }),
    attempts: (id, query) => listing(api, 'listAttempts', { org, id }).list(query),
    attempt: (id, attempt) => api('getAttempt', { params: { org, id, attempt } }),
    replay: (id, body) => begun(api('replayEvents', { ...of(id), body })),
    countReplay: (id, body) =>
      counted(api('replayEvents', { ...of(id), body: { ...body, dry_run: true }, repeat: 'always' })),
    retryNow: (id) => api('retryNow', of(id)),
    cancelPending: (id) => api('cancelPending', of(id)),
    deliveries: (id, query) => listing(api, 'listDeliveries', { org, id }).list(query),
    stats: (id) => api('getWebhookStats', of(id)),
  };
}

/** Not repeated when the answer is lost: what was done has changed the version that is expected. */
function onlyIf({ version }: Expected = {}): { headers?: Record<string, string>; repeat?: Repeat } {
  return version === undefined ? {} : { headers: { 'if-match': `"${version}"` }, repeat: 'if-not-done' };
}
