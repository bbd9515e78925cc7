import { formatId, parseId, timeOfUuid } from '@hooklane/domain';
import { describe, expect, it } from 'vitest';
import { createIdFactory } from './ids.ts';

describe('new ids', () => {
  it('sort by the time they were made at', () => {
    let nowMs = 1_700_000_000_000;
    const ids = createIdFactory(() => nowMs++);
    const made = Array.from({ length: 5_000 }, () => ids.next('evt'));
    expect(made.toSorted()).toEqual(made);
    expect(made.slice(0, 2).map(timeOfUuid)).toEqual([1_700_000_000_000, 1_700_000_000_001]);
  });

  it('differ, a hundred thousand of them in one millisecond', () => {
    const ids = createIdFactory(() => 1_700_000_000_000);
    expect(new Set(Array.from({ length: 100_000 }, () => ids.next('dlv'))).size).toBe(100_000);
  });

  it('of two processes differ', () => {
    const [one, other] = [createIdFactory(() => 0), createIdFactory(() => 0)];
    const made = Array.from({ length: 2_000 }, () => [one.next('dlv'), other.next('dlv')]).flat();
    expect(new Set(made).size).toBe(4_000);
  });

  it('can be written and read back', () => {
    const id = createIdFactory().next('wh');
    expect(parseId('wh', formatId('wh', id))).toBe(id);
  });
});
