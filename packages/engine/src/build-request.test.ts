import type { Encoding, ProfileName } from '@hooklane/domain';
import { CONTENT_TYPES, encodingNumber, encodingOf, formatId, NO_BRAND, PROFILE_NAMES } from '@hooklane/domain';
import { beforeEach, expect, it } from 'vitest';
import { WorkScene } from '../../../test/support/memory/work-scene.ts';
import { buildRequest, sentBody } from './build-request.ts';
import type { Claim } from './due-work.ts';
import type { StoredEvent } from './event-stream.ts';
import type { AttemptView } from './history.ts';
import { createIdFactory } from './ids.ts';

let claim: Claim;

beforeEach(async () => {
  const scene = await WorkScene.open();
  const occurredAt = new Date('2026-02-03T04:05:06.789Z');
  const publication = scene.publication({ type: 'alert.created', payload: Buffer.from('{"n": 1.0}'), occurredAt });
  claim = await scene.claimed(await scene.due(await scene.newWebhook(), { publication }));
});

it('is written in the encoding that the delivery is pinned to', () => {
  const { headers, body } = buildRequest({ ...claim, encoding: encoding('github', 'form') });
  expect(body.toString()).toBe('payload=%7B%22n%22%3A1%7D');
  expect(headers).toMatchObject({
    'content-type': 'application/x-www-form-urlencoded',
    'x-github-event': 'alert',
    'x-github-delivery': claim.eventId,
    'x-github-hook-id': String(claim.destination.numbers.webhook),
    'x-hub-signature-256': expect.any(String),
  });
});

it('tells of event, delivery and webhook what its profile asks for', () => {
  const { body } = buildRequest({ ...claim, encoding: encoding('infraaudit', 'json') });
  expect(body.toString()).toBe(
    `{"event":"alert.created","timestamp":"2026-02-03T04:05:06.789Z","webhook_id":"${formatId('wh', claim.webhookId)}",` +
      `"delivery_id":"${formatId('dlv', claim.deliveryId).replace('dlv', 'del')}","data":{"n": 1.0}}`,
  );
});

const FORMS = PROFILE_NAMES.flatMap((profile) => CONTENT_TYPES.map((contentType) => ({ profile, contentType })));

it.each(FORMS)('can be told byte for byte from its record: $profile as $contentType', ({ profile, contentType }) => {
  const sentAs = createIdFactory().next('evt');
  const { body } = buildRequest({ ...claim, sentAs, encoding: encoding(profile, contentType) });
  const { deliveryId, webhookId, eventId, attempt: number } = claim;
  const logged = { deliveryId, webhookId, eventId, number, sentAs, encoding: encodingNumber({ profile, contentType }) };
  const stored = { ...claim.event, id: eventId } as StoredEvent;
  expect(sentBody(logged as AttemptView, stored)).toEqual(body);
});

it('cannot be told where a newer version has written it', () => {
  expect(sentBody({ encoding: 9_999 } as AttemptView, {} as StoredEvent)).toBeNull();
});

it('carries the brand of the org in the standard headers and as its user agent', () => {
  const brand = { headerPrefix: 'acme', userAgent: 'Acme-Hooks/2' };
  const { headers } = buildRequest({ ...claim, destination: { ...claim.destination, brand } });
  expect(Object.keys(headers).toSorted()).toEqual(
    ['acme-id', 'acme-signature', 'acme-timestamp', 'content-type', 'user-agent'].toSorted(),
  );
  expect(headers['user-agent']).toBe('Acme-Hooks/2');
});

it('leaves the user agent to the operator where the org has no brand', () => {
  const { headers } = buildRequest({ ...claim, destination: { ...claim.destination, brand: NO_BRAND } });
  expect(headers).not.toHaveProperty('user-agent');
});

it('is unsigned without keys', () => {
  const { headers } = buildRequest({ ...claim, keys: [] });
  expect(headers).not.toHaveProperty('webhook-signature');
  expect(headers).toHaveProperty('webhook-id');
});

it('shows the certificate of the webhook to its receiver, and nothing of it to the alert URL', () => {
  const clientCertificate = { certificate: 'certificate', key: 'key' };
  const tls = { id: 'its own', verify: false, authorities: 'ours', clientCertificate };
  const policy = { ...claim.destination.policy, alertUrl: 'https://alerts.example/' };
  const destination = { ...claim.destination, tls, policy, headers: { authorization: 'Bearer x' } };
  expect(buildRequest({ ...claim, destination })).toMatchObject({ tls, headers: { authorization: 'Bearer x' } });
  const alert = buildRequest({ ...claim, destination, origin: 'alert' });
  expect(alert).toMatchObject({ url: policy.alertUrl, tls: null });
  expect(alert.headers).not.toHaveProperty('authorization');
});

it('cannot be made where the event is gone', () => {
  expect(() => buildRequest({ ...claim, event: null })).toThrow('the event is gone');
});

function encoding(profile: ProfileName, contentType: 'json' | 'form'): Encoding {
  return encodingOf(encodingNumber({ profile, contentType })) ?? expect.fail('no such encoding');
}
