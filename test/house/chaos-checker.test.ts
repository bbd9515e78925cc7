import { createHash } from 'node:crypto';
import { formatId, uuidV7 } from '@hooklane/domain';
import { describe, expect, it } from 'vitest';
import type { Evidence } from '../chaos/check/evidence.ts';
import { judge } from '../chaos/check/index.ts';
import type { DoneFault } from '../chaos/conductor.ts';
import type { FaultKind } from '../chaos/plan.ts';
import { KINDS } from '../chaos/plan.ts';
import { isFor, planWebhooks } from '../chaos/receivers-plan.ts';
import type { AckedRecord, ProducerRecord, ReceiptRecord, ReceiverRecord } from '../chaos/records.ts';
import type { DeliveryRow, Snapshot } from '../chaos/snapshot.ts';
import type { LoggedAttempt } from '../chaos/worker-log.ts';

/** A run in which all went well, taken apart so that a test can break one thing in it. */
interface Run {
  evidence: Writable<Evidence>;
  producer: ProducerRecord[];
  receiver: ReceiverRecord[];
  database: WritableLists<Snapshot>;
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };
type WritableLists<T> = { -readonly [K in keyof T]: T[K] extends readonly (infer I)[] ? Writable<I>[] : T[K] };

const BEGUN = 1_800_000_000_000;
const EVENTS = 120;

