import { describe, inject } from 'vitest';

/** Tells a story of real processes twice: with Redis, and on Postgres alone. */
export function onBothQueues(promise: string, story: (redisUrl: () => string | undefined) => void): void {
  describe.each([
    ['with Redis', true],
    ['on Postgres alone', false],
  ])(`${promise} (%s)`, (_, redis) => {
    story(() => (redis ? inject('redisUrl') : undefined));
  });
}
