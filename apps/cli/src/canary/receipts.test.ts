import { describe, expect, it } from 'vitest';
import { LATEST_MS, Receipts } from './receipts.ts';

describe('a beat that came back', () => {
  it('is a receipt, once, with the time that it took', () => {
    const receipts = new Receipts();
    receipts.sent('a', 1_000);
    expect(receipts.isBack('a')).toBe(false);
    expect(receipts.came('a', 1_250)).toEqual({ result: 'verified', roundTripMs: 250 });
    expect(receipts.isBack('a')).toBe(true);
    expect(receipts.came('a', 1_300)).toEqual({ result: 'repeated' });
  });

  it('is late when nobody waits for it any more, or nobody here sent it', () => {
    const receipts = new Receipts();
    receipts.sent('a', 0);
    receipts.sent('b', 1);
    expect(receipts.came('a', LATEST_MS)).toEqual({ result: 'late' });
    expect(receipts.came('b', LATEST_MS)).toEqual({ result: 'verified', roundTripMs: LATEST_MS - 1 });
    expect(receipts.came('of a canary before', 5)).toEqual({ result: 'late' });
  });

  it('is forgotten when it is late, also one that was back: a captured request never becomes a receipt again', () => {
    const receipts = new Receipts();
    receipts.sent('a', 0);
    receipts.came('a', 10);
    receipts.sent('b', LATEST_MS);
    expect(receipts.isBack('a')).toBe(false);
    expect(receipts.came('a', LATEST_MS)).toEqual({ result: 'late' });
  });
});
