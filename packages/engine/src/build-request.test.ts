import type { Encoding } from '@hooklane/domain';
import { encodingNumber, encodingOf, formatId, NO_BRAND } from '@hooklane/domain';
import { beforeEach, expect, it } from 'vitest';
import { WorkScene } from '../../../test/support/memory/work-scene.ts';
import { buildRequest } from './build-request.ts';
import type { Claim } from './due-work.ts';

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

it('cannot be made where the event is gone', () => {
  expect(() => buildRequest({ ...claim, event: null })).toThrow('the event is gone');
});

function encoding(profile: 'github' | 'infraaudit', contentType: 'json' | 'form'): Encoding {
  return encodingOf(encodingNumber({ profile, contentType })) ?? expect.fail('no such encoding');
}
