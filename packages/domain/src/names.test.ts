import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { attributeProblems, isAttributeName, isEventPattern, isEventType, isOrgSlug, isStorableText } from './names.ts';
import { matchesType } from './webhook.ts';

describe('isEventType', () => {
  it.each(['a', 'invoice.paid', 'invoice.line_item.added-twice', 'Invoice.Paid', '0.1', 'x'.repeat(128)])(
    'takes %s',
    (text) => expect(isEventType(text)).toBe(true),
  );

  it.each(['', '.', 'a.', '.a', 'a..b', 'a b', 'a.*', '*', 'a/b', 'ä', 'a\n', 'x'.repeat(129)])('refuses %j', (text) =>
    expect(isEventType(text)).toBe(false),
  );

  it('answers at once for a hostile text', () => {
    const before = performance.now();
    expect(isEventType(`${'a.'.repeat(50_000)}!`)).toBe(false);
    expect(isEventPattern(`${'a'.repeat(100_000)}!.*`)).toBe(false);
    expect(performance.now() - before).toBeLessThan(50);
  });
});

describe('isEventPattern', () => {
  it.each(['*', 'invoice.*', 'invoice.line.*', 'invoice.paid'])('takes %s', (text) => {
    expect(isEventPattern(text)).toBe(true);
  });

  it.each(['', '**', '.*', '*.paid', 'a.*.b', 'a*', 'a.**', 'a.', `${'x'.repeat(127)}.*`])('refuses %j', (text) => {
    expect(isEventPattern(text)).toBe(false);
  });

  it('takes every event type as a pattern that matches itself', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z]{1,5}(\.[a-z]{1,5}){0,3}$/), (type) => {
        expect(isEventPattern(type) && matchesType(type, type)).toBe(true);
      }),
    );
  });
});

describe('isOrgSlug', () => {
  it.each(['a', '0', 'acme', 'acme-2', 'a-', 'x'.repeat(63)])('takes %s', (text) => expect(isOrgSlug(text)).toBe(true));

  it.each(['', '-a', 'Acme', 'a_b', 'a.b', 'a/b', 'ä', 'a\n', 'x'.repeat(64)])('refuses %j', (text) => {
    expect(isOrgSlug(text)).toBe(false);
  });
});

describe('attributeProblems', () => {
  const many = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`a${i}`, 'x']));

  it('is empty for attributes within the limits', () => {
    expect(attributeProblems({})).toEqual([]);
    expect(attributeProblems(many(32))).toEqual([]);
    expect(attributeProblems({ 'tenant.id-1_x': 'x'.repeat(256), ['n'.repeat(64)]: '' })).toEqual([]);
  });

  it('refuses more than 32', () => {
    expect(attributeProblems(many(33))).toEqual([{ field: 'attributes', message: expect.any(String) }]);
  });

  it('names every attribute that is wrong', () => {
    const problems = attributeProblems({
      'a b': 'x',
      ['n'.repeat(65)]: 'x',
      long: 'x'.repeat(257),
      nul: 'a\0',
      fine: 'x',
    });
    expect(problems.map(({ field }) => field)).toEqual([
      'attributes.a b',
      `attributes.${'n'.repeat(64)}`,
      'attributes.long',
      'attributes.nul',
    ]);
  });

  it('reads names of the prototype like any other', () => {
    expect(attributeProblems(JSON.parse('{"__proto__": "x", "constructor": "y"}'))).toEqual([]);
    expect(attributeProblems(JSON.parse('{"__proto__": "\\u0000"}'))).toHaveLength(1);
  });
});

it('refuses the empty attribute name', () => {
  expect(isAttributeName('')).toBe(false);
});

it('knows the text that Postgres cannot store', () => {
  expect(isStorableText('Größe 🙂\n')).toBe(true);
  expect(isStorableText('a\0b')).toBe(false);
  expect(isStorableText('a\ud83d')).toBe(false);
  expect(isStorableText('\ude42a')).toBe(false);
});
