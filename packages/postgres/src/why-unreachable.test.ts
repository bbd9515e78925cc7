import { expect, it } from 'vitest';
import { whyUnreachable } from './why-unreachable.ts';

it('says what the connection came to where nobody listens', async () => {
  // Port 1 belongs to a service that nobody has run for decades.
  expect(await whyUnreachable('postgres://hooklane:pw@127.0.0.1:1/hooklane')).toEqual({
    outOfReach: 'DATABASE_URL: Postgres cannot be reached: connect ECONNREFUSED 127.0.0.1:1',
    mayCome: true,
  });
});

it('says that a URL is none', async () => {
  expect(await whyUnreachable('postgres://[hooklane')).toEqual({
    outOfReach: 'DATABASE_URL: Postgres does not let us in: Invalid URL',
    mayCome: false,
  });
});
