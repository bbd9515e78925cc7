import { describe, expect, it } from 'vitest';
import { cureOf, isFinal } from './refusal.ts';

describe('a refusal', () => {
  it.each([
    [400, true],
    [401, true],
    [403, true],
    [404, true],
    [422, true],
    [408, false],
    [429, false],
    [500, false],
    [503, false],
  ])('with %i is final: %s', (status, final) => {
    expect(isFinal({ status })).toBe(final);
  });

  it.each([
    [{ status: 422, code: 'url_not_allowed' }, 'HOOKLANE_ALLOW_NETWORKS'],
    [{ status: 401, code: 'unauthenticated' }, 'HOOKLANE_API_KEY is no key'],
    [{ status: 403, code: 'forbidden' }, 'webhooks:create'],
    [{ status: 404, code: 'not_found' }, 'not for the org acme'],
    [{ status: 409, code: 'webhook_limit_reached' }, 'docs/errors.md'],
  ])('of %j comes with its cure, and what the API said', (refusal, cure) => {
    const errors = [{ field: 'url', message: 'The scheme must be https.' }];
    const text = cureOf({ ...refusal, message: 'POST /v1: no', errors }, 'acme');
    expect(text).toMatch(/^POST \/v1: no url: The scheme must be https\.\n/);
    expect(text).toContain(cure);
  });
});
