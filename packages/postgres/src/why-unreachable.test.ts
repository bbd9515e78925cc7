import { expect, it } from 'vitest';
import { whyUnreachable } from './why-unreachable.ts';

it('says what the connection came to where nobody listens', async () => {
  // Port 1 belongs to a service that nobody has run for decades.
  expect(await whyUnreachable('postgres://hooklane:pw@127.0.0.1:1/hooklane')).toBe('connect ECONNREFUSED 127.0.0.1:1');
});

it('says that a URL is none', async () => {
  expect(await whyUnreachable('postgres://[hooklane')).toBe('Invalid URL');
});
