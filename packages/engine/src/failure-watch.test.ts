import type { OrgId, Origin, Outcome } from '@hooklane/domain';
import { AT_ONCE_MS, asId, FAILING_AT_MOST_MS } from '@hooklane/domain';
import { beforeEach, describe, expect, it } from 'vitest';
import { ACCEPTED, reportOf } from '../../../test/support/memory/work-fakes.ts';
import type { AttemptRecord } from './due-work.ts';
import { FailureWatch, watchFailures } from './failure-watch.ts';

const REFUSED: Outcome = { kind: 'unreachable', code: 'connection_refused' };
const [ACME, GLOBEX] = [asId('org', 'acme'), asId('org', 'globex')];

let nowMs: number;
let changes: string[];
let watch: FailureWatch;
beforeEach(() => {
  nowMs = 1_000_000;
  changes = [];
  const observe = ({ what, failing, working }: { what: string; failing: number; working: number }) =>
    changes.push(`${what} ${failing}/${working}`);
  watch = new FailureWatch({ rule: { minHosts: 3, percent: 50 }, clock: () => nowMs, observe });
});

describe('a watch over failures', () => {
  it('freezes suspensions while many hosts fail at once, and says so once at its beginning and its end', () => {
    note('a', 'b', 'c');
    expect([watch.isFrozen(), watch.isFrozen(), changes]).toEqual([true, true, ['frozen 3/0']]);
    nowMs += 2 * AT_ONCE_MS;
    expect(watch.isFrozen()).toBe(true);
    noteWell('a', 'b', 'c');
    expect([watch.isFrozen(), changes]).toEqual([false, ['frozen 3/0', 'thawed 0/3']]);
  });

  it('counts hosts, not attempts and not webhooks', () => {
    note('a', 'a', 'a', 'b');
    expect(watch.isFrozen()).toBe(false);
  });

  it('takes no notice of those that began to fail one after the other', () => {
    for (const host of ['a', 'b', 'c', 'd']) {
      note(host);
      nowMs += AT_ONCE_MS / 2;
      note(host);
    }
    expect(watch.isFrozen()).toBe(false);
  });

  it('ends by itself when those that fail have done so for a day', () => {
    note('a', 'b', 'c');
    expect(watch.isFrozen()).toBe(true);
    nowMs += FAILING_AT_MOST_MS + 1;
    note('a', 'b', 'c');
    expect(watch.isFrozen()).toBe(false);
  });

  it('is not to be deceived by one org that fails at hosts where others get through', () => {
    for (const host of ['x', 'y', 'z']) watch.note(record(host, ACCEPTED, { orgId: GLOBEX }));
    note('x', 'y', 'z', 'a');
    expect(watch.isFrozen()).toBe(false);
    nowMs += 1;
    for (const host of ['x', 'y', 'z']) watch.note(record(host, ACCEPTED, { orgId: GLOBEX }));
    expect(watch.isFrozen()).toBe(false);
    nowMs += 1;
    for (const host of ['x', 'y', 'z']) watch.note(record(host, REFUSED, { orgId: GLOBEX }));
    expect(watch.isFrozen()).toBe(true);
  });

  it('counts a host that fails for many orgs once', () => {
    for (const org of ['a', 'b', 'c', 'd']) watch.note(record('x', REFUSED, { orgId: asId('org', org) }));
    expect(watch.isFrozen()).toBe(false);
  });

  it('is not to be deceived by one org whose hosts fail while those of others work', () => {
    for (const host of ['x', 'y']) watch.note(record(host, ACCEPTED, { orgId: GLOBEX }));
    note('a', 'b', 'c', 'd', 'e', 'f');
    expect(watch.isFrozen()).toBe(false);
    watch.note(record('x', REFUSED, { orgId: GLOBEX }));
    expect(watch.isFrozen()).toBe(true);
  });

  it('learns nothing from pings, alerts and what was not sent', () => {
    for (const origin of ['ping', 'alert'] as const)
      for (const host of 'abcd') watch.note(record(host, REFUSED, { origin }));
    for (const host of 'abcd') watch.note({ ...record(host, REFUSED), sent: null });
    expect(watch.isFrozen()).toBe(false);
  });

  it('knows of an attempt before it is recorded', async () => {
    const seen: boolean[] = [];
    const store = { record: async () => seen.push(watch.isFrozen()) > 0 };
    const { record: write } = watchFailures(store, watch, NO_RUNS);
    for (const host of ['a', 'b', 'c']) await write(record(host, REFUSED));
    expect(seen).toEqual([false, false, true]);
  });
});