describe('the checker of a chaos run', () => {
  it('finds nothing in a run in which all went well', () => {
    expect(brokenIn(goodRun())).toEqual([]);
  });

  /** What is broken, and where it must show; first where it must, then where it may show besides. */
  it.each<[string, string[], (run: Run) => void]>([
    [
      'an acknowledged event that is gone',
      ['I1'],
      ({ database }) => void database.deliveries.splice(indexOf(database, 'everything'), 1),
    ],
    [
      'a promised delivery that was discarded',
      ['I1'],
      ({ database }) => Object.assign(deliveryTo(database, 'everything'), { state: 'discarded' }),
    ],
    [
      'a delivery that is still pending',
      ['I1'],
      ({ database }) => {
        const row = deliveryTo(database, 'everything');
        row.state = 'pending';
        database.due.push({ delivery_id: row.id });
      },
    ],
    [
      'an acknowledgement that names too few webhooks',
      ['I1'],
      ({ producer }) => Object.assign(firstOf(producer, 'acked'), { deliveries: 1 }),
    ],
    [
      'a delivery that is called delivered and never arrived',
      ['I1', 'I2', 'I6'],
      ({ receiver }) => {
        const { id } = firstReceipt(receiver, 'everything');
        const mine = (record: ReceiverRecord) =>
          record.kind === 'receipt' && record.webhook === 'everything' && record.id === id;
        receiver.splice(0, receiver.length, ...receiver.filter((record) => !mine(record)));
      },
    ],
    [
      'a diverted event that could have been tried again',
      ['I2', 'I6'],
      ({ receiver }) => {
        const n = receiver.findIndex((record) => record.kind === 'receipt' && record.webhook === 'hanging');
        receiver.splice(n, 1);
      },
    ],
    [
      'a record of somebody who had lost the claim',
      ['I2'],
      ({ evidence, receiver }) => {
        const attempt = { attempt: 1, outcome: 'timed-out', durationMs: 1_000 } as const;
        evidence.logged = [
          loggedOf(firstReceipt(receiver, 'flaky'), { ...attempt, claimNo: 1, recorded: true }),
          loggedOf(firstReceipt(receiver, 'flaky'), { ...attempt, claimNo: 2, recorded: false }),
        ];
      },
    ],
    [
      'a body that nobody published',
      ['I3'],
      ({ receiver }) => {
        const stray = firstReceipt(receiver, 'everything');
        receiver.push({ ...stray, seq: 9_999, id: formatId('evt', uuid(9_999)), sha: shaOf('stray') });
      },
    ],
    [
      'an event under the id of another',
      ['I3', 'I1', 'I2', 'I4', 'I5', 'I6'],
      ({ receiver }) => {
        const [one, other] = receiver.filter((record) => record.kind === 'receipt' && record.webhook === 'everything');
        if (other !== undefined) Object.assign(other, { id: (one as ReceiptRecord).id });
      },
    ],
    [
      'an accepted event that comes again without a fault',
      ['I4', 'I6'],
      ({ receiver }) => {
        const first = firstReceipt(receiver, 'everything');
        receiver.push({ ...first, seq: 9_999, t: first.t + 400 });
      },
    ],
    [
      'a signature that is wrong',
      ['I5'],
      ({ receiver }) => Object.assign(firstReceipt(receiver, 'steady'), { genuine: false }),
    ],
    [
      'a timestamp of another time',
      ['I5'],
      ({ receiver }) => Object.assign(firstReceipt(receiver, 'steady'), { stampedAt: BEGUN - 60_000 }),
    ],
    [
      'a retry that comes too soon',
      ['I6'],
      ({ receiver }) => {
        const [first, second] = receiver.filter((record) => record.kind === 'receipt' && record.webhook === 'flaky');
        if (second !== undefined) Object.assign(second, { t: (first as ReceiptRecord).t + 100 });
      },
    ],
    [
      'a retry that comes too late',
      ['I6'],
      ({ receiver }) => {
        const [first, second] = receiver.filter((record) => record.kind === 'receipt' && record.webhook === 'flaky');
        const t = (first as ReceiptRecord).t + 8_000;
        if (second !== undefined) Object.assign(second, { t, stampedAt: t });
      },
    ],
    [
      'attempts on record that were not made',
      ['I6'],
      ({ database }) => Object.assign(deliveryTo(database, 'flaky'), { attempts: 3 }),
    ],
    [
      'an attempt that was counted twice in the middle of a fault',
      ['I6'],
      ({ database, evidence }) => {
        Object.assign(deliveryTo(database, 'flaky'), { attempts: 3 });
        evidence.faults = [fault({ startedAt: BEGUN, endedAt: BEGUN + 20_000 })];
        evidence.planned = 1;
      },
    ],
    [
      'a request to a suspended webhook',
      ['I7'],
      ({ database, receiver }) => {
        const last = receiver.filter((record) => record.kind === 'receipt' && record.webhook === 'everything').at(-1);
        const row = database.webhooks.find(({ id }) => id === webhookUuid('everything'));
        if (row !== undefined) row.suspended_at = (last as ReceiptRecord).t - 3_000;
      },
    ],
    [
      'a diverted event with another payload',
      ['I8'],
      ({ database }) => Object.assign(database.diverted[0] ?? {}, { sha: shaOf('stray') }),
    ],
    [
      'a mended receiver whose events are still set aside',
      ['I8', 'I2', 'I9'],
      ({ database }) => {
        const row = deliveryTo(database, 'broken');
        row.state = 'diverted';
        const sha = database.events.find(({ id }) => id === row.event_id)?.sha ?? null;
        database.diverted.push({ webhook_id: row.webhook_id, event_id: row.event_id, delivery_id: uuid(5), sha });
      },
    ],
    ['a diverted event without its row', ['I9'], ({ database }) => void database.diverted.pop()],
    [
      'tables that disagreed in the middle of the run',
      ['I9'],
      ({ evidence }) => {
        evidence.imbalances = ['1 pending that are not due'];
      },
    ],
    [
      'a reaper that told of nothing it compared',
      ['I9'],
      ({ evidence }) => {
        evidence.told = { ...evidence.told, compared: 0 };
      },
    ],
    [
      'a metric that told of a mismatch',
      ['I9'],
      ({ evidence }) => {
        evidence.told = { ...evidence.told, mismatch: 1 };
      },
    ],
    [
      'a process whose metrics nobody could read',
      ['I9'],
      ({ evidence }) => {
        evidence.told = { ...evidence.told, scrapes: { ...evidence.told.scrapes, reaper: 0 } };
      },
    ],
    [
      'an event that is stored twice',
      ['I10'],
      ({ database }) => void database.events.push({ ...(database.events[0] ?? never()), id: uuid(7_777) }),
    ],
    [
      'another answer to the same request',
      ['I10'],
      ({ producer }) =>
        void producer.push({ kind: 'again', n: 0, same: true, status: 202, eventId: formatId('evt', uuid(7_777)) }),
    ],
    [
      'a key that took a second body',
      ['I10'],
      ({ producer }) => void producer.push({ kind: 'again', n: 0, same: false, status: 202, eventId: null }),
    ],
    [
      'an event that was refused',
      ['I10'],
      ({ producer }) => void producer.push({ kind: 'refused', n: 0, status: 422, code: 'invalid_field' }),
    ],
    [
      'healthy webhooks that wait for the others',
      ['I11'],
      ({ evidence, receiver }) => {
        for (const record of receiver) {
          const isLate = record.kind === 'receipt' && record.webhook === 'steady' && record.t > evidence.calmUntil;
          if (isLate) Object.assign(record, { t: record.t + 2_500, stampedAt: record.stampedAt + 2_500 });
        }
      },
    ],
    [
      'a log that grows',
      ['I12'],
      ({ database }) => {
        const webhook_id = webhookUuid('steady');
        database.attempts.push(...Array.from({ length: 101 }, () => ({ webhook_id, started_at: BEGUN })));
      },
    ],
    [
      'a payload that is gone before its time',
      ['I12', 'I3', 'I8', 'I10'],
      ({ database }) => {
        const kept = database.diverted[0]?.event_id;
        database.events.splice(0, database.events.length, ...database.events.filter(({ id }) => id !== kept));
      },
    ],
    [
      'a backlog that does not drain',
      ['I13'],
      ({ evidence }) => {
        evidence.faults = [fault({})];
        evidence.planned = 1;
        evidence.samples = [{ t: BEGUN + 50_000, oldestDueAt: BEGUN, idle: 0.5 }];
      },
    ],
    [
      'a process that ended by itself',
      ['I13'],
      ({ evidence }) => {
        evidence.ownEnds = ['worker-1 ended by itself (1)'];
      },
    ],
    [
      'a secret in a log',
      ['I14'],
      ({ evidence }) => {
        evidence.leaks = ['a secret in worker-1.log'];
      },
    ],
    [
      'a secret in Postgres',
      ['I14'],
      ({ database }) => {
        database.leaks = ['1 rows of attempts'] as never;
      },
    ],
    [
      'a fault whose effect was not seen',
      ['I15'],
      ({ evidence }) => {
        evidence.faults = [fault({ failure: 'not seen' })];
        evidence.planned = 1;
        evidence.samples = [{ t: BEGUN + 50_000, oldestDueAt: null, idle: 0.5 }];
      },
    ],
    [
      'a fault that never came',
      ['I15'],
      ({ evidence }) => {
        evidence.planned = 1;
      },
    ],
    [
      'a minute in which nothing happened',
      ['I15'],
      ({ evidence }) => {
        evidence.seconds = 60;
      },
    ],
  ])('sees %s', (_, ids, breakIt) => {
    const run = goodRun();
    breakIt(run);
    expect(brokenIn(run)).toContain(ids[0]);
    expect(ids).toEqual(expect.arrayContaining(brokenIn(run)));
  });

  it('takes a duplicate for granted where a worker was killed, and counts it', () => {
    const run = goodRun();
    const first = firstReceipt(run.receiver, 'everything');
    run.receiver.push({ ...first, seq: 9_999, t: first.t + 2_200, stampedAt: first.t + 2_200 });
    run.evidence.faults = [fault({ kind: 'worker_kill', startedAt: first.t, endedAt: first.t + 500 })];
    run.evidence.planned = 1;
    run.evidence.samples = [{ t: first.t + 3_000, oldestDueAt: null, idle: 0.5 }];

    expect(brokenIn(run)).toEqual([]);
    expect(judgeRun(run).figures).toMatchObject({ duplicates: 1, lost: 0, phantom: 0, faults: { worker_kill: 1 } });
  });

  describe('when an accepted event comes again, believes a worker that', () => {
    /** The event came at 10 ms and again at 1,400 ms. */
    function cameAgain(line: Partial<LoggedAttempt>, more: Partial<LoggedAttempt>[] = []): string[] {
      const run = goodRun();
      const first = firstReceipt(run.receiver, 'everything');
      run.receiver.push({ ...first, seq: 9_999, t: first.t + 1_390, stampedAt: first.t + 1_390 });
      deliveryTo(run.database, 'everything').attempts = 2;
      run.evidence.logged = [line, ...more].map((given) => loggedOf(first, given));
      return brokenIn(run).filter((id) => id === 'I4');
    }

    it('waited for the answer until the deadline', () => {
      expect(cameAgain({ outcome: 'timed-out', durationMs: 1_003 })).toEqual([]);
      expect(cameAgain({ outcome: 'timed-out', durationMs: 400 })).toEqual(['I4']);
      expect(cameAgain({ outcome: 'accepted', durationMs: 1_003 })).toEqual(['I4']);
      expect(cameAgain({ outcome: 'timed-out', durationMs: 1_003, t: BEGUN - 5_000 })).toEqual(['I4']);
    });

    it('lost the claim to another one', () => {
      const lost = { recorded: false, claimNo: 1 };
      expect(cameAgain(lost, [{ claimNo: 2 }])).toEqual([]);
      expect(cameAgain(lost)).toEqual(['I4']);
      expect(cameAgain({ ...lost, claimNo: 2 }, [{ claimNo: 1 }])).toEqual(['I4']);
    });

    it('says so of one request in a hundred, and no more', () => {
      const run = goodRun();
      const all = run.receiver.filter((record) => record.kind === 'receipt' && record.webhook === 'everything');
      for (const first of all.slice(0, 5) as ReceiptRecord[]) {
        run.receiver.push({ ...first, seq: first.seq + 10_000, t: first.t + 1_400, stampedAt: first.t + 1_400 });
        run.evidence.logged = [...run.evidence.logged, loggedOf(first, { outcome: 'timed-out', durationMs: 1_003 })];
      }
      expect(run.receiver.length).toBeLessThan(500);
      expect(judgeRun(run).invariants.find(({ id }) => id === 'I4')?.detail).toMatch(
        /more than \d by what workers say/,
      );
    });
  });

  it('leaves out of isolation what a fault kept from arriving in time, and nothing else', () => {
    const lateBy = (run: Run, ms: number) => {
      const record = run.receiver.findLast(
        (one) => one.kind === 'receipt' && one.webhook === 'steady',
      ) as ReceiptRecord;
      const acked = record.t;
      Object.assign(record, { t: record.t + ms, stampedAt: record.stampedAt + ms });
      run.evidence.planned = 1;
      return acked;
    };
    const [soon, late] = [goodRun(), goodRun()];
    soon.evidence.faults = [fault({ startedAt: lateBy(soon, 9_000) + 1_900 })];
    late.evidence.faults = [fault({ startedAt: lateBy(late, 9_000) + 2_100 })];
    expect(brokenIn(soon)).not.toContain('I11');
    expect(brokenIn(late)).toContain('I11');
  });

  it('says when it cannot judge isolation, and lets no run of a minute pass so', () => {
    const run = goodRun();
    run.evidence.samples = run.evidence.samples.map((sample) => ({ ...sample, idle: 0 }));
    for (const record of run.receiver) {
      const isLate = record.kind === 'receipt' && record.webhook === 'steady' && record.t > run.evidence.calmUntil;
      if (isLate) Object.assign(record, { t: record.t + 2_500, stampedAt: record.stampedAt + 2_500 });
    }
    expect(brokenIn(run)).toEqual([]);
    expect(judgeRun(run).invariants.find(({ id }) => id === 'I11')).toMatchObject({ judged: false });

    run.evidence.seconds = 60;
    const vacuous = judgeRun(run).invariants.find(({ id }) => id === 'I15');
    expect(vacuous?.detail).toContain('isolation could not be judged');
  });

  it('excuses a busy machine, where that is asked for, from what depends on time and from nothing else', () => {
    const slow = (run: Run) => {
      const [first, second] = run.receiver.filter((one) => one.kind === 'receipt' && one.webhook === 'flaky');
      const t = (first as ReceiptRecord).t + 8_000;
      Object.assign(second ?? never(), { t, stampedAt: t });
      run.evidence.allowsBusy = true;
      return run;
    };
    const idle = slow(goodRun());
    expect(brokenIn(idle)).toEqual(['I6']);

    const busy = slow(goodRun());
    busy.evidence.samples = busy.evidence.samples.map((sample) => ({ ...sample, idle: 0 }));
    expect(brokenIn(busy)).toEqual([]);
    expect(judgeRun(busy).invariants.find(({ id }) => id === 'I6')).toMatchObject({ judged: false });

    busy.database.deliveries.splice(indexOf(busy.database, 'everything'), 1);
    expect(brokenIn(busy)).toEqual(['I1']);
  });

  it('measures recovery from the moment at which no fault was on any more', () => {
    const run = goodRun();
    run.evidence.faults = [
      fault({ startedAt: BEGUN + 10_000, endedAt: BEGUN + 12_000 }),
      fault({ startedAt: BEGUN + 11_000, endedAt: BEGUN + 13_000, kind: 'api_kill' }),
    ];
    run.evidence.planned = 2;
    run.evidence.samples = [
      { t: BEGUN + 12_500, oldestDueAt: null, idle: 0.5 },
      { t: BEGUN + 13_200, oldestDueAt: BEGUN + 12_900, idle: 0.5 },
      { t: BEGUN + 14_400, oldestDueAt: BEGUN + 14_000, idle: 0.5 },
    ];

    expect(judgeRun(run).figures.worst_recovery_ms).toBe(1_400);
  });
});

