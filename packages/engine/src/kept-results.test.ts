import { beforeEach, describe, expect, it } from 'vitest';
import { FakeQueue, HeldSender, NO_THROTTLES, openLanes, settled } from '../../../test/support/memory/work-fakes.ts';
import { WorkScene } from '../../../test/support/memory/work-scene.ts';
import type { Attempted } from './attempt-delivery.ts';
import type { AttemptRecord, DueRef, DueStore } from './due-work.ts';
import { Intake } from './intake.ts';
import type { KeepingDueStore, KeptChange } from './kept-results.ts';
import { keepResults, ResultsKeptError } from './kept-results.ts';

class AwayError extends Error {}

let scene: WorkScene;
/** How the store fails; null: it works. */
let failure: Error | null;
/** The store does as it is told, and the answer is lost. */
let losesAnswers: boolean;
/** Calls that reached the store, whether or not it worked. */
let calls: string[];
let changes: KeptChange[];
let endPause: () => void;
let results: KeepingDueStore;
let attempted: Attempted[];
let faults: unknown[];
let intake: Intake;
let sender: HeldSender;
/** Deliveries whose results the store refuses, whether or not it is away. */
let refused: Set<string>;
/** It goes away after one more call. */
let failsNext: boolean;

beforeEach(async () => {
  scene = await WorkScene.open();
  failure = null;
  losesAnswers = false;
  calls = [];
  changes = [];
  attempted = [];
  faults = [];
  sender = new HeldSender();
  refused = new Set();
  failsNext = false;
  results = keepResults({
    due: faltering(scene.world.due),
    isAway: (error) => error instanceof AwayError,
    pause: () =>
      new Promise<void>((resolve) => {
        endPause = resolve;
      }),
    observe: (change) => changes.push(change),
  });
  intake = new Intake(
    {
      due: results,
      queue: new FakeQueue(),
      sender,
      random: () => 0.5,
      observe: (one) => attempted.push(one),
      onFault: (error) => faults.push(error),
    },
    { lanes: openLanes({ total: 5, perWebhook: 5 }), throttling: NO_THROTTLES, takeBatch: 5 },
  );
});

describe('while the store works', () => {
  it('nothing is kept, and every call goes through', async () => {
    await intake.receive(await scene.due(await scene.newWebhook()));
    await answer();
    expect([intake.inFlight, changes, attempted.length]).toEqual([0, [], 1]);
  });

  it('a result that it refuses is a fault, and not kept', async () => {
    const ref = await scene.due(await scene.newWebhook());
    await failWhileInFlight(new TypeError('a bug'), [ref]);
    expect([intake.inFlight, faults.length]).toEqual([0, 1]);
  });
});

