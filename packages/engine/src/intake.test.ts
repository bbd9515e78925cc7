import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  FakeQueue,
  HeldSender,
  NO_THROTTLES,
  openLanes,
  reportOf,
  settled,
} from '../../../test/support/memory/work-fakes.ts';
import { WorkScene } from '../../../test/support/memory/work-scene.ts';
import { until } from '../../../test/support/until.ts';
import type { Attempted } from './attempt-delivery.ts';
import type { Claim, DueRef, DueStore, TakeRequest, TakeShare } from './due-work.ts';
import type { IntakeLimits } from './intake.ts';
import { Intake } from './intake.ts';
import type { SendRequest } from './sending.ts';

const LIMITS = { total: 4, perWebhook: 2, takeBatch: 10 };

function limitsOf({ takeBatch, ...lanes }: typeof LIMITS): IntakeLimits {
  return { lanes: openLanes(lanes), throttling: NO_THROTTLES, takeBatch };
}

interface Worker {
  intake: Intake;
  scene: WorkScene;
  sender: HeldSender;
  attempted: Attempted[];
  faults: Array<{ error: unknown; claim: Claim | null }>;
}

async function newWorker(limits: Partial<typeof LIMITS> = {}, due: Partial<DueStore> = {}): Promise<Worker> {
  const scene = await WorkScene.open();
  const sender = new HeldSender();
  const attempted: Attempted[] = [];
  const faults: Worker['faults'] = [];
  const intake = new Intake(
    {
      due: overlaid(scene.world.due, due),
      queue: new FakeQueue(),
      sender,
      random: () => 0.5,
      observe: (one) => attempted.push(one),
      onFault: (error, claim) => faults.push({ error, claim }),
    },
    limitsOf({ ...LIMITS, ...limits }),
  );
  return { intake, scene, sender, attempted, faults };
}

describe('work that the queue announces', () => {
  it('is attempted in a slot, and the slot is free again after it', async () => {
    const { intake, scene, sender, attempted } = await newWorker();
    await intake.receive(await scene.due(await scene.newWebhook()));
    expect([intake.inFlight, sender.held.length]).toEqual([1, 1]);
    sender.answerAll();
    await settled();
    expect([intake.inFlight, scene.undone, attempted.length]).toEqual([0, 0, 1]);
  });

  it('is not attempted twice, however often it is announced', async () => {
    const { intake, scene, sender } = await newWorker();
    const ref = await scene.due(await scene.newWebhook());
    await Promise.all([intake.receive(ref), intake.receive(ref)]);
    expect([intake.inFlight, sender.held.length]).toEqual([1, 1]);
  });

  it('waits for a slot while the worker is full', async () => {
    const { intake, scene, sender } = await newWorker({ total: 1 });
    const webhookId = await scene.newWebhook();
    await intake.receive(await scene.due(webhookId));
    const second = await scene.due(await scene.newWebhook());
    const received = intake.receive(second);
    await settled();
    expect(sender.heldFor(second.webhookId)).toHaveLength(0);
    sender.answerAll();
    await received;
    expect(sender.heldFor(second.webhookId)).toHaveLength(1);
  });

  it('of a webhook that hangs holds its lane and nothing else', async () => {
    const { intake, scene, sender } = await newWorker();
    const [hanging, fine] = [await scene.newWebhook(), await scene.newWebhook()];
    for (const ref of await scene.dueTimes(10, hanging)) await intake.receive(ref);
    for (const ref of await scene.dueTimes(10, fine)) {
      await intake.receive(ref);
      for (const request of sender.heldFor(fine)) request.answer();
      await settled();
    }
    expect([sender.heldFor(hanging).length, scene.undone]).toEqual([LIMITS.perWebhook, 10]);
  });

  it('is not held up by a webhook that hangs and stands before it in line', async () => {
    const { intake, scene, sender } = await newWorker({ total: 2, perWebhook: 1 });
    const [hanging, other, third] = [await scene.newWebhook(), await scene.newWebhook(), await scene.newWebhook()];
    await intake.receive(await scene.due(hanging));
    await intake.receive(await scene.due(other));
    const inLine = [intake.receive(await scene.due(hanging)), intake.receive(await scene.due(third))];
    for (const request of sender.heldFor(other)) request.answer();
    await Promise.all(inLine);
    expect(sender.heldFor(third)).toHaveLength(1);
  });

  it('leaves the lane it entered, also when the job names another webhook than the delivery', async () => {
    const { intake, scene, sender } = await newWorker({ perWebhook: 1 });
    const [own, other] = [await scene.newWebhook(), await scene.newWebhook()];
    await intake.receive({ ...(await scene.due(own)), webhookId: other });
    sender.answerAll();
    await settled();
    for (const webhookId of [own, other]) await intake.receive(await scene.due(webhookId));
    expect(sender.held.map((request) => request.webhookId)).toEqual([own, other]);
  });
});