describe('a watch that has just started', () => {
  const MINUTE = 60_000;
  const store = { record: async () => true };

  async function failAll(runs: Record<string, number>): Promise<void> {
    const asked: string[] = [];
    const { record: write } = watchFailures(store, watch, {
      async lastedMs(webhookId) {
        asked.push(webhookId);
        return runs[webhookId] ?? null;
      },
    });
    for (const host of [...Object.keys(runs), ...Object.keys(runs)]) await write(record(host, REFUSED));
    expect(asked).toEqual(Object.keys(runs));
  }

  it('does not take for struck who was broken long before, and asks for each once', async () => {
    await failAll({ a: 10 * MINUTE, b: 60 * MINUTE, c: 300 * MINUTE, d: 2 * FAILING_AT_MOST_MS, e: 3 * MINUTE });
    expect(watch.isFrozen()).toBe(false);
  });

  it('goes on with the freeze of the worker before it: those broken ones began at once', async () => {
    await failAll({ a: 60 * MINUTE, b: 61 * MINUTE, c: 63 * MINUTE });
    expect(watch.isFrozen()).toBe(true);
  });

  it('suspends nobody for half a minute, or until it has heard of enough hosts to tell', async () => {
    await failAll({ a: 60 * MINUTE, b: 200 * MINUTE });
    expect([watch.isFrozen(), watch.withholds()]).toEqual([false, true]);
    noteWell('c');
    expect(watch.withholds()).toBe(false);
  });

  it('and suspends them then, however few hosts there are', async () => {
    await failAll({ a: 60 * MINUTE });
    nowMs += MINUTE;
    expect(watch.withholds()).toBe(false);
  });

  it('has no reason to wait where nothing failed before it', async () => {
    note('a');
    expect(watch.withholds()).toBe(false);
  });

  it('but not for ever: whoever saw the last minutes goes by those', async () => {
    nowMs += AT_ONCE_MS + 1;
    await failAll({ a: 60 * MINUTE, b: 61 * MINUTE, c: 63 * MINUTE });
    expect(watch.isFrozen()).toBe(false);
  });

  it('knows by itself when a host that worked here began to fail', async () => {
    noteWell('a', 'b', 'c');
    const { record: write } = watchFailures(store, watch, { lastedMs: () => Promise.reject(new Error('asked')) });
    for (const host of ['a', 'b', 'c']) await write(record(host, REFUSED));
    expect(watch.isFrozen()).toBe(true);
  });

  it('records what it could not ask about, and asks again at the next failure', async () => {
    const answers = [null, ...'abc'].map((_, n) => (n === 0 ? Promise.reject(new Error('away')) : Promise.resolve(0)));
    const { record: write } = watchFailures(store, watch, { lastedMs: () => answers.shift() ?? Promise.resolve(0) });
    expect(await write(record('a', REFUSED))).toBe(true);
    for (const host of ['b', 'c']) await write(record(host, REFUSED));
    expect(watch.isFrozen()).toBe(false);
    await write(record('a', REFUSED));
    expect(watch.isFrozen()).toBe(true);
  });
});

const NO_RUNS = { lastedMs: async () => null };

function note(...hosts: string[]): void {
  for (const host of hosts) watch.note(record(host, REFUSED));
}

function noteWell(...hosts: string[]): void {
  for (const host of hosts) watch.note(record(host, ACCEPTED));
}

function record(
  host: string,
  outcome: Outcome,
  { origin = 'event', orgId = ACME }: { origin?: Origin; orgId?: OrgId } = {},
): AttemptRecord {
  // Of a claim no more is read than this.
  const claim = { origin, orgId, webhookId: asId('wh', host), destination: { host } } as AttemptRecord['claim'];
  const sent = { report: reportOf(outcome, 1), requestHeaders: {}, startedAtMs: 0, waitedFor: null };
  return { claim, step: { kind: 'retry', delayMs: 1 }, sent, queued: false };
}
