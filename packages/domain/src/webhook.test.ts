import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Subscription } from './webhook.ts';
import { matches, matchesType, standingOf } from './webhook.ts';

const parsed = (json: string): Record<string, string> => JSON.parse(json);

describe('matchesType', () => {
  it.each([
    ['*', 'invoice.paid', true],
    ['*', 'a', true],
    ['invoice.paid', 'invoice.paid', true],
    ['invoice.paid', 'invoice.paid.twice', false],
    ['invoice.paid', 'invoice.Paid', false],
    ['invoice.paid', 'invoiceXpaid', false],
    ['invoice', 'invoice.paid', false],
    ['invoice.*', 'invoice.paid', true],
    ['invoice.*', 'invoice.line.added', true],
    ['invoice.*', 'invoice', false],
    ['invoice.*', 'invoices.paid', false],
    ['invoice.*', 'my.invoice.paid', false],
    ['invoice.line.*', 'invoice.paid', false],
    ['invoice.line.*', 'invoice.line.added', true],
  ])('%s on %s: %s', (pattern, type, expected) => expect(matchesType(pattern, type)).toBe(expected));

  it('covers every longer type by each of its beginnings', () => {
    const segments = fc.array(fc.stringMatching(/^[a-z]{1,4}$/), { minLength: 2, maxLength: 5 });
    fc.assert(
      fc.property(segments, fc.nat(), (parts, cut) => {
        const beginning = parts.slice(0, 1 + (cut % (parts.length - 1))).join('.');
        expect(matchesType(`${beginning}.*`, parts.join('.'))).toBe(true);
        expect(matchesType(`${beginning}.*`, beginning)).toBe(false);
      }),
    );
  });
});

describe('matches', () => {
  const event = { type: 'invoice.paid', attributes: { region: 'eu', tier: 'gold' } };

  it.each<[string, Subscription, boolean]>([
    ['no pattern', { events: [], filters: null }, false],
    ['one pattern of several', { events: ['user.*', 'invoice.*'], filters: null }, true],
    ['no pattern that fits', { events: ['user.*'], filters: null }, false],
    ['filters that are not there', { events: ['*'], filters: null }, true],
    ['no filter', { events: ['*'], filters: {} }, true],
    ['a filter that fits', { events: ['*'], filters: { region: ['us', 'eu'] } }, true],
    ['a filter that does not', { events: ['*'], filters: { region: ['us'] } }, false],
    ['all filters that fit', { events: ['*'], filters: { region: ['eu'], tier: ['gold'] } }, true],
    ['one filter of two', { events: ['*'], filters: { region: ['eu'], tier: ['silver'] } }, false],
    ['a filter of an attribute it lacks', { events: ['*'], filters: { plan: ['x'] } }, false],
    ['a filter that allows nothing', { events: ['*'], filters: { region: [] } }, false],
    ['a filter but no type', { events: ['user.*'], filters: { region: ['eu'] } }, false],
  ])('by %s', (_, subscription, expected) => expect(matches(subscription, event)).toBe(expected));

  it('looks at the event’s own attributes only', () => {
    expect(matches({ events: ['*'], filters: { constructor: ['x'], toString: ['y'] } }, event)).toBe(false);
    const hostile = { type: 'a', attributes: parsed('{"__proto__": "x"}') };
    const filters = JSON.parse('{"__proto__": ["x"]}');
    expect(matches({ events: ['*'], filters }, hostile)).toBe(true);
    expect(matches({ events: ['*'], filters }, event)).toBe(false);
  });
});

describe('standingOf', () => {
  it.each([
    [{ enabled: true, suspended: false, deleted: false }, 'active'],
    [{ enabled: true, suspended: true, deleted: false }, 'suspended'],
    [{ enabled: false, suspended: false, deleted: false }, 'disabled'],
    [{ enabled: false, suspended: true, deleted: false }, 'disabled'],
    [{ enabled: true, suspended: false, deleted: true }, 'deleted'],
    [{ enabled: false, suspended: true, deleted: true }, 'deleted'],
  ])('%j is %s', (webhook, standing) => {
    expect(standingOf(webhook)).toBe(standing);
  });
});
