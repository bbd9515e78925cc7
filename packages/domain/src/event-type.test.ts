import { describe, expect, it } from 'vitest';
import type { KnownType, TypeRules } from './event-type.ts';
import { judgeType } from './event-type.ts';

const PLAIN: KnownType = { deprecated: false, current: null, schemas: new Map() };
const CHECKED: KnownType = {
  deprecated: true,
  current: 2,
  schemas: new Map([
    [1, 'one'],
    [2, 'two'],
  ]),
};

function rules(unknown: TypeRules['unknown']): TypeRules {
  return {
    unknown,
    known: new Map([
      ['plain', PLAIN],
      ['checked', CHECKED],
      ['no.longer', { ...CHECKED, deprecated: false, current: null }],
    ]),
  };
}

const judged = (type: string, schemaVersion: number | null = null, of: TypeRules | null = rules('allow')) =>
  judgeType(of, { type, schemaVersion });

describe('the type of an event', () => {
  it.each([null, rules('allow')])('is taken though nobody knows it, unless that is refused', (of) => {
    expect(judged('other', null, of)).toEqual({ kind: 'taken', deprecated: false, schema: null });
    expect(judged('other', null, rules('refuse'))).toEqual({ kind: 'unknown-type' });
    expect(judged('plain', null, rules('refuse'))).toEqual({ kind: 'taken', deprecated: false, schema: null });
  });

  it('brings the current schema along, or the one that is named', () => {
    expect(judged('checked')).toEqual({ kind: 'taken', deprecated: true, schema: { id: 'two', version: 2 } });
    expect(judged('checked', 1)).toMatchObject({ schema: { id: 'one', version: 1 } });
    expect(judged('no.longer')).toMatchObject({ schema: null });
    expect(judged('no.longer', 2)).toMatchObject({ schema: { id: 'two', version: 2 } });
  });

  it.each([
    ['checked', rules('allow')],
    ['plain', rules('allow')],
    ['other', rules('allow')],
    ['other', null],
  ])('has no version that was never made: %s', (type, of) => {
    expect(judged(type, 3, of)).toEqual({ kind: 'unknown-version' });
  });

  it('is what is wrong first, before its version', () => {
    expect(judged('other', 3, rules('refuse'))).toEqual({ kind: 'unknown-type' });
  });
});
