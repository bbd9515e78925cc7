import { describe, expect, it, vi } from 'vitest';
import type { BatcherOptions } from './batcher.ts';
import { createBatcher } from './batcher.ts';
import { InvariantError, OverloadedError } from './errors.ts';

describe('gathering', () => {
  it('puts what arrives in one turn of the event loop into one batch', async () => {
    const { batcher, batches } = create({});
    const first = batcher.submit(1);
    await Promise.resolve();
    expect(await Promise.all([first, batcher.submit(2), batcher.submit(3)])).toEqual([10, 20, 30]);
    expect(batches).toEqual([[1, 2, 3]]);
  });

  it('gathers while a run is under way', async () => {
    const gate = gated();
    const { batcher, batches } = create({ run: gate.run });
    const results = [batcher.submit(1)];
    await vi.waitFor(() => expect(batches).toHaveLength(1));
    results.push(batcher.submit(2));
    await quiet();
    results.push(batcher.submit(3));
    await quiet();
    expect(batches).toEqual([[1]]);
    gate.open();
    expect(await Promise.all(results)).toEqual([10, 20, 30]);
    expect(batches).toEqual([[1], [2, 3]]);
  });

  it('runs as many batches at a time as allowed, and no more', async () => {
    const gate = gated();
    const { batcher, batches } = create({ maxItems: 2, concurrency: 2, run: gate.run });
    const results = [1, 2, 3, 4, 5].map((item) => batcher.submit(item));
    await vi.waitFor(() => expect(batches).toHaveLength(2));
    await quiet();
    expect(batches).toEqual([
      [1, 2],
      [3, 4],
    ]);
    gate.open();
    expect(await Promise.all(results)).toEqual([10, 20, 30, 40, 50]);
    expect(batches[2]).toEqual([5]);
  });

  it('caps a batch by items', async () => {
    const { batcher, batches } = create({ maxItems: 2 });
    await Promise.all([1, 2, 3, 4, 5].map((item) => batcher.submit(item)));
    expect(batches).toEqual([[1, 2], [3, 4], [5]]);
  });

  it('caps a batch by bytes and lets a larger item go alone', async () => {
    const { batcher, batches } = create({ maxBytes: 10, sizeOf: (item) => item });
    await Promise.all([4, 6, 1, 99, 2, 3].map((item) => batcher.submit(item)));
    expect(batches).toEqual([[4, 6], [1], [99], [2, 3]]);
  });

  it('lingers for more when asked to, but not once a batch is full', async () => {
    const { batcher, batches } = create({ maxItems: 2, lingerMs: 30 });
    const first = batcher.submit(1);
    await quiet();
    expect(batches).toEqual([]);
    const before = performance.now();
    await Promise.all([first, batcher.submit(2)]);
    expect(performance.now() - before).toBeLessThan(25);
    await batcher.submit(3);
    await batcher.submit(4);
    expect(batches).toEqual([[1, 2], [3], [4]]);
  });

  it('survives more items than fit at once, in order', async () => {
    const { batcher } = create({ maxItems: 7, concurrency: 3 });
    const items = Array.from({ length: 5000 }, (_, i) => i);
    expect(await Promise.all(items.map((item) => batcher.submit(item)))).toEqual(items.map((item) => item * 10));
    expect(batcher.pending).toBe(0);
  });
});

describe('a batch that fails', () => {
  const badAlone = async (items: number[]) => {
    if (items.includes(2)) throw new RangeError(`bad in ${items.length}`);
    return items.map((item) => item * 10);
  };

  it('is run again item by item, so that the bad one fails alone', async () => {
    const { batcher, batches } = create({ run: badAlone });
    expect(await outcomes([1, 2, 3].map((item) => batcher.submit(item)))).toEqual([10, 'bad in 1', 30]);
    expect(batches).toEqual([[1, 2, 3], [1], [2], [3]]);
    expect(batcher.pending).toBe(0);
  });

  it('is run again through runOne where there is one', async () => {
    const { batcher, batches } = create({ run: badAlone, runOne: async (item) => item * 100 });
    expect(await outcomes([1, 2].map((item) => batcher.submit(item)))).toEqual([100, 200]);
    expect(batches).toEqual([[1, 2]]);
  });

  it('is not run again when it had one item', async () => {
    const { batcher, batches } = create({ run: badAlone });
    await expect(batcher.submit(2)).rejects.toThrow('bad in 1');
    expect(batches).toEqual([[2]]);
  });

  it('rejects all its items with the error when the service is away', async () => {
    const away = new RangeError('away');
    const { batcher, batches } = create({
      run: () => Promise.reject(away),
      isTransient: (error) => error === away,
    });
    expect(await outcomes([1, 2, 3].map((item) => batcher.submit(item)))).toEqual(['away', 'away', 'away']);
    expect(batches).toEqual([[1, 2, 3]]);
  });

  it('rejects the rest when the service goes away in the middle of the items', async () => {
    const { batcher, batches } = create({
      run: async (items) => {
        if (items.length > 1) throw new RangeError('deadlock');
        if (items[0] === 2) throw new RangeError('away');
        return items;
      },
      isTransient: (error) => error instanceof RangeError && error.message === 'away',
    });
    expect(await outcomes([1, 2, 3].map((item) => batcher.submit(item)))).toEqual([1, 'away', 'away']);
    expect(batches).toEqual([[1, 2, 3], [1], [2]]);
  });

  it('does not keep later batches from running', async () => {
    const { batcher } = create({ run: badAlone });
    await expect(batcher.submit(2)).rejects.toThrow();
    expect(await batcher.submit(1)).toBe(10);
  });

  it('may fail by throwing at once', async () => {
    const { batcher } = create({
      run: () => {
        throw new RangeError('not even a promise');
      },
    });
    await expect(batcher.submit(1)).rejects.toThrow('not even a promise');
    await batcher.drain();
  });
});

