import type { WebhookId } from '@hooklane/domain';
import { beforeEach, describe, expect, it } from 'vitest';
import { FakeQueue, HeldSender, NO_THROTTLES, openLanes, settled } from '../../../test/support/memory/work-fakes.ts';
import { WorkScene } from '../../../test/support/memory/work-scene.ts';
import { Intake } from './intake.ts';
import type { QueueEpoch, RelayPorts } from './relay-due.ts';
import { relayDue } from './relay-due.ts';

let scene: WorkScene;
let queue: FakeQueue;
let intake: Intake;
let ports: RelayPorts;
let webhookId: WebhookId;

beforeEach(async () => {
  scene = await WorkScene.open();
  webhookId = await scene.newWebhook();
  queue = new FakeQueue();
  const { due } = scene.world;
  intake = new Intake(
    {
      due,
      queue,
      sender: new HeldSender(),
      random: () => 0.5,
      observe: () => {},
      onFault: (error) => expect.fail(String(error)),
    },
    { lanes: openLanes({ total: 10, perWebhook: 10 }), throttling: NO_THROTTLES, takeBatch: 5 },
  );
  ports = { due, queue, epoch: null, intake };
});

describe('while the queue takes work', () => {
  it('due work that is neither queued nor claimed goes there, once', async () => {
    const ref = await scene.due(webhookId);
    await scene.due(webhookId, { queued: true });
    expect([await relayDue(ports), await relayDue(ports)]).toEqual(['idle', 'idle']);
    expect(queue.announced).toEqual([{ refs: [ref], delayMs: 0 }]);
    expect(intake.inFlight).toBe(0);
  });

  it('what it refuses is found again at the next turn', async () => {
    const ref = await scene.due(webhookId);
    queue.taken = false;
    expect(await relayDue(ports)).toBe('idle');
    queue.taken = true;
    await relayDue(ports);
    expect(queue.announced.map(({ refs }) => refs)).toEqual([[ref], [ref]]);
  });

  it('a backlog does not go there, but straight into the slots, and it is over when none is left', async () => {
    await scene.dueTimes(26, webhookId);
    expect([await relayDue(ports), intake.isBehind]).toEqual(['again', true]);
    // It looks who waits no more often than a tenth of its time allows: how many turns that is, the machine decides.
    await expect
      .poll(async () => {
        await relayDue(ports);
        await settled();
        return intake.isBehind;
      })
      .toBe(false);
    expect(intake.inFlight).toBe(6);
    await scene.due(webhookId);
    await relayDue(ports);
    expect(queue.announced.map(({ refs }) => refs.length)).toEqual([20, 1]);
  });
});

describe('while the queue is full', () => {
  it('what it does not have goes straight into the slots', async () => {
    queue.state = 'full';
    await scene.due(webhookId);
    await scene.due(webhookId, { queued: true });
    expect(await relayDue(ports)).toBe('idle');
    expect([queue.announced.length, intake.inFlight, scene.undone]).toEqual([0, 1, 2]);
  });
});

describe('while the queue is away', () => {
  it('work goes straight into the slots, also what is marked as queued', async () => {
    queue.state = 'away';
    await scene.due(webhookId);
    await scene.due(webhookId, { queued: true });
    expect(await relayDue(ports)).toBe('idle');
    expect([intake.inFlight, queue.announced.length]).toEqual([2, 0]);
  });

  it('a full batch is followed by the next one at once', async () => {
    queue.state = 'away';
    await scene.dueTimes(6, webhookId);
    expect([await relayDue(ports), await relayDue(ports)]).toEqual(['again', 'idle']);
    await settled();
    expect(intake.inFlight).toBe(6);
  });
});

describe('a queue that lost its data', () => {
  it('is given everything again, and only then counts as intact', async () => {
    const ref = await scene.due(webhookId, { queued: true });
    const order: string[] = [];
    const { due } = scene.world;
    const unqueueAll = async () => {
      order.push('unqueue all');
      await due.unqueueAll();
    };
    await relayDue({ ...ports, due: withUnqueueAll(unqueueAll), epoch: epochOf(false, order) });
    expect(order).toEqual(['unqueue all', 'renew']);
    expect(queue.announced).toEqual([{ refs: [ref], delayMs: 0 }]);
  });

  it('does not count as intact while its work could not be unmarked', async () => {
    const order: string[] = [];
    const failing = withUnqueueAll(() => Promise.reject(new Error('no connection')));
    await expect(relayDue({ ...ports, due: failing, epoch: epochOf(false, order) })).rejects.toThrow('no connection');
    expect(order).toEqual([]);
  });

  it('is none while its epoch is there', async () => {
    await scene.due(webhookId, { queued: true });
    const order: string[] = [];
    await relayDue({ ...ports, epoch: epochOf(true, order) });
    expect([order, queue.announced]).toEqual([[], []]);
  });

  function epochOf(intact: boolean, order: string[]): QueueEpoch {
    return {
      intact: async () => intact,
      renew: async () => {
        order.push('renew');
      },
    };
  }

  function withUnqueueAll(unqueueAll: () => Promise<void>): RelayPorts['due'] {
    const { due } = scene.world;
    return Object.assign(Object.create(due) as RelayPorts['due'], bound(due), { unqueueAll });
  }

  function bound(due: RelayPorts['due']): Pick<RelayPorts['due'], 'relay' | 'unqueue' | 'pauses' | 'drainInactive'> {
    return {
      relay: (limit) => due.relay(limit),
      unqueue: (refs) => due.unqueue(refs),
      pauses: () => due.pauses(),
      drainInactive: (limit) => due.drainInactive(limit),
    };
  }
});

describe('webhooks that are not active', () => {
  it('have their due work set aside instead of relayed', async () => {
    const ref = await scene.due(webhookId);
    await scene.world.setStanding(webhookId, 'suspended');
    expect(await relayDue(ports)).toBe('idle');
    expect(queue.announced).toEqual([]);
    expect(await scene.world.delivery(ref.deliveryId)).toMatchObject({ state: 'diverted', reason: 'suspended' });
  });

  it('are drained on at once while a step of it is full, even if the queue is full', async () => {
    queue.state = 'full';
    await scene.dueTimes(501, webhookId);
    await scene.world.setStanding(webhookId, 'disabled');
    expect([await relayDue(ports), await relayDue(ports)]).toEqual(['again', 'idle']);
    expect(scene.undone).toBe(0);
  });
});

describe('while deliveries are paused', () => {
  it('nothing moves where all are, and all goes on when they are resumed', async () => {
    const ref = await scene.due(webhookId);
    await scene.world.pause({ scope: 'all' });
    expect([await relayDue(ports), queue.announced]).toEqual(['idle', []]);
    await scene.world.resume({ scope: 'all' });
    await relayDue(ports);
    expect(queue.announced).toEqual([{ refs: [ref], delayMs: 0 }]);
  });

  it.each(['accepting', 'full', 'away'] as const)(
    'others are looked for webhook by webhook, again and again, while the queue is %s',
    async (state) => {
      queue.state = state;
      const other = await scene.newWebhook();
      await scene.dueTimes(3, webhookId);
      await scene.world.pause({ scope: 'webhook', orgId: scene.orgId, webhookId });
      for (let turn = 1; turn <= 2; turn++) {
        await scene.due(other);
        await expect
          .poll(async () => {
            await relayDue(ports);
            return intake.inFlight;
          })
          .toBe(turn);
      }
      expect([queue.announced, scene.undone]).toEqual([[], 5]);
    },
  );
});
