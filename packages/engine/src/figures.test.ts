import { asId } from '@hooklane/domain';
import { describe, expect, it } from 'vitest';
import type { Comparison, FigureStore } from './figures.ts';
import { ConservationWalk } from './figures.ts';

const A = asId('dlv', '00000000-0000-7000-8000-000000000001');

/** Answers in turn what a walk finds; of the newest, always the same. */
function storeOf(walked: readonly Comparison[], newest = 0): Pick<FigureStore, 'compare'> & { from: unknown[] } {
  const from: unknown[] = [];
  return {
    from,
    async compare(after) {
      if (after === 'newest') return { compared: 1, mismatched: newest, next: null };
      from.push(after);
      return walked[from.length - 1] ?? { compared: 0, mismatched: 0, next: null };
    },
  };
}

describe('ConservationWalk', () => {
  it('walks on where it was, and begins anew at the end', async () => {
    const store = storeOf([
      { compared: 2, mismatched: 0, next: A },
      { compared: 1, mismatched: 0, next: null },
    ]);
    const walk = new ConservationWalk();
    expect(await walk.step(store)).toEqual({ compared: 3, mismatched: 0 });
    expect(await walk.step(store)).toEqual({ compared: 2, mismatched: 0 });
    await walk.step(store);
    expect(store.from).toEqual(['first', A, 'first']);
  });

  it('tells what is wrong with the newest at once', async () => {
    expect(await new ConservationWalk().step(storeOf([], 3))).toMatchObject({ mismatched: 3 });
  });

  it('tells what it found until a whole walk has not found it again', async () => {
    const store = storeOf([
      { compared: 2, mismatched: 1, next: A },
      { compared: 2, mismatched: 0, next: null },
      { compared: 2, mismatched: 0, next: A },
      { compared: 2, mismatched: 0, next: null },
    ]);
    const walk = new ConservationWalk();
    const told: number[] = [];
    for (let step = 0; step < 5; step++) told.push((await walk.step(store)).mismatched);
    expect(told).toEqual([1, 1, 1, 1, 0]);
  });
});
