import type { OrgId } from '@hooklane/domain';
import type { DueRef } from '@hooklane/engine';
import type { World } from './world.ts';

export function countErasable({ webhooks, diverted, events, deliveries, operations }: World, orgId: OrgId): number {
  const maps: Map<string, { orgId: OrgId | null }>[] = [webhooks, diverted, events, deliveries, operations];
  return maps.flatMap((map) => [...map.values()]).filter((row) => row.orgId === orgId).length;
}

/** All at once: nobody waits for anybody here. */
export function eraseNext(
  world: World,
  orgId: OrgId,
): { refs: DueRef[]; examined: number; moved: number; isDone: boolean } {
  const { webhooks, diverted, eventTypes, events, deliveries, due, operations, pauses, slugs, audit } = world;
  const isGone = (row: { orgId: OrgId | null }) => row.orgId === orgId;
  const gone = new Set([...deliveries.values()].filter(isGone).map(({ id }) => id));
  for (const id of gone) due.delete(id);
  const maps: Map<string, { orgId: OrgId | null }>[] = [webhooks, diverted, events, deliveries, operations];
  const moved = maps.map((map) => drop(map, isGone)).reduce((sum, count) => sum + count, 0);
  for (const key of eventTypes.keys()) if (key.startsWith(`${orgId}/`)) eventTypes.delete(key);
  pauses.delete(orgId);
  slugs.delete(orgId);
  audit.splice(0, audit.length, ...audit.filter(({ org }) => org?.id !== orgId));
  return { refs: [], examined: moved, moved, isDone: true };
}

function drop<T>(map: Map<string, T>, isGone: (row: T) => boolean): number {
  const gone = [...map].filter(([, row]) => isGone(row));
  for (const [key] of gone) map.delete(key);
  return gone.length;
}
