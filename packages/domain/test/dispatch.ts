import { asId } from '../src/ids.ts';
import type { ContentType } from '../src/profiles/encoding.ts';
import { encode, profileOf } from '../src/profiles/encoding.ts';
import type { Dispatch, ProfileName } from '../src/profiles/profile.ts';
import type { SigningKey } from '../src/secret.ts';
import { kindOfSecret, signingKey } from '../src/secret.ts';

export const EVENT_ID = asId('evt', '019f0000-1111-7222-8333-444444444444');
export const DELIVERY_ID = asId('dlv', '019f0000-5555-7666-8777-888888888888');
export const WEBHOOK_ID = asId('wh', '019f0000-9999-7aaa-8bbb-cccccccccccc');

/** The first attempt of a delivery, but for what is changed. */
export function dispatch(
  event: { type?: string; payload?: string | Buffer },
  changed: Partial<Dispatch> = {},
): Dispatch {
  return {
    event: {
      id: EVENT_ID,
      type: event.type ?? 'invoice.paid',
      payload: Buffer.from(event.payload ?? '{"amount": 1.0}'),
      occurredAt: '2026-02-03T04:05:06.789Z',
      requestId: 'req_1',
    },
    deliveryId: DELIVERY_ID,
    webhookId: WEBHOOK_ID,
    numbers: { webhook: 42, org: 7 },
    timestamp: 1_614_265_330,
    attempt: 1,
    headerPrefix: null,
    ...changed,
  };
}

/** A secret that somebody supplied, decoded. */
export function keyOf(secret: string): SigningKey {
  return signingKey(kindOfSecret(secret) ?? 'text', secret);
}

/** What a webhook of this profile is sent. Keys newest first. */
export function sent(
  name: ProfileName,
  what: Dispatch,
  { keys = [], contentType = 'json' }: { keys?: readonly SigningKey[]; contentType?: ContentType } = {},
): { headers: Record<string, string>; body: string } {
  const { headers, body } = encode({ profile: profileOf(name), contentType }, what, keys);
  return { headers, body: body.toString() };
}

/** The headers of a profile over bytes that are given: for vectors whose body is no event of ours. */
export function headersOver(
  name: ProfileName,
  body: string,
  { keys, ...changed }: { keys: readonly SigningKey[] } & Partial<Dispatch>,
): Record<string, string> {
  return profileOf(name).headers(dispatch({}, changed), { body: Buffer.from(body), keys });
}