describe('a run that does not return one result per item', () => {
  it('rejects its items with an InvariantError and is not run again', async () => {
    const { batcher, batches } = create({ run: async () => [1] });
    const results = await Promise.allSettled([1, 2].map((item) => batcher.submit(item)));
    expect(results.map((result) => result.status === 'rejected' && result.reason)).toEqual([
      expect.any(InvariantError),
      expect.any(InvariantError),
    ]);
    expect(batches).toHaveLength(1);
  });
});

describe('pressure', () => {
  it('rejects what exceeds maxPending, counting items under way too', async () => {
    const gate = gated();
    const { batcher, batches } = create({ maxPending: 2, run: gate.run });
    const results = [batcher.submit(1)];
    await vi.waitFor(() => expect(batches).toHaveLength(1));
    results.push(batcher.submit(2));
    await expect(batcher.submit(3)).rejects.toThrow(OverloadedError);
    gate.open();
    expect(await Promise.all(results)).toEqual([10, 20]);
    expect(await batcher.submit(4)).toBe(40);
  });

  it('rejects what exceeds maxPendingBytes, counting what is under way too', async () => {
    const gate = gated();
    const { batcher, batches } = create({ maxPendingBytes: 10, sizeOf: (item) => item, run: gate.run });
    const results = [batcher.submit(6)];
    await vi.waitFor(() => expect(batches).toHaveLength(1));
    results.push(batcher.submit(4));
    await expect(batcher.submit(1)).rejects.toThrow(OverloadedError);
    gate.open();
    expect(await Promise.all(results)).toEqual([60, 40]);
    await vi.waitFor(async () => expect(await batcher.submit(10)).toBe(100));
  });

  it('tells how many items are pending, none as soon as the last has settled', async () => {
    const { batcher } = create({});
    const result = batcher.submit(1);
    expect(batcher.pending).toBe(1);
    await result;
    expect(batcher.pending).toBe(0);
  });
});

describe('drain', () => {
  it('resolves at once when nothing is pending', async () => {
    await create({}).batcher.drain();
  });

  it('waits for all items, those submitted meanwhile and those that fail', async () => {
    const gate = gated();
    const settled: string[] = [];
    const { batcher, batches } = create({ run: gate.run });
    void batcher.submit(1).then(() => settled.push('first'));
    await vi.waitFor(() => expect(batches).toHaveLength(1));
    const drained = batcher.drain().then(() => settled.push('drained'));
    batcher.submit(-1).catch(() => settled.push('failed'));
    gate.open();
    await drained;
    expect(settled).toEqual(['first', 'failed', 'drained']);
  });

  it('does not wait for items that linger', async () => {
    const { batcher, batches } = create({ lingerMs: 3_600_000 });
    void batcher.submit(1);
    await batcher.drain();
    expect(batches).toEqual([[1]]);
  });
});

describe('createBatcher', () => {
  it.each([{ maxItems: 0 }, { concurrency: 0 }, { maxBytes: 5 }, { maxPendingBytes: 5 }])('refuses %j', (options) => {
    expect(() => create(options)).toThrow(InvariantError);
  });
});

/** A batcher of numbers that multiplies by ten, and the batches it ran. */
function create(options: Partial<BatcherOptions<number, number>>) {
  const batches: number[][] = [];
  const timesTen = async (items: number[]) => items.map((item) => item * 10);
  const { run = timesTen, ...others } = options;
  const recording = (items: number[]) => {
    batches.push([...items]);
    return run(items);
  };
  return { batcher: createBatcher({ maxItems: 100, ...others, run: recording }), batches };
}

/** A run that waits until the gate opens; negative items fail. */
function gated() {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  const run = async (items: number[]) => {
    await opened;
    if (items.some((item) => item < 0)) throw new RangeError('negative');
    return items.map((item) => item * 10);
  };
  return { run, open: () => open() };
}

async function outcomes(results: Promise<number>[]): Promise<unknown[]> {
  const settled = await Promise.allSettled(results);
  return settled.map((result) => (result.status === 'fulfilled' ? result.value : result.reason.message));
}

/** Some turns of the event loop: whatever would happen at once has happened by then. */
async function quiet(): Promise<void> {
  for (let i = 0; i < 5; i += 1) await new Promise((resolve) => setImmediate(resolve));
}