describe('a store that goes away while attempts are in flight', () => {
  it('gets their results when it is back, and none is lost', async () => {
    const refs = await scene.dueTimes(3, await scene.newWebhook());
    await failWhileInFlight(new AwayError(), refs);
    expect([intake.inFlight, scene.undone, attempted]).toEqual([3, 3, []]);

    failure = null;
    await pass();

    expect([intake.inFlight, scene.undone, faults]).toEqual([0, 0, []]);
    expect(attempted.map(({ recorded }) => recorded)).toEqual([true, true, true]);
    expect(changes).toEqual([
      { what: 'kept', results: 1 },
      { what: 'written', results: 3 },
    ]);
  });

  it('is asked again with one result, not with all', async () => {
    await failWhileInFlight(new AwayError(), await scene.dueTimes(3, await scene.newWebhook()));
    calls = [];
    await pass();
    await pass();
    expect(calls).toEqual(['record', 'record']);
  });

  it('is not asked for each result that comes meanwhile', async () => {
    await failWhileInFlight(new AwayError(), [await scene.due(await scene.newWebhook())]);
    const claim = await scene.claimed(await scene.due(await scene.newWebhook()));
    calls = [];
    void results.record({ claim, step: { kind: 'delivered' }, sent: null, queued: false });
    await settled();
    expect(calls).toEqual([]);
  });

  it('is asked for nothing new before it has them', async () => {
    const waiting = await scene.due(await scene.newWebhook());
    await failWhileInFlight(new AwayError(), [await scene.due(await scene.newWebhook())]);
    failure = null;
    calls = [];
    const all = { limit: 9, includeQueued: true };
    const calledOff = [results.claim(waiting), results.take(all), results.relay(9), results.drainInactive(9)];
    for (const call of calledOff) await expect(call).rejects.toThrow(ResultsKeptError);
    expect(calls).toEqual([]);
    await pass();
    expect(await results.claim(waiting)).not.toBeNull();
  });

  it('finds the slots of the results taken: the worker begins nothing that it could not keep', async () => {
    const webhookId = await scene.newWebhook();
    await failWhileInFlight(new AwayError(), await scene.dueTimes(5, webhookId));
    expect(intake.inFlight).toBe(5);
    const next = await scene.due(webhookId);
    let isReceived = false;
    void intake.receive(next).then(() => {
      isReceived = true;
    });
    await settled();
    expect([isReceived, intake.inFlight]).toEqual([false, 5]);
  });

  it('may have written what it was asked: then the attempt is logged once, and the worker knows', async () => {
    const ref = await scene.due(await scene.newWebhook());
    losesAnswers = true;
    await intake.receive(ref);
    await answer();
    expect([intake.inFlight, scene.undone]).toEqual([1, 0]);
    losesAnswers = false;
    await pass();
    expect(scene.world.rows.attempts).toHaveLength(1);
    expect(attempted).toMatchObject([{ recorded: true }]);
  });

  it('changes nothing when another worker had the claim meanwhile', async () => {
    const ref = await scene.due(await scene.newWebhook());
    await failWhileInFlight(new AwayError(), [ref]);
    await scene.world.passTime(60_000);
    await scene.claimed(ref);
    failure = null;
    await pass();
    expect([attempted.map(({ recorded }) => recorded), scene.undone]).toEqual([[false], 1]);
    expect(scene.world.rows.attempts).toEqual([]);
  });

  it('and refuses one of the results when it is back gets all the others', async () => {
    const refs = await scene.dueTimes(3, await scene.newWebhook());
    await failWhileInFlight(new AwayError(), refs);
    failure = null;
    refused.add(refs[1]?.deliveryId ?? '');
    await pass();
    expect([intake.inFlight, scene.undone, faults.length]).toEqual([0, 1, 1]);
  });

  it('and goes away again in between keeps what is left for the next time', async () => {
    const refs = await scene.dueTimes(3, await scene.newWebhook());
    await failWhileInFlight(new AwayError(), refs);
    failure = null;
    failsNext = true;
    await pass();
    expect([intake.inFlight, scene.undone]).toEqual([2, 2]);
    failure = null;
    await pass();
    expect([intake.inFlight, scene.undone]).toEqual([0, 0]);
  });

  it('is not waited for once the worker gives up: slots are free, claims lapse', async () => {
    await failWhileInFlight(new AwayError(), await scene.dueTimes(2, await scene.newWebhook()));
    results.giveUp();
    await settled();
    expect([intake.inFlight, intake.inFlight, faults.length]).toEqual([0, 0, 2]);
    expect(changes.at(-1)).toEqual({ what: 'given-up', results: 2 });
  });
});

async function failWhileInFlight(error: Error, refs: readonly DueRef[]): Promise<void> {
  for (const ref of refs) await intake.receive(ref);
  failure = error;
  await answer();
}

async function answer(): Promise<void> {
  sender.answerAll();
  await settled();
}

async function pass(): Promise<void> {
  endPause();
  await settled();
}

/** The memory store, failing as the test says. */
function faltering(due: DueStore): DueStore {
  return new Proxy(due, {
    get(target, key) {
      const call = Reflect.get(target, key, target) as (...given: unknown[]) => Promise<unknown>;
      return async (...given: unknown[]) => {
        calls.push(String(key));
        failOrPass(key, given);
        const answered = await call.apply(target, given);
        if (losesAnswers && key === 'record') throw new AwayError();
        return answered;
      };
    },
  });
}

function failOrPass(key: string | symbol, [record]: unknown[]): void {
  if (failure !== null) throw failure;
  if (key === 'record' && refused.has((record as AttemptRecord).claim.deliveryId)) throw new TypeError('refused');
  if (failsNext) failure = new AwayError();
  failsNext = false;
}
