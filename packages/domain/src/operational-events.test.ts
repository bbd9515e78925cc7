import { expect, it } from 'vitest';
import { isOperational, OPERATIONAL_PATTERNS, OPERATIONAL_TYPES } from './operational-events.ts';
import { matchesType } from './webhook.ts';

it('is told to who asks for it by name, and to nobody who asks for everything', () => {
  for (const type of OPERATIONAL_TYPES) {
    expect(isOperational(type)).toBe(true);
    expect(matchesType('hooklane.*', type)).toBe(true);
    expect(matchesType(type, type)).toBe(true);
    expect(matchesType('*', type)).toBe(false);
  }
  expect(isOperational('hooklanes.own')).toBe(false);
  expect(matchesType('*', 'hooklanes.own')).toBe(true);
});

it('has a pattern for each way to ask', () => {
  expect([...OPERATIONAL_PATTERNS].sort()).toEqual([
    'hooklane.*',
    'hooklane.delivery.*',
    'hooklane.delivery.diverted',
    'hooklane.secret.*',
    'hooklane.secret.rotated',
    'hooklane.webhook.*',
    'hooklane.webhook.failing',
    'hooklane.webhook.suspended',
  ]);
  for (const type of OPERATIONAL_TYPES) {
    expect(OPERATIONAL_PATTERNS.filter((pattern) => matchesType(pattern, type))).toHaveLength(3);
  }
});