function judgeRun({ evidence, ...parts }: Run) {
  return judge({ ...evidence, ...parts });
}

function brokenIn(run: Run): string[] {
  return judgeRun(run)
    .invariants.filter(({ holds }) => !holds)
    .map(({ id }) => id);
}

const WEBHOOKS = planWebhooks(1, { authorization: 'a', apiKey: 'b' }).map((webhook, n) => ({
  ...webhook,
  uuid: uuid(50_000 + n),
}));
const TYPES = ['order.paid', 'order.paid', 'invoice.sent', 'bad.luck', 'tar.pit', 'quiet.night'];

/** One event every 100 ms; in the first half, which is calm, only for healthy receivers. */
function goodRun(): Run {
  const producer: ProducerRecord[] = [];
  const receiver: ReceiverRecord[] = [];
  const webhooks = WEBHOOKS.map(({ uuid: id }) => ({ id, suspended_at: null }));
  const database: Run['database'] = {
    events: [],
    deliveries: [],
    due: [],
    diverted: [],
    attempts: [],
    webhooks,
    leaks: [],
  };
  for (let n = 0; n < EVENTS; n++) publish(n, { producer, receiver, database });
  const evidence: Run['evidence'] = {
    seconds: 12,
    allowsBusy: false,
    begunAt: BEGUN,
    calmUntil: BEGUN + (EVENTS / 2) * 100,
    planned: 0,
    kinds: Object.keys(KINDS) as FaultKind[],
    faults: [],
    webhooks: WEBHOOKS,
    producer,
    receiver,
    database: database as Snapshot,
    samples: Array.from({ length: 60 }, (_, second) => ({ t: BEGUN + second * 1_000, oldestDueAt: null, idle: 0.5 })),
    snapshots: 0,
    imbalances: [],
    told: { scrapes: { 'api-1': 1, reaper: 1 }, compared: 1, mismatch: 0 },
    suspensions: [],
    resent: 0,
    logged: [],
    leaks: [],
    ownEnds: [],
  };
  return { evidence, producer, receiver, database };
}

