import { found, putEventType as put } from '@hooklane/engine';
import { z } from 'zod';
import { answer } from '../../contract/answer.ts';
import { eventTypeName, flag, wholeNumber } from '../../contract/fields.ts';
import { pageOf, pageQuery, pageRequestOf, presentPage } from '../../contract/paging.ts';
import { route } from '../../contract/route.ts';
import { ownEventType } from '../events/envelope.ts';
import {
  eventTypeSchema,
  eventTypeSummarySchema,
  presentEventType,
  presentEventTypeSummary,
  presentVersion,
  schemaVersionSchema,
} from './event-type.ts';
import { eventTypeBody, eventTypeSettings, groupName } from './event-type-body.ts';

const typeParam = { type: eventTypeName };

export const putEventType = route(
  {
    method: 'PUT',
    path: '/v1/orgs/:org/event-types/:type',
    operationId: 'putEventType',
    summary: 'Put an event type into the catalogue',
    description:
      'Replaces all that was said of it before; what is left out is not said. Another schema than the newest one makes a new version, the same one makes none. It holds for every event that is accepted after the answer.',
    tag: 'Event types',
    access: 'event-types:write',
    params: { type: ownEventType },
    body: eventTypeBody,
    answers: {
      200: { schema: eventTypeSchema, description: 'It was there before.' },
      201: { schema: eventTypeSchema, description: 'It is new.' },
    },
    problems: ['schema_invalid', 'schema_timeout', 'event_type_limit_reached'],
  },
  async ({ org, params: { type }, body, by }, { ports }) => {
    const { eventType, created } = await put(ports, { orgId: org.id, type, by }, eventTypeSettings(body));
    const presented = presentEventType(eventType);
    return created ? answer(201, presented) : answer(200, presented);
  },
);

export const listEventTypes = route(
  {
    method: 'GET',
    path: '/v1/orgs/:org/event-types',
    operationId: 'listEventTypes',
    summary: 'List the catalogue of event types',
    description: 'By type. Without schemas and examples.',
    tag: 'Event types',
    access: 'event-types:read',
    query: z.strictObject({ ...pageQuery, group: groupName.optional(), deprecated: flag.optional() }),
    answers: { 200: pageOf('EventTypePage', eventTypeSummarySchema) },
    problems: ['invalid_cursor'],
  },
  async ({ org, query: { group, deprecated, ...page } }, { ports }) => {
    const types = await ports.eventTypes.list(org.id, { group, deprecated }, pageRequestOf(page));
    return answer(200, presentPage(types, presentEventTypeSummary));
  },
);

export const getEventType = route(
  {
    method: 'GET',
    path: '/v1/orgs/:org/event-types/:type',
    operationId: 'getEventType',
    summary: 'Read an event type',
    tag: 'Event types',
    access: 'event-types:read',
    params: typeParam,
    query: z.strictObject({
      version: wholeNumber(1, 9_999)
        .optional()
        .describe('Show the schema of this version, not the current one; 404 when there is none.'),
    }),
    answers: { 200: eventTypeSchema },
  },
  async ({ org, params: { type }, query: { version } }, { ports }) => {
    const key = { orgId: org.id, type };
    const eventType = presentEventType(found(await ports.eventTypes.get(key)));
    if (version === undefined) return answer(200, eventType);
    const { schema } = found(await ports.eventTypes.version(key, version));
    return answer(200, { ...eventType, schema, schema_version: version });
  },
);

export const deleteEventType = route(
  {
    method: 'DELETE',
    path: '/v1/orgs/:org/event-types/:type',
    operationId: 'deleteEventType',
    summary: 'Take an event type out of the catalogue',
    description: 'With all versions of its schema. Events of that type stay.',
    tag: 'Event types',
    access: 'event-types:write',
    params: typeParam,
    answers: { 204: null },
  },
  async ({ org, params: { type }, by }, { ports }) => {
    found((await ports.eventTypes.delete({ orgId: org.id, type, by })) || null);
    return answer(204);
  },
);

export const listSchemaVersions = route(
  {
    method: 'GET',
    path: '/v1/orgs/:org/event-types/:type/versions',
    operationId: 'listSchemaVersions',
    summary: 'List the versions of the schema of an event type',
    description: 'Newest first.',
    tag: 'Event types',
    access: 'event-types:read',
    params: typeParam,
    query: z.strictObject(pageQuery),
    answers: { 200: pageOf('SchemaVersionPage', schemaVersionSchema) },
    problems: ['invalid_cursor'],
  },
  async ({ org, params: { type }, query }, { ports }) => {
    const versions = found(await ports.eventTypes.versions({ orgId: org.id, type }, pageRequestOf(query)));
    return answer(200, presentPage(versions, presentVersion));
  },
);
