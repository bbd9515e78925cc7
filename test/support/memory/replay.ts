import type { WebhookId } from '@hooklane/domain';
import { matches, matchesType, timeOfUuid } from '@hooklane/domain';
import type { DueRef, ReplayRange } from '@hooklane/engine';
import { createIdFactory } from '@hooklane/engine';
import { resendRow } from './diverted.ts';
import { makeDue } from './make-due.ts';
import type { StoredEvent, StoredOperation, World } from './world.ts';
import { divertedKey } from './world.ts';

const ids = createIdFactory();

/** The events of the range, oldest first. */
export function replayMatching(
  world: World,
  { orgId }: Pick<StoredOperation, 'orgId'>,
  range: ReplayRange,
): StoredEvent[] {
  return [...world.events.values()]
    .filter((event) => event.orgId === orgId)
    .filter(({ id }) => timeOfUuid(id) >= range.since.getTime() && timeOfUuid(id) < range.until.getTime())
    .sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** The next of them that are wanted, up to `rows`. */
export function replayNext(
  world: World,
  { operation, range }: { operation: StoredOperation; range: ReplayRange },
  rows: number,
): { refs: DueRef[]; examined: number; moved: number; isDone: boolean } {
  const { webhookId, position } = operation;
  const webhook = webhookId && world.webhooks.get(webhookId);
  if (!webhook) throw new TypeError('a replay is on one webhook');
  const left = replayMatching(world, operation, range).filter(({ id }) => id > (position ?? ''));
  const isWanted = ({ type, attributes }: StoredEvent) =>
    (range.eventTypes ?? ['*']).some((pattern) => matchesType(pattern, type)) && matches(webhook, { type, attributes });
  const wanted = left.filter(isWanted).slice(0, rows);
  const examined = wanted.length < rows ? left.length : left.findIndex(({ id }) => id === wanted.at(-1)?.id) + 1;
  operation.position = left[examined - 1]?.id ?? position;
  const refs = wanted.flatMap((event) => sendAgain(world, { event, webhookId: webhook.id }, range));
  return { refs, examined, moved: refs.length, isDone: examined === left.length };
}

function sendAgain(
  world: World,
  { event, webhookId }: { event: StoredEvent; webhookId: WebhookId },
  { newIds, onlyMissing }: ReplayRange,
): DueRef[] {
  const all = [...world.deliveries.values()].filter((one) => one.eventId === event.id);
  if (all.some((one) => one.origin !== 'event' && one.origin !== 'replay')) return [];
  const known = all.find((one) => one.webhookId === webhookId);
  const sentAs = newIds ? ids.next('evt') : (known?.sentAs ?? null);
  if (known === undefined) {
    const id = ids.next('dlv');
    const made = { id, eventId: event.id, webhookId, orgId: event.orgId, origin: 'replay', sentAs } as const;
    world.deliveries.set(id, { ...made, state: 'pending', reason: null, attempts: 0 });
    return [makeDue(world, id, 'replay')];
  }
  if (known.state === 'pending' || (onlyMissing && known.state === 'delivered')) return [];
  known.sentAs = sentAs;
  const row = world.diverted.get(divertedKey(webhookId, event.id));
  return [row === undefined ? makeDue(world, known.id, 'replay') : resendRow(world, row, 'replay')];
}

/** How many would be sent, as {@link replayNext} does it. */
export function countReplay(world: World, operation: StoredOperation, range: ReplayRange): number {
  const copy: World = { ...world, deliveries: new Map(), due: new Map(world.due), diverted: new Map(world.diverted) };
  for (const [id, delivery] of world.deliveries) copy.deliveries.set(id, { ...delivery });
  return replayNext(copy, { operation, range }, Number.MAX_SAFE_INTEGER).moved;
}