describe('work that finds its lane full', () => {
  it('is admitted as the lane empties, without the queue', async () => {
    const { intake, scene, sender } = await newWorker();
    const webhookId = await scene.newWebhook();
    for (let i = 0; i < 9; i++) await intake.receive(await scene.due(webhookId, { queued: true }));
    await answerUntilDone({ scene, sender });
    expect(scene.undone).toBe(0);
  });

  it('is admitted while a part of the lane hangs', async () => {
    const { intake, scene, sender } = await newWorker();
    for (const ref of await scene.dueTimes(3, await scene.newWebhook())) await intake.receive(ref);
    const [hanging] = sender.held;
    sender.held[1]?.answer();
    await settled();
    expect(sender.held).toEqual([hanging, expect.anything()]);
  });

  it('is taken in quarters of a lane, not by one statement for each slot', async () => {
    let statements = 0;
    const { intake, scene, sender } = await newWorker(
      { total: 32, perWebhook: 16 },
      {
        takeShares(shares) {
          statements++;
          return scene.world.due.takeShares(shares);
        },
      },
    );
    for (const ref of await scene.dueTimes(40, await scene.newWebhook())) await intake.receive(ref);
    await answerUntilDone({ scene, sender });
    expect(scene.undone).toBe(0);
    expect(statements).toBeLessThanOrEqual(24 / 4 + 1);
  });

  it('is admitted even if the webhook whose turn it was had nothing left', async () => {
    const { intake, scene, sender } = await newWorker({ total: 3, perWebhook: 1 });
    const [first, second] = [await scene.newWebhook(), await scene.newWebhook()];
    for (const ref of [await scene.due(first), await scene.due(second)]) await intake.receive(ref);
    const elsewhere = await scene.due(first);
    for (const ref of [elsewhere, await scene.due(second)]) await intake.receive(ref);
    await scene.claimed(elsewhere);
    sender.answerAll();
    await settled();
    expect(sender.heldFor(second)).toHaveLength(1);
  });

  it('is asked for by one statement after the other, however many slots come free', async () => {
    let underWay = 0;
    let most = 0;
    const { intake, scene, sender } = await newWorker(
      { total: 8, perWebhook: 2 },
      {
        async takeShares(shares) {
          underWay++;
          most = Math.max(most, underWay);
          await settled();
          underWay--;
          return scene.world.due.takeShares(shares);
        },
      },
    );
    for (let i = 0; i < 3; i++) {
      for (const ref of await scene.dueTimes(4, await scene.newWebhook())) await intake.receive(ref);
    }
    sender.answerAll();
    while (sender.held.length < 6) await settled();
    expect(most).toBe(1);
  });

  it('is tried again at the next slot when the store fails', async () => {
    let fails = true;
    const { intake, scene, sender, faults } = await newWorker(
      { perWebhook: 1 },
      {
        async takeShares(shares) {
          if (fails) throw new Error('no connection');
          return scene.world.due.takeShares(shares);
        },
      },
    );
    const webhookId = await scene.newWebhook();
    for (const ref of await scene.dueTimes(2, webhookId)) await intake.receive(ref);
    sender.answerAll();
    await settled();
    expect(faults).toEqual([{ error: new Error('no connection'), claim: null }]);
    expect([intake.inFlight, scene.undone]).toEqual([0, 1]);

    fails = false;
    await intake.receive(await scene.due(await scene.newWebhook()));
    sender.answerAll();
    await settled();
    expect(sender.heldFor(webhookId)).toHaveLength(1);
  });
});