function publish(n: number, { producer, receiver, database }: Omit<Run, 'evidence'>): void {
  const type = (n < EVENTS / 2 ? 'order.paid' : TYPES[n % TYPES.length]) ?? '';
  const t = BEGUN + n * 100;
  const event = { id: uuid(n), type, sha: shaOf(String(n)) };
  const owed = WEBHOOKS.filter((webhook) => isFor(webhook, type));
  producer.push({ kind: 'sent', n, key: `chaos-${n}`, type, sha: event.sha, t });
  const eventId = formatId('evt', event.id);
  producer.push({ kind: 'acked', n, eventId, deliveries: owed.length, t: t + 5, ambiguous: 0 });
  database.events.push(event);
  for (const [index, { name, uuid: webhook_id }] of owed.entries()) {
    const requests = REQUESTS[name] ?? [[10, 200]];
    for (const [afterMs, answer] of requests) {
      receiver.push({
        kind: 'receipt',
        seq: receiver.length,
        webhook: name,
        id: eventId,
        sha: event.sha,
        genuine: true,
        stampedAt: t + afterMs,
        t: t + afterMs,
        answer,
      });
    }
    const diverted = name === 'hanging';
    const delivery_id = uuid(100_000 + n * 10 + index);
    database.deliveries.push({
      id: delivery_id,
      event_id: event.id,
      webhook_id,
      state: diverted ? 'diverted' : 'delivered',
      reason: diverted ? 'retries_exhausted' : null,
      attempts: requests.length,
      finished_at: t + 3_000,
    });
    if (diverted) database.diverted.push({ webhook_id, event_id: event.id, delivery_id, sha: event.sha });
  }
}

