import type { Api, QueryOf } from './api.ts';
import type { ListingOf, Page } from './paging.ts';
import { listing } from './paging.ts';
import type {
  Attempt,
  CreatedWebhook,
  Delivery,
  NewWebhook,
  Operation,
  Replay,
  SecretRotation,
  Stats,
  Webhook,
  WebhookPatch,
} from './types.ts';
import type { WaitOrStart } from './waiting.ts';
import { asked, waitFor } from './waiting.ts';

export interface Webhooks extends ListingOf<'listWebhooks'> {
  /** The answer holds the secret, this once. Not repeated when the answer is lost: list before you create again. */
  create(webhook: NewWebhook): Promise<CreatedWebhook>;
  get(id: string): Promise<Webhook>;
  update(id: string, patch: WebhookPatch): Promise<Webhook>;
  /** What was pending for it is discarded. */
  delete(id: string): Promise<void>;
  /** Sends a trial request; `wait` gives its attempt. */
  ping: WaitOrStart<[id: string]>;
  /** Diverts its events from now on, until `unsuspend`. */
  suspend(id: string): Promise<Webhook>;
  unsuspend(id: string): Promise<Webhook>;
  /** The answer holds the new secret, this once. */
  rotateSecret(id: string, rotation?: SecretRotation): Promise<CreatedWebhook>;
  /** The last 100 attempts, newest first. */
  attempts(id: string, query?: QueryOf<'listAttempts'>): Promise<Page<Attempt>>;
  attempt(id: string, attemptId: string): Promise<Attempt>;
  deliveries(id: string, query?: QueryOf<'listDeliveries'>): Promise<Page<Delivery>>;
  /** Sends the stored events of a time range to it, oldest first. */
  replay(id: string, replay: Replay): Promise<Operation>;
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
    update: (id, body) => api('updateWebhook', { ...of(id), body }),
    delete: (id) => api('deleteWebhook', of(id)),
    ping: asked((id: string, options) => api('pingWebhook', { ...of(id), ...waitFor(options) })),
    suspend: (id) => api('suspendWebhook', { ...of(id), repeat: 'always' }),
    unsuspend: (id) => api('unsuspendWebhook', { ...of(id), repeat: 'always' }),
    rotateSecret: (id, body = {}) => api('rotateSecret', { ...of(id), body }),
    attempts: (id, query) => listing(api, 'listAttempts', { org, id }).list(query),
    attempt: (id, attempt) => api('getAttempt', { params: { org, id, attempt } }),
    replay: (id, body) => api('replayEvents', { ...of(id), body }),
    retryNow: (id) => api('retryNow', of(id)),
    cancelPending: (id) => api('cancelPending', of(id)),
    deliveries: (id, query) => listing(api, 'listDeliveries', { org, id }).list(query),
    stats: (id) => api('getWebhookStats', of(id)),
  };
}
