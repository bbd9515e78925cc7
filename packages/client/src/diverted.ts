import type { Send } from './http.ts';
import type { Page } from './paging.ts';
import { listing } from './paging.ts';
import { path } from './paths.ts';
import type { DivertedEvent, DivertedFilter, DivertedQuery, Operation, ResendOptions } from './types.ts';
import type { WaitOrStart } from './waiting.ts';
import { waiting } from './waiting.ts';

/** Events that were set aside for a webhook: its retries ran out, or it was suspended. */
export interface Diverted {
  list(webhookId: string, query?: DivertedQuery): Promise<Page<DivertedEvent>>;
  all(webhookId: string, query?: DivertedQuery): AsyncGenerator<DivertedEvent, void>;
  get(webhookId: string, eventId: string): Promise<DivertedEvent>;
  /** Sends one again, byte for byte; `wait` gives its attempt. It comes back here if it fails again. */
  resend: WaitOrStart<[webhookId: string, eventId: string]>;
  /** Sends all that match and were diverted before the call, oldest first. */
  resendAll(webhookId: string, filter?: DivertedFilter, options?: ResendOptions): Promise<Operation>;
  delete(webhookId: string, eventId: string): Promise<void>;
}

export function divertedOf(send: Send, org: string): Diverted {
  const of = (webhook: string) => path`/v1/orgs/${org}/webhooks/${webhook}/diverted`;
  const one = (webhook: string, event: string) => of(webhook) + path`/${event}`;
  const events = (webhook: string) => listing<DivertedEvent, DivertedQuery>(send, of(webhook));
  return {
    list: async (webhook, query) => events(webhook).list(query),
    all: (webhook, query) => events(webhook).all(query),
    get: async (webhook, event) => send({ method: 'GET', path: one(webhook, event), repeat: 'always' }),
    resend: async (webhook: string, event: string, options?: { wait?: boolean }) =>
      send(waiting(`${one(webhook, event)}/resend`, options)),
    resendAll: async (webhook, filter = {}, { perSecond } = {}) => {
      const body = { filter, per_second: perSecond };
      return send({ method: 'POST', path: `${of(webhook)}/resend`, body, repeat: 'if-not-done' });
    },
    delete: async (webhook, event) => send({ method: 'DELETE', path: one(webhook, event), repeat: 'always' }),
  };
}
