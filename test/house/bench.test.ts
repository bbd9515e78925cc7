import { describe, expect, test } from 'vitest';
import { latencyOf, median, quantile, rounded } from '../bench/numbers.ts';
import { readOptions, UsageError } from '../bench/options.ts';
import { eventWriter, PAYLOAD_BYTES, payloadOf } from '../bench/processes/event-writer.ts';
import { SCENARIOS } from '../bench/scenarios/index.ts';
import { sizeOf } from '../bench/sizes.ts';
import { judge, TARGETS } from '../bench/targets.ts';

describe('the options of the bench', () => {
  test('take what the scenario itself thinks long enough, and three rounds', () => {
    expect(readOptions(['throughput'])).toMatchObject({ scenario: 'throughput', seconds: 60, rounds: 3, json: false });
  });

  test('measure once where only moments are measured', () => {
    expect(readOptions(['throughput', '--seconds', '2', '--json'])).toMatchObject({
      seconds: 2,
      rounds: 1,
      json: true,
    });
  });

  test.each([[[]], [['nothing']], [['throughput', 'latency']], [['throughput', '--seconds', '0']], [['growth', '-x']]])(
    'refuse %j and tell what there is',
    (args) => {
      expect(() => readOptions(args)).toThrow(UsageError);
      expect(() => readOptions(args)).toThrow('npm run bench -- SCENARIO');
    },
  );
});

describe('the targets of the bench', () => {
  test('belong to scenarios that there are, and every scenario has some', () => {
    expect(Object.keys(TARGETS).sort()).toEqual(Object.keys(SCENARIOS).sort());
  });

  test('are met or missed by the figure of their name, also below a rate', () => {
    const verdicts = judge('latency', { rates: { 50: { ratio_floor_p95: 1.9 }, 200: { ratio_floor_p95: 2.1 } } });

    expect(verdicts.map(({ figure, isMet }) => [figure, isMet])).toEqual([
      ['rates.50.ratio_floor_p95', true],
      ['rates.200.ratio_floor_p95', false],
      // What was not measured is not met.
      ['rates.1000.ratio_floor_p95', false],
      ['rates.200.receive_p95_ms', false],
      ['rates.200.accept_p95_ms', false],
    ]);
  });
});

describe('the numbers of the bench', () => {
  test('are medians and quantiles by the nearest rank', () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(quantile([4, 1, 3, 2], 0.95)).toBe(4);
    expect(latencyOf([5, 1])).toEqual({ count: 2, p50: 1, p95: 5, p99: 5 });
    expect(median([])).toBeNaN();
    expect(rounded(1234.567)).toBe(1235);
  });

  test('of rows shrink with the time there is, and grow only on demand', () => {
    const sizes = { usual: 200_000, full: 1_000_000 };
    expect(sizeOf({ full: false, seconds: 30 }, { seconds: 30 }, sizes)).toBe(200_000);
    expect(sizeOf({ full: false, seconds: 3 }, { seconds: 30 }, sizes)).toBe(20_000);
    expect(sizeOf({ full: false, seconds: 300 }, { seconds: 30 }, sizes)).toBe(200_000);
    expect(sizeOf({ full: true, seconds: 3 }, { seconds: 30 }, sizes)).toBe(1_000_000);
  });
});

describe('the events of the bench', () => {
  test('have 512 bytes at every moment, and say when they were to be sent', () => {
    for (const atMs of [0.001, 1234.5, 987_654_321.123]) {
      expect(payloadOf(atMs)).toHaveLength(PAYLOAD_BYTES);
      expect(JSON.parse(payloadOf(atMs))).toMatchObject({ at: atMs });
    }
  });

  test('are whole requests, of each type in turn', () => {
    const write = eventWriter({ path: '/v1/orgs/a/events', authorization: 'Bearer k', types: ['a.b', 'a.longer'] });

    const [first = '', second = '', third = ''] = [write(1), write(2), write(3)];

    for (const request of [first, second, third]) {
      const [head = '', body = ''] = request.split('\r\n\r\n');
      expect(head).toContain(`content-length: ${body.length}`);
      expect(head).toContain('authorization: Bearer k');
    }
    expect(first).toContain('"type":"a.b"');
    expect(second).toContain('"type":"a.longer"');
    expect(third).toContain('"type":"a.b"');
  });
});