describe('work that is taken from the store', () => {
  it('fills the free slots, lane by lane', async () => {
    const { intake, scene, sender } = await newWorker();
    const webhooks = [await scene.newWebhook(), await scene.newWebhook(), await scene.newWebhook()];
    for (const webhookId of webhooks) await scene.dueTimes(1, webhookId);
    expect(await intake.take(true)).toBe('idle');
    expect([intake.inFlight, sender.held.length]).toEqual([3, 3]);
  });

  it('is taken in batches, until one is not full', async () => {
    const { intake, scene } = await newWorker({ total: 10, perWebhook: 10, takeBatch: 2 });
    await scene.dueTimes(3, await scene.newWebhook());
    expect([await intake.take(true), intake.inFlight]).toEqual(['again', 2]);
    await takeAll(intake);
    expect(intake.inFlight).toBe(3);
  });

  it('is left to the queue where the queue has it', async () => {
    const { intake, scene } = await newWorker();
    await scene.due(await scene.newWebhook(), { queued: true });
    await intake.take(false);
    expect(intake.inFlight).toBe(0);
    await intake.take(true);
    expect(intake.inFlight).toBe(1);
  });

  it('goes back, due at once, where it is more than a lane takes', async () => {
    const { intake, scene } = await newWorker();
    const refs = await scene.dueTimes(4, await scene.newWebhook());
    await intake.take(true);
    expect(intake.inFlight).toBe(LIMITS.perWebhook);
    const claims = await Promise.all(refs.map((ref) => scene.world.due.claim(ref)));
    expect(claims.filter((claim) => claim !== null)).toHaveLength(2);
  });

  it('and went back is admitted as the lane empties', async () => {
    const { intake, scene, sender } = await newWorker();
    await scene.dueTimes(4, await scene.newWebhook());
    expect(await intake.take(true)).toBe('again');
    await answerUntilDone({ scene, sender });
    expect(scene.undone).toBe(0);
  });

  it('leaves out lanes that are full, and comes back to them when they empty', async () => {
    const { intake, scene, sender } = await newWorker();
    const [busy, other] = [await scene.newWebhook(), await scene.newWebhook()];
    for (const ref of await scene.dueTimes(2, busy)) await intake.receive(ref);
    await scene.dueTimes(3, busy);
    await scene.due(other);
    await takeAll(intake);
    expect([sender.heldFor(busy).length, sender.heldFor(other).length]).toEqual([2, 1]);
    await answerUntilDone({ scene, sender });
    expect(scene.undone).toBe(0);
  });

  it('is begun as slots come free, after there was none', async () => {
    const { intake, scene, sender } = await newWorker({ total: 1 });
    await scene.dueTimes(2, await scene.newWebhook());
    await takeAll(intake);
    expect([intake.inFlight, intake.isBehind]).toEqual([1, true]);
    sender.answerAll();
    await settled();
    expect(intake.inFlight).toBe(1);
    sender.answerAll();
    await settled();
    expect([intake.inFlight, scene.undone]).toEqual([0, 0]);
    for (let turn = 0; turn < 3; turn++) await takeAll(intake);
    expect(intake.isBehind).toBe(false);
  });

  it('gets its share of the slots beside webhooks with a long backlog', async () => {
    const { intake, scene, sender } = await newWorker();
    const [busy, busier, late] = [await scene.newWebhook(), await scene.newWebhook(), await scene.newWebhook()];
    for (const webhookId of [busy, busier]) await scene.dueTimes(50, webhookId);
    await takeAll(intake);
    await scene.due(late);
    for (let answers = 0; answers < 10 && sender.heldFor(late).length === 0; answers++) {
      await takeAll(intake);
      sender.held[0]?.answer();
      await settled();
    }
    expect(sender.heldFor(late)).toHaveLength(1);
  });

  it('gives the slots back when the store fails', async () => {
    let fails = true;
    const { intake, scene } = await newWorker(
      {},
      {
        async take(request) {
          if (fails) throw new Error('no connection');
          return scene.world.due.take(request);
        },
      },
    );
    for (let i = 0; i < LIMITS.total; i++) await scene.due(await scene.newWebhook());
    await expect(intake.take(true)).rejects.toThrow('no connection');
    fails = false;
    await intake.take(true);
    expect(intake.inFlight).toBe(LIMITS.total);
  });
});

describe('what its user allows a webhook', () => {
  it('is not exceeded, not even by the first attempts, whose claims tell of it', async () => {
    const { intake, scene, sender } = await newWorker();
    const webhookId = await scene.newWebhook();
    scene.world.rows.webhook(webhookId).limits = { maxInFlight: 1, perSecond: null };
    await Promise.all((await scene.dueTimes(5, webhookId)).map((ref) => intake.receive(ref)));
    await settled();
    expect(sender.held).toHaveLength(1);
    for (let left = 5; left > 0; left--) {
      expect([sender.held.length, scene.undone]).toEqual([1, left]);
      sender.answerAll();
      await settled();
    }
    expect([intake.inFlight, scene.undone]).toEqual([0, 0]);
  });

  it('of a second goes on with time, and costs no attempt', async () => {
    const { intake, scene, sender, attempted } = await newWorker();
    const webhookId = await scene.newWebhook();
    scene.world.rows.webhook(webhookId).limits = { maxInFlight: null, perSecond: 50 };
    for (const ref of await scene.dueTimes(20, webhookId)) await intake.receive(ref);
    const startedMs = performance.now();
    await until(
      async () => {
        await intake.admit();
        sender.answerAll();
        await settled();
        return scene.undone === 0;
      },
      { what: 'all to be delivered' },
    );
    // Twelve at once, and fifty a second after that.
    expect(performance.now() - startedMs).toBeGreaterThan(140);
    expect(attempted.map(({ claim }) => claim.attempt)).toEqual(Array.from({ length: 20 }, () => 1));
  });
});

