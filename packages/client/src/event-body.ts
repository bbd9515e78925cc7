import type { Json } from './types.ts';

/** An event to publish. */
export type NewEvent = EventFields & (JsonPayload | RawPayload);

interface EventFields {
  /** Dotted name: `invoice.paid`. */
  type: string;
  /** Your own id of the event, if it has one. */
  id?: string;
  /** What webhooks may filter by. */
  attributes?: Readonly<Record<string, string>>;
  /** Default: when the API accepted it. */
  occurredAt?: Date | string;
  /** Your own name for what caused it, to list its events by. Default: the id of the request. */
  requestId?: string;
  /** The version of its schema that the payload is checked by. Default: the current one. */
  schemaVersion?: number;
}

/** An event of a batch: known by its own key or `id`; else by the key of the batch and its place. */
export type NewBatchEvent = NewEvent & {
  idempotencyKey?: string;
};

interface JsonPayload {
  payload: Json;
  rawPayload?: never;
}

interface RawPayload {
  /** JSON text; reaches the receivers byte for byte (number spelling, key order and spaces included). */
  rawPayload: string | Uint8Array;
  payload?: never;
}

/**
 * The body of a publish request, with the payload's own bytes in it.
 *
 * @throws {TypeError} when the payload is not JSON. The message says nothing of what it holds.
 */
export function eventBody(event: NewBatchEvent): Buffer {
  const fields = JSON.stringify({
    type: event.type,
    id: event.id,
    attributes: event.attributes,
    occurred_at: event.occurredAt,
    request_id: event.requestId,
    schema_version: event.schemaVersion,
    idempotency_key: event.idempotencyKey,
  });
  return Buffer.concat([Buffer.from(`${fields.slice(0, -1)},"payload":`), payloadBytes(event), Buffer.from('}')]);
}

/** The same of several. */
export function batchBody(events: readonly NewBatchEvent[]): Buffer {
  const bodies = events.flatMap((event, at) => [Buffer.from(at === 0 ? '' : ','), eventBody(event)]);
  return Buffer.concat([Buffer.from('{"events":['), ...bodies, Buffer.from(']}')]);
}

function payloadBytes(event: NewEvent): Buffer {
  if (event.rawPayload !== undefined) return checkedJson(event.rawPayload);
  const text: string | undefined = JSON.stringify(event.payload);
  if (text === undefined) throw new TypeError('payload is not a JSON value.');
  return Buffer.from(text);
}

/** What is not one JSON value could close the payload and add fields of its own to the request. */
function checkedJson(raw: string | Uint8Array): Buffer {
  const bytes = Buffer.from(raw);
  try {
    JSON.parse(UTF8.decode(bytes));
  } catch {
    throw new TypeError('rawPayload is not JSON in UTF-8.');
  }
  return bytes;
}

// ignoreBOM keeps a byte order mark in the text, where JSON.parse refuses it as the API would.
const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