/** When the requests for an event come after it was published, and how they are answered. */
const REQUESTS: Readonly<Record<string, readonly [afterMs: number, answer: ReceiptRecord['answer']][]>> = {
  flaky: [
    [10, 500],
    [320, 200],
  ],
  hanging: [
    [10, 'none'],
    [1_600, 'none'],
  ],
};

function fault(given: Partial<DoneFault>): DoneFault {
  return {
    kind: 'redis_kill',
    target: 'redis',
    startedAt: BEGUN + 40_000,
    endedAt: BEGUN + 41_000,
    failure: null,
    ...given,
  };
}

function loggedOf({ webhook, id, t }: ReceiptRecord, given: Partial<LoggedAttempt>): LoggedAttempt {
  return {
    kind: 'attempt',
    webhook,
    event: id,
    delivery: `dlv of ${id}`,
    attempt: 1,
    claimNo: 1,
    origin: 'event',
    t: t + 1_000,
    outcome: 'accepted',
    durationMs: 5,
    recorded: true,
    ...given,
  };
}

function webhookUuid(name: string): string {
  return WEBHOOKS.find((webhook) => webhook.name === name)?.uuid ?? never();
}

function indexOf({ deliveries }: Run['database'], name: string): number {
  return deliveries.findIndex(({ webhook_id }) => webhook_id === webhookUuid(name));
}

function deliveryTo(database: Run['database'], name: string): Writable<DeliveryRow> {
  return database.deliveries[indexOf(database, name)] ?? never();
}

function firstReceipt(receiver: readonly ReceiverRecord[], name: string): ReceiptRecord {
  return receiver.find((record) => record.kind === 'receipt' && record.webhook === name) as ReceiptRecord;
}

function firstOf(producer: readonly ProducerRecord[], kind: 'acked'): AckedRecord {
  return producer.find((record) => record.kind === kind) as AckedRecord;
}

function shaOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function uuid(n: number): string {
  return uuidV7(BEGUN + n, new Uint8Array(10));
}

function never(): never {
  throw new Error('the run of the test has none');
}
