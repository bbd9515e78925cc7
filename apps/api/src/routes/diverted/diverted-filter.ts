import type { DivertReason } from '@hooklane/domain';
import type { DivertedFilter } from '@hooklane/engine';
import { z } from 'zod';
import { eventTypeName, moment, repeatable } from '../../contract/fields.ts';
import { pageQuery } from '../../contract/paging.ts';
import { divertReason } from './diverted-event.ts';

const since = moment.describe('Diverted at this time or later.');
const until = moment.describe('Diverted before this time.');
const reasons = z.array(divertReason).min(1).max(16);
const eventTypes = z.array(eventTypeName).min(1).max(32);

/** Which diverted events are meant, in a body; all fields that are given must fit. */
export const divertedFilter = { reasons, event_types: eventTypes, since, until };

/** The same in a query. */
export const divertedQuery = {
  ...pageQuery,
  reason: repeatable(reasons),
  event_type: repeatable(eventTypes),
  since: since.optional(),
  until: until.optional(),
};

export const perSecond = z.int().min(1).max(10_000).default(100).describe('What is sent again per second, at most.');

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