describe('a fault of our own', () => {
  it('in recording an attempt frees the slot and is told with the claim', async () => {
    const { intake, scene, sender, faults } = await newWorker(
      { total: 1 },
      { record: () => Promise.reject(new Error('disk full')) },
    );
    const ref = await scene.due(await scene.newWebhook());
    await intake.receive(ref);
    sender.answerAll();
    await settled();
    expect(faults).toMatchObject([{ error: new Error('disk full'), claim: { deliveryId: ref.deliveryId } }]);
    expect([intake.inFlight, scene.undone]).toEqual([0, 1]);
    await intake.receive(await scene.due(await scene.newWebhook()));
    expect(intake.inFlight).toBe(1);
  });

  it('in claiming frees the slot and is the caller’s to know', async () => {
    const { intake, scene } = await newWorker({}, { claim: () => Promise.reject(new Error('no connection')) });
    await expect(intake.receive(await scene.due(await scene.newWebhook()))).rejects.toThrow('no connection');
    expect(intake.inFlight).toBe(0);
  });
});

describe('stopping', () => {
  it('waits for the attempts under way and their records', async () => {
    const { intake, scene, sender } = await newWorker();
    await intake.receive(await scene.due(await scene.newWebhook()));
    let stopped = false;
    const stop = intake.stop().then(() => {
      stopped = true;
    });
    await settled();
    expect(stopped).toBe(false);
    sender.answerAll();
    await stop;
    expect(scene.undone).toBe(0);
  });

  it('hands back what waits for a slot, and what arrives later', async () => {
    const { intake, scene, sender } = await newWorker({ total: 1 });
    const queued = { queued: true };
    await intake.receive(await scene.due(await scene.newWebhook(), queued));
    const waiting = await scene.due(await scene.newWebhook(), queued);
    const received = intake.receive(waiting);
    const stop = intake.stop();
    await received;
    const late = await scene.due(await scene.newWebhook(), queued);
    await intake.receive(late);
    const relayed = await scene.world.due.relay(10);
    expect(relayed.map((ref) => ref.deliveryId)).toEqual([waiting.deliveryId, late.deliveryId]);
    expect(sender.held).toHaveLength(1);
    sender.answerAll();
    await stop;
  });

  it('asks the store for no work that is parked', async () => {
    let statements = 0;
    const { intake, scene, sender } = await newWorker(
      { total: 2, perWebhook: 1 },
      {
        async takeShares() {
          statements++;
          return [];
        },
      },
    );
    const [parked, other] = [await scene.newWebhook(), await scene.newWebhook()];
    for (const ref of await scene.dueTimes(2, parked)) await intake.receive(ref);
    await intake.receive(await scene.due(other));
    const inLine = intake.receive(await scene.due(await scene.newWebhook()));
    for (const request of sender.heldFor(parked)) request.answer();
    await inLine;
    const stop = intake.stop();
    sender.answerAll();
    await stop;
    expect(statements).toBe(0);
  });

  it('takes nothing more, and gives back what it was taking', async () => {
    let arrive = () => {};
    const { intake, scene, sender } = await newWorker(
      {},
      {
        async take(request) {
          const claims = await scene.world.due.take(request);
          await new Promise<void>((resolve) => {
            arrive = resolve;
          });
          return claims;
        },
      },
    );
    const ref = await scene.due(await scene.newWebhook());
    const taking = intake.take(true);
    await settled();
    const stop = intake.stop();
    expect(await scene.world.due.claim(ref)).toBeNull();
    arrive();
    await Promise.all([taking, stop]);
    expect(sender.held).toHaveLength(0);
    expect(await scene.world.due.claim(ref)).not.toBeNull();
    expect(await intake.take(true)).toBe('idle');
  });
});

