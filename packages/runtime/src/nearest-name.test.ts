import { expect, it } from 'vitest';
import { nearestName } from './nearest-name.ts';

const names = ['HOOKLANE_QUEUE_SHARDS', 'HOOKLANE_LOG_LEVEL', 'ABC'];

it.each([
  ['HOOKLANE_QUEUE_SHARD', 'HOOKLANE_QUEUE_SHARDS'],
  ['HOOKLANE_QUEUE_SHRADS', 'HOOKLANE_QUEUE_SHARDS'],
  ['HOOKLANE_LOGLEVEL', 'HOOKLANE_LOG_LEVEL'],
  ['XHOOKLANE_LOG_LEVEX', 'HOOKLANE_LOG_LEVEL'],
  ['HOOKLANE_LOGG_LEVEL', 'HOOKLANE_LOG_LEVEL'],
  ['ABD', 'ABC'],
])('takes %s for %s', (name, near) => {
  expect(nearestName(name, names)).toBe(near);
});

it.each(['HOOKLANE_LOG_LEVEL_XY_', 'HOOKLANE_PORT', 'ADD', 'AB', ''])('finds nothing near %j', (name) => {
  expect(nearestName(name, names)).toBeUndefined();
});

it('prefers the nearest of several', () => {
  expect(nearestName('HOOKLANE_A1', ['HOOKLANE_B2', 'HOOKLANE_A2'])).toBe('HOOKLANE_A2');
  expect(nearestName('HOOKLANE_A1', ['HOOKLANE_A2', 'HOOKLANE_B2'])).toBe('HOOKLANE_A2');
});
