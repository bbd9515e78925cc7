import { expect, it } from 'vitest';
import { read } from './sources.ts';

/** Words and states, the rule, the story, the wiring, the proof: who has read these knows Hooklane. */
const READING_ORDER = [
  'packages/domain/src/delivery.ts',
  'packages/domain/src/next-step.ts',
  'packages/engine/src/attempt-delivery.ts',
  'apps/worker/src/compose.ts',
  'test/journeys/retries-then-diverts.test.ts',
];

it('a newcomer can read what Hooklane does in five files of under 400 lines together', () => {
  const lines = READING_ORDER.map((path) => read(path).trimEnd().split('\n').length);
  expect(lines.reduce((sum, count) => sum + count, 0)).toBeLessThan(400);
});

it('the README names them in that order', () => {
  const readme = read('README.md');
  const places = READING_ORDER.map((path) => readme.indexOf(path));
  expect(Math.min(...places)).toBeGreaterThan(-1);
  expect(places).toEqual(places.toSorted((a, b) => a - b));
});
