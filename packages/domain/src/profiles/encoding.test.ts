import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dispatch, keyOf, sent } from '../../test/dispatch.ts';
import { ed25519Pair, signingKey } from '../secret.ts';
import { CONTENT_TYPES, encodingNumber, encodingOf, profileOf } from './encoding.ts';
import { PROFILE_NAMES } from './profile.ts';

const NAMES = [...PROFILE_NAMES];

describe('the number of an encoding', () => {
  // Deliveries that wait hold these numbers: what one means may never change.
  it('is for ever', () => {
    const numbers = NAMES.flatMap((profile) =>
      CONTENT_TYPES.map((contentType) => [`${profile} ${contentType}`, encodingNumber({ profile, contentType })]),
    );
    expect(Object.fromEntries(numbers)).toEqual({
      'standard json': 0,
      'standard form': 1,
      'github json': 2,
      'github form': 3,
      'snyk json': 4,
      'snyk form': 5,
      'infraaudit json': 6,
      'infraaudit form': 7,
      'socket json': 8,
      'socket form': 9,
      'socotra json': 10,
      'socotra form': 11,
    });
  });

  it('leads back to the encoding', () => {
    for (const profile of NAMES) {
      for (const contentType of CONTENT_TYPES) {
        const encoding = encodingOf(encodingNumber({ profile, contentType }));
        expect(encoding).toEqual({ profile: profileOf(profile), contentType });
      }
    }
  });

  it('of a newer version of the program is unknown', () => expect(encodingOf(1_000)).toBeNull());
});

describe.each(NAMES)('the %s profile', (name) => {
  it.each(CONTENT_TYPES)('in %s sends the same bytes on every attempt', (contentType) => {
    fc.assert(
      fc.property(fc.json(), fc.integer({ min: 1, max: 50 }), fc.nat(), (payload, attempt, timestamp) => {
        const first = sent(name, dispatch({ payload }), { contentType });
        const keys = [keyOf('another secret')];
        const later = sent(name, dispatch({ payload }, { attempt, timestamp, headerPrefix: 'acme' }), {
          keys,
          contentType,
        });
        expect(later.body).toBe(first.body);
      }),
    );
  });

  it('sends sound JSON, and the same in a form', () => {
    fc.assert(
      fc.property(fc.json(), fc.stringMatching(/^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+){0,3}$/), (payload, type) => {
        const json = sent(name, dispatch({ type, payload }));
        const form = sent(name, dispatch({ type, payload }), { contentType: 'form' });
        expect(() => JSON.parse(json.body)).not.toThrow();
        expect([...new URLSearchParams(form.body)]).toEqual([['payload', json.body]]);
      }),
    );
  });

  it('has no signature without a key, and none that it has a key for is missing', () => {
    const isSignature = (header: string) => header.includes('signature');
    const key = keyOf(`whsec_${Buffer.alloc(24).toString('base64')}`);
    expect(Object.keys(sent(name, dispatch({})).headers).filter(isSignature)).toEqual([]);
    expect(Object.keys(sent(name, dispatch({}), { keys: [key] }).headers).filter(isSignature)).not.toEqual([]);
  });

  it('gives X-Hub-Signature one meaning: sha1 of GitHub, sha256 of Snyk, and none elsewhere', () => {
    const key = keyOf(`whsec_${Buffer.alloc(24).toString('base64')}`);
    const value = sent(name, dispatch({}), { keys: [key] }).headers['x-hub-signature'];
    const meanings: Readonly<Record<string, RegExp>> = { github: /^sha1=[0-9a-f]{40}$/, snyk: /^sha256=[0-9a-f]{64}$/ };
    expect(value ?? '').toMatch(meanings[name] ?? /^$/);
  });

  it('signs with the kinds of keys that it says it can', () => {
    const pair = ed25519Pair(Buffer.alloc(32));
    const { headers } = sent(name, dispatch({}), { keys: [signingKey('ed25519', pair.secret)] });
    const isSigned = Object.keys(headers).some((header) => header.includes('signature'));
    expect(isSigned).toBe(profileOf(name).secrets.includes('ed25519'));
  });
});
