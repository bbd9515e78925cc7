import type { DivertReason } from '@hooklane/domain';
import type { DivertedFilter } from '@hooklane/engine';

/** The fields of a filter as they stand on the wire. */
export interface DivertedFilterFields {
  reasons?: DivertReason[] | undefined;
  event_types?: string[] | undefined;
  since?: Date | undefined;
  until?: Date | undefined;
}

export function divertedFilterOf(fields: DivertedFilterFields): DivertedFilter {
  return { reasons: fields.reasons, eventTypes: fields.event_types, since: fields.since, until: fields.until };
}
