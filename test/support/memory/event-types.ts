import { randomUUID } from 'node:crypto';
import type { EventType, EventTypeKey, EventTypeSettings, EventTypeStore } from '@hooklane/engine';
import { eventTypeDeleted, eventTypePut, versionFor } from '@hooklane/engine';
import { noteChange } from './audit.ts';
import { pageOf } from './paging.ts';
import type { StoredEventType, World } from './world.ts';
import { raiseConfigVersion } from './world.ts';

export function createMemoryEventTypeStore(world: World): EventTypeStore {
  const { eventTypes } = world;
  const own = (orgId: EventTypeKey['orgId']) => [...eventTypes.values()].filter((one) => one.orgId === orgId);
  const find = (key: EventTypeKey): StoredEventType | null => eventTypes.get(nameOf(key)) ?? null;
  return {
    async put(eventType, settings, limits) {
      const before = find(eventType);
      if (before === null && own(eventType.orgId).length >= limits.types) return 'limit_reached';
      const after = putOver(before, eventType, settings);
      if (after.versions.length > limits.versions) return 'limit_reached';
      const entry = eventTypePut(eventType, before, settings);
      if (entry !== null) {
        eventTypes.set(nameOf(eventType), after);
        noteChange(world, entry);
        raiseConfigVersion(world, eventType.orgId);
      }
      return { eventType: shown(entry === null ? (before ?? after) : after), created: before === null };
    },
    async get(key) {
      const found = find(key);
      return found && shown(found);
    },
    async list(orgId, { group, deprecated }, page) {
      const passing = own(orgId).filter(
        (one) => (group ?? one.group) === one.group && (deprecated ?? one.deprecated) === one.deprecated,
      );
      const { data, nextCursor } = pageOf(passing, page, { keyOf: (one) => [one.type], direction: 'asc' });
      return { data: data.map(({ examples: _e, schema: _s, versions: _v, ...summary }) => summary), nextCursor };
    },
    async delete(eventType) {
      if (!eventTypes.delete(nameOf(eventType))) return false;
      noteChange(world, eventTypeDeleted(eventType));
      raiseConfigVersion(world, eventType.orgId);
      return true;
    },
    async versions(key, page) {
      const found = find(key);
      if (found === null) return null;
      const { data, nextCursor } = pageOf(found.versions, page, { keyOf: (one) => [one.version], direction: 'desc' });
      return { data: data.map(({ version, createdAt }) => ({ version, createdAt })), nextCursor };
    },
    async version(key, version) {
      const found = find(key)?.versions.find((one) => one.version === version);
      return found === undefined ? null : { version, schema: found.schema, createdAt: found.createdAt };
    },
    async schema({ orgId, id }) {
      return (
        own(orgId)
          .flatMap((one) => one.versions)
          .find((one) => one.id === id)?.schema ?? null
      );
    },
  };
}

function putOver(
  before: StoredEventType | null,
  { orgId, type }: EventTypeKey,
  settings: EventTypeSettings,
): StoredEventType {
  const now = new Date();
  const versions = [...(before?.versions ?? [])];
  const version = settings.schema === null ? null : versionFor(settings.schema, versions.at(-1) ?? null);
  if (settings.schema !== null && version?.isNew) {
    versions.push({ version: version.version, id: randomUUID(), schema: settings.schema, createdAt: now });
  }
  const times = { createdAt: before?.createdAt ?? now, updatedAt: now };
  return { orgId, type, ...settings, schemaVersion: version?.version ?? null, ...times, versions };
}

function nameOf({ orgId, type }: EventTypeKey): string {
  return `${orgId}/${type}`;
}

function shown({ versions: _, ...eventType }: StoredEventType): EventType {
  return eventType;
}
