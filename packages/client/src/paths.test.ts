import fc from 'fast-check';
import { expect, test } from 'vitest';
import { pathOf, queryString } from './paths.ts';

test('a value stays one segment, whatever it holds', () => {
  expect(pathOf('/v1/orgs/{org}/keys', { org: 'a/b?c#d' })).toBe('/v1/orgs/a%2Fb%3Fc%23d/keys');
});

test('no value reaches another path once the URL is resolved', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ minLength: 1 }), fc.constantFrom('%2e%2e', '..;', '\\..', './')), (value) => {
      fc.pre(value !== '.' && value !== '..');
      const { pathname, search, hash } = new URL(`http://api${pathOf('/v1/orgs/{org}/events', { org: value })}`);
      expect(pathname.split('/')).toHaveLength(5);
      expect(decodeURIComponent(pathname.split('/')[3] ?? '')).toBe(value);
      expect(search + hash).toBe('');
    }),
  );
});

test.each(['', '.', '..', undefined, null, 7])('%j is no id', (value) => {
  expect(() => pathOf('/v1/orgs/{org}', { org: value as string })).toThrow(TypeError);
});

test('a query leaves out what is undefined and repeats lists', () => {
  expect(queryString({ limit: 5, cursor: undefined, active: false, event_type: ['a.b', 'c d'] })).toBe(
    '?limit=5&active=false&event_type=a.b&event_type=c+d',
  );
  expect(queryString({ cursor: undefined })).toBe('');
});
