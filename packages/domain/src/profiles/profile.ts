import type { DeliveryId, EventId, WebhookId } from '../ids.ts';
import type { SecretKind, SigningKeys } from '../secret.ts';

export const PROFILE_NAMES = ['standard', 'github', 'snyk', 'infraaudit', 'socket', 'socotra'] as const;

/** Whose conventions a webhook is sent in. */
export type ProfileName = (typeof PROFILE_NAMES)[number];

/**
 * How one family of receivers wants its requests: names of headers, what is signed, what the body looks like. All of
 * it is a function of {@link Dispatch}; the body of what stays the same over the attempts of a delivery.
 */
export interface Profile {
  name: ProfileName;
  /** The secrets it can sign with. */
  secrets: readonly SecretKind[];
  /** The body as JSON in UTF-8. Never depends on the attempt: each attempt sends the same bytes. */
  body(dispatch: Dispatch): Buffer;
  /** Its headers, names in lower case, over the bytes that are sent; unsigned where no key fits. */
  headers(dispatch: Dispatch, sent: Sent): Record<string, string>;
  /** The payload of a trial event, in the form its receivers know. */
  ping(subject: PingSubject): unknown;
}

/** What a request tells of: one attempt of one delivery. */
export interface Dispatch {
  event: {
    id: EventId;
    type: string;
    /** JSON in UTF-8, as it was published. */
    payload: Buffer;
    /** ISO 8601, in UTC. */
    occurredAt: string;
    /** Of the producer's request that published it. */
    requestId: string;
  };
  deliveryId: DeliveryId;
  webhookId: WebhookId;
  /** Integer aliases of webhook and org, for receivers that want numbers. */
  numbers: { webhook: number; org: number };
  /** Unix seconds of this attempt; receivers refuse what is older than their tolerance. */
  timestamp: number;
  /** Within its round, from 1. */
  attempt: number;
  /** Stands in the place of `webhook` in the names of the standard headers; null: no brand. */
  headerPrefix: string | null;
}

/** What is signed, and with what. */
export interface Sent {
  body: Buffer;
  keys: SigningKeys;
}

/** What a trial event says of its webhook. */
export interface PingSubject {
  id: WebhookId;
  number: number;
  url: string;
  events: readonly string[];
  contentType: 'json' | 'form';
  active: boolean;
}
