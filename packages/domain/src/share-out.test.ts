import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { shareOut } from './share-out.ts';

type Group = [who: string, room: number][];

function counts(groups: Group[], budget: number): Record<string, number> {
  const wishes = groups.map((group) => group.map(([who, room]) => ({ who, room })));
  return Object.fromEntries(shareOut(wishes, budget).map(({ who, count }) => [who, count]));
}

describe('sharing out', () => {
  it.each<[string, { groups: Group[]; budget: number }, Record<string, number>]>([
    ['all get what they want where there is enough', { groups: [[['a', 3]], [['b', 2]]], budget: 10 }, { a: 3, b: 2 }],
    ['groups get the same', { groups: [[['a', 100]], [['b', 100]]], budget: 10 }, { a: 5, b: 5 }],
    ['what one does not want goes to the others', { groups: [[['a', 100]], [['b', 2]]], budget: 10 }, { a: 8, b: 2 }],
    ['a small budget goes to the first', { groups: [[['a', 1]], [['b', 1]], [['c', 1]]], budget: 2 }, { a: 1, b: 1 }],
    ['who has no room gets nothing', { groups: [[['a', 0]], [['b', 1]]], budget: 5 }, { b: 1 }],
    ['nobody gets nothing', { groups: [], budget: 5 }, {}],
    [
      'many members make no larger group',
      {
        groups: [
          [
            ['a', 9],
            ['b', 9],
            ['c', 9],
          ],
          [['d', 9]],
        ],
        budget: 8,
      },
      { a: 2, b: 1, c: 1, d: 4 },
    ],
  ])('%s', (_, { groups, budget }, expected) => {
    expect(counts(groups, budget)).toEqual(expected);
  });

  it('never gives more than wanted or there is, and never keeps back what somebody wants', () => {
    const group = fc.array(fc.nat(6), { maxLength: 5 });
    fc.assert(
      fc.property(fc.array(group, { maxLength: 6 }), fc.nat(30), (rooms, budget) => {
        const wishes = rooms.map((members, g) => members.map((room, m) => ({ who: `${g}/${m}`, room })));
        const shares = shareOut(wishes, budget);
        const wanted = new Map(wishes.flat().map(({ who, room }) => [who, room]));
        for (const { who, count } of shares) expect(count).toBeLessThanOrEqual(wanted.get(who) ?? 0);
        const given = shares.reduce((sum, { count }) => sum + count, 0);
        expect(given).toBe(
          Math.min(
            budget,
            rooms.flat().reduce((sum, room) => sum + room, 0),
          ),
        );
      }),
    );
  });
});
