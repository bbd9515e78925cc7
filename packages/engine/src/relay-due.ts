import type { DueQueue, DueStore } from './due-work.ts';
import type { Intake } from './intake.ts';

/** A queue that can tell whether it still is the one we filled. */
export interface QueueEpoch {
  /** False when the queue has lost its data since {@link renew} was called last, by whichever worker. */
  intact(): Promise<boolean>;
  renew(): Promise<void>;
}

export interface RelayPorts {
  due: DueStore;
  queue: DueQueue;
  /** Null where there is no queue. */
  epoch: QueueEpoch | null;
  intake: Intake;
}

/** More than that is a backlog: it would stand in the queue before everything that comes after it. */
const RELAY_BATCH = 20;
const DRAIN_BATCH = 500;

/**
 * One turn of the relay, run by every worker at the same time: due work that is neither queued nor claimed goes to
 * the queue, which shares it among the workers. A backlog does not: as what is due while the queue is away, it goes straight
 * into the slots of the workers, org by org in turn.
 */
export async function relayDue(ports: RelayPorts): Promise<'again' | 'idle'> {
  const drained = await ports.due.drainInactive(DRAIN_BATCH);
  const moved = await moveDue(ports);
  return drained === DRAIN_BATCH ? 'again' : moved;
}

async function moveDue(ports: RelayPorts): Promise<'again' | 'idle'> {
  const pauses = await ports.due.pauses();
  if (pauses === 'all') return 'idle';
  if (pauses === 'some') return moveAround(ports);
  switch (ports.queue.state) {
    case 'away':
      return ports.intake.take(true);
    case 'full':
      return ports.intake.take(false);
    case 'accepting':
      await forgetLostQueue(ports);
      return ports.intake.isBehind ? ports.intake.take(false) : enqueueDue(ports);
  }
}

/**
 * What is paused may be a backlog, and stand before all others by its age: they are looked for webhook by webhook, which
 * costs nothing for those that are passed over.
 */
async function moveAround(ports: RelayPorts): Promise<'again' | 'idle'> {
  const { queue, intake } = ports;
  if (queue.state === 'accepting') await forgetLostQueue(ports);
  intake.fallBehind();
  const turn = await intake.take(queue.state === 'away');
  if (intake.isBehind) return turn;
  // It has caught up with those it knew of: it looks anew.
  intake.fallBehind();
  return intake.take(queue.state === 'away');
}

/** In this order: were the epoch renewed first, a crash in between would leave work marked as queued that is not. */
async function forgetLostQueue({ epoch, due }: RelayPorts): Promise<void> {
  if (epoch === null || (await epoch.intact())) return;
  await due.unqueueAll();
  await epoch.renew();
}

async function enqueueDue({ due, queue, intake }: RelayPorts): Promise<'again' | 'idle'> {
  const refs = await due.relay(RELAY_BATCH);
  if (refs.length === 0) return 'idle';
  const taken = await queue.announce(refs);
  if (!taken) await due.unqueue(refs);
  if (refs.length < RELAY_BATCH) return 'idle';
  intake.fallBehind();
  return 'again';
}