describe('whatever the order in which everything ends', () => {
  it('the bounds hold, and all that was announced once is delivered without the relay', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), workload(), async (scheduler, load) => {
        const { intake, scene, refs, peaks } = await randomWorker(scheduler, load);
        const received = refs.map((ref) => intake.receive(ref));
        await scheduler.waitIdle();
        await Promise.all(received);
        expect([scene.undone, intake.inFlight]).toEqual([0, 0]);
        expect(peaks.total).toBeLessThanOrEqual(load.total);
        expect(peaks.lane).toBeLessThanOrEqual(load.perWebhook);
      }),
      { numRuns: 120 },
    );
  }, 30_000);

  it('the bounds hold, and all that is in the store is delivered without polling', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), workload(), async (scheduler, load) => {
        const { intake, scene, peaks } = await randomWorker(scheduler, load);
        const taken = takeAll(intake);
        await scheduler.waitIdle();
        await taken;
        expect([scene.undone, intake.inFlight]).toEqual([0, 0]);
        expect(peaks.total).toBeLessThanOrEqual(load.total);
        expect(peaks.lane).toBeLessThanOrEqual(load.perWebhook);
      }),
      { numRuns: 120 },
    );
  }, 30_000);
});

interface Workload {
  total: number;
  perWebhook: number;
  takeBatch: number;
  /** How many events are due, per webhook. */
  backlogs: number[];
}

function workload(): fc.Arbitrary<Workload> {
  return fc.record({
    total: fc.integer({ min: 1, max: 6 }),
    perWebhook: fc.integer({ min: 1, max: 5 }),
    takeBatch: fc.integer({ min: 1, max: 5 }),
    backlogs: fc.array(fc.integer({ min: 1, max: 8 }), { minLength: 1, maxLength: 4 }),
  });
}

/** A worker whose store and receivers answer in the order the scheduler draws. It takes whenever it is told to. */
async function randomWorker(scheduler: fc.Scheduler, load: Workload) {
  const scene = await WorkScene.open();
  const refs: DueRef[] = [];
  for (const count of load.backlogs) refs.push(...(await scene.dueTimes(count, await scene.newWebhook())));
  const { due } = scene.world;
  const peaks = { total: 0, lane: 0 };
  const underWay: string[] = [];
  const answer = scheduler.scheduleFunction(async (_: string) => {});
  const sender = {
    async send({ url }: SendRequest) {
      underWay.push(url);
      peaks.total = Math.max(peaks.total, underWay.length);
      peaks.lane = Math.max(peaks.lane, underWay.filter((one) => one === url).length);
      await answer(url);
      underWay.splice(underWay.indexOf(url), 1);
      return reportOf({ kind: 'accepted', status: 200 }, 10);
    },
  };
  const later = {
    claim: scheduler.scheduleFunction((ref: DueRef) => due.claim(ref)),
    take: scheduler.scheduleFunction((request: TakeRequest) => due.take(request)),
    takeShares: scheduler.scheduleFunction((shares: readonly TakeShare[]) => due.takeShares(shares)),
    waiting: scheduler.scheduleFunction(() => due.waiting()),
    record: scheduler.scheduleFunction((record: Parameters<DueStore['record']>[0]) => due.record(record)),
    release: scheduler.scheduleFunction((claims: readonly Claim[]) => due.release(claims)),
  };
  const intake: Intake = new Intake(
    {
      due: overlaid(due, later),
      queue: new FakeQueue(),
      sender,
      random: () => 0.5,
      observe: () => {},
      onFault: (error) => expect.fail(String(error)),
    },
    limitsOf(load),
  );
  return { intake, scene, refs, peaks };
}

async function takeAll(intake: Intake): Promise<void> {
  while ((await intake.take(true)) === 'again');
  await settled();
}

async function answerUntilDone({ scene, sender }: Pick<Worker, 'scene' | 'sender'>): Promise<void> {
  while (scene.undone > 0 && sender.held.length > 0) {
    sender.held[0]?.answer();
    await settled();
  }
}

function overlaid(due: DueStore, changed: Partial<DueStore>): DueStore {
  return {
    claim: (ref) => due.claim(ref),
    take: (request) => due.take(request),
    takeShares: (shares) => due.takeShares(shares),
    waiting: () => due.waiting(),
    pauses: () => due.pauses(),
    record: (record) => due.record(record),
    release: (claims) => due.release(claims),
    relay: (limit) => due.relay(limit),
    unqueue: (refs) => due.unqueue(refs),
    unqueueAll: () => due.unqueueAll(),
    drainInactive: (limit) => due.drainInactive(limit),
    ...changed,
  };
}
