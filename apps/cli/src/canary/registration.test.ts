import { createHmac } from 'node:crypto';
import type { Webhook } from '@hooklane/client';
import { verify } from '@hooklane/client/verify';
import { describe, expect, it } from 'vitest';
import { heldBy, mendsOf, secretOf } from './registration.ts';

const SECRET = secretOf('hk_key', 'canary');
const WANTED = { url: 'https://Canary.example.com', secret: SECRET };
const FOUND = {
  url: 'https://canary.example.com/',
  signing: true,
  secret_hint: SECRET.slice(-4),
  enabled: true,
  suspended: null,
  paused: null,
} as Webhook;
const AT = '2026-01-02T03:04:05Z';

describe('the secret of a canary', () => {
  it('is the same after every restart, and another for another key or org', () => {
    expect(secretOf('hk_key', 'canary')).toBe(SECRET);
    const all = [SECRET, secretOf('hk_other', 'canary'), secretOf('hk_key', 'other')];
    expect(new Set(all.map((secret) => secret.slice(-4))).size).toBe(3);
  });

  it('is one of Standard Webhooks, without padding that would hide it from the hint, and without the key in it', () => {
    expect(SECRET).toMatch(/^whsec_[A-Za-z0-9+/]{64}$/);
    expect(Buffer.from(SECRET.slice(6), 'base64').toString('latin1')).not.toContain('hk_key');
    const seconds = Math.floor(Date.now() / 1000);
    const key = Buffer.from(SECRET.slice('whsec_'.length), 'base64');
    const headers = {
      'webhook-id': 'evt_1',
      'webhook-timestamp': String(seconds),
      'webhook-signature': `v1,${createHmac('sha256', key).update(`evt_1.${seconds}.{}`).digest('base64')}`,
    };
    expect(verify({ body: '{}', headers, secrets: SECRET }).id).toBe('evt_1');
  });
});

describe('what the canary puts right of its webhook', () => {
  it.each<[string, Partial<Webhook>, string[]]>([
    ['nothing where all is as it should be, however the URL was spelled', {}, []],
    ['where it leads', { url: 'https://elsewhere.example.com/' }, ['url']],
    ['what it signs with', { secret_hint: 'else' }, ['secret']],
    ['that it signs', { signing: false }, ['secret']],
    ['a suspension for failures', { suspended: { at: AT, reason: 'failures' } }, ['unsuspended']],
    ['a suspension for a 410', { suspended: { at: AT, reason: 'gone' } }, ['unsuspended']],
    ['no suspension by hand', { suspended: { at: AT, reason: 'manual' } }, []],
    ['no pause', { paused: { at: AT, scope: 'all' } }, []],
    ['not that it is disabled', { enabled: false }, []],
  ])('is %s', (_, found, mends) => {
    expect(mendsOf({ ...FOUND, ...found }, WANTED)).toEqual(mends);
  });
});

describe('why nothing is sent to it', () => {
  it.each([
    [{}, null],
    [{ enabled: false }, 'the webhook is disabled'],
    [{ suspended: { at: AT, reason: 'manual' as const } }, 'the webhook is suspended (manual)'],
    [{ paused: { at: AT, scope: 'all' as const } }, 'deliveries are paused (all)'],
  ])('of %j: %s', (found, why) => {
    expect(heldBy({ ...FOUND, ...found })).toBe(why);
  });
});
