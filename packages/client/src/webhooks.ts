import type { Call, Send } from './http.ts';
import type { Listing, Page } from './paging.ts';
import { listing } from './paging.ts';
import { path } from './paths.ts';
import type {
  Attempt,
  AttemptQuery,
  CreatedWebhook,
  Delivery,
  DeliveryQuery,
  NewWebhook,
  SecretRotation,
  Webhook,
  WebhookPatch,
  WebhookQuery,
} from './types.ts';
import type { WaitOrStart } from './waiting.ts';
import { waiting } from './waiting.ts';

export interface Webhooks extends Listing<Webhook, WebhookQuery> {
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
  attempts(id: string, query?: AttemptQuery): Promise<Page<Attempt>>;
  attempt(id: string, attemptId: string): Promise<Attempt>;
  deliveries(id: string, query?: DeliveryQuery): Promise<Page<Delivery>>;
}

export function webhooksOf(send: Send, org: string): Webhooks {
  const webhooks = path`/v1/orgs/${org}/webhooks`;
  const of = (id: string) => webhooks + path`/${id}`;
  const once = (call: Pick<Call, 'path' | 'body'>) => ({ ...call, method: 'POST', repeat: 'if-not-done' }) as const;
  return {
    ...listing(send, webhooks),
    create: (webhook) => send(once({ path: webhooks, body: webhook })),
    get: async (id) => send({ method: 'GET', path: of(id), repeat: 'always' }),
    update: async (id, patch) => send({ method: 'PATCH', path: of(id), body: patch, repeat: 'always' }),
    delete: async (id) => send({ method: 'DELETE', path: of(id), repeat: 'always' }),
    ping: async (id: string, options?: { wait?: boolean }) => send(waiting(`${of(id)}/ping`, options)),
    suspend: async (id) => send({ method: 'POST', path: `${of(id)}/suspend`, repeat: 'always' }),
    unsuspend: async (id) => send({ method: 'POST', path: `${of(id)}/unsuspend`, repeat: 'always' }),
    rotateSecret: async (id, rotation = {}) => send(once({ path: `${of(id)}/secrets/rotate`, body: rotation })),
    attempts: async (id, query) => listing<Attempt, AttemptQuery>(send, `${of(id)}/attempts`).list(query),
    attempt: async (id, attempt) =>
      send({ method: 'GET', path: of(id) + path`/attempts/${attempt}`, repeat: 'always' }),
    deliveries: async (id, query) => listing<Delivery, DeliveryQuery>(send, `${of(id)}/deliveries`).list(query),
  };
}
