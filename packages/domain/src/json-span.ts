import type { ErrorCode } from './errors.ts';
import { Byte, JsonReader, skipBlank, skipByte, skipString, TOO_DEEP } from './json-text.ts';

/** Positions of bytes: from `start` up to, not including, `end`. */
export interface Span {
  start: number;
  end: number;
}

export interface ScanFailure {
  ok: false;
  code: Extract<ErrorCode, 'malformed_json' | 'payload_too_deep' | 'payload_too_large' | 'body_too_large'>;
  /** A sentence for the caller. Names positions, never content. */
  message: string;
}

export type PublishScan =
  | {
      ok: true;
      /** The payload's value exactly as it was sent, without white space around it; null when there is none. */
      payload: Span | null;
      /** The body with `null` in the payload's place: what is left to `JSON.parse`. */
      envelope: string;
    }
  | ScanFailure;

/**
 * The door of the money path: reads the body of a publish request once, before anything is parsed. It is valid UTF-8
 * and JSON, an object, none of its members nested deeper than `maxDepth` (a scalar is 0 deep), and its payload, at
 * most `maxBytes` long, is given once, in whatever spelling (`"payl\u006fad"` too: else a parser after this one could
 * see another payload than the one delivered). The payload itself is never built, only delivered byte for byte:
 * repeated keys, `\u0000` and halves of surrogate pairs within it are its receiver's business.
 */
export function scanPublishBody(bytes: Buffer, limits: { maxDepth: number; maxBytes: number }): PublishScan {
  const scan = scanMember(bytes, 'payload', limits.maxDepth);
  if (!scan.ok || scan.value === null) return scan.ok ? { ok: true, payload: null, envelope: scan.envelope } : scan;
  const { value, envelope } = scan;
  if (value.end - value.start > limits.maxBytes) {
    return { ok: false, code: 'payload_too_large', message: `The payload may have at most ${limits.maxBytes} bytes.` };
  }
  return { ok: true, payload: value, envelope };
}

export type BatchScan =
  | {
      ok: true;
      /** Each is the body of one publish request, not yet known to be an object; null when there is no such list. */
      events: Span[] | null;
      /** The body with `null` in the place of the events. */
      envelope: string;
    }
  | ScanFailure;

/** The same for a batch, `{"events": […]}`: finds the events, each of which is then for {@link scanPublishBody}. */
export function scanBatchBody(bytes: Buffer, limits: { maxDepth: number; maxEvents: number }): BatchScan {
  // An event is two levels down, and its payload one more than in a body of its own.
  const scan = scanMember(bytes, 'events', limits.maxDepth + 2);
  if (!scan.ok) return scan;
  const { value, envelope } = scan;
  if (value === null || bytes[value.start] !== Byte.openBracket) return { ok: true, events: null, envelope };
  const events = elementsOf(new JsonReader(bytes, limits.maxDepth + 1), value.start, limits.maxEvents);
  if (events === null) {
    return { ok: false, code: 'body_too_large', message: `A batch has at most ${limits.maxEvents} events.` };
  }
  return { ok: true, events, envelope };
}

/** For all other bodies: what passes is JSON in UTF-8 that `JSON.parse` can read without running out of stack. */
export function scanJson(bytes: Uint8Array, limits: { maxDepth: number }): { ok: true } | ScanFailure {
  const end = skipBlank(bytes, new JsonReader(bytes, limits.maxDepth).skipValue(0));
  return end === bytes.length ? { ok: true } : failure(end, limits.maxDepth);
}

type MemberScan = { ok: true; value: Span | null; envelope: string } | ScanFailure;

function scanMember(bytes: Buffer, name: string, maxDepth: number): MemberScan {
  const values: Span[] = [];
  const end = readMembers(new JsonReader(bytes, maxDepth), (key, value) => {
    if (values.length < 2 && isKey(bytes, key, name)) values.push(value);
  });
  if (end !== bytes.length) return failure(end, maxDepth);
  const [value, second] = values;
  if (second !== undefined) return malformed(`"${name}" is given more than once.`);
  return { ok: true, value: value ?? null, envelope: envelopeOf(bytes, value) };
}

/** Reads a text that is one object, and shows each member; the keys with their quotes. */
function readMembers(reader: JsonReader, visit: (key: Span, value: Span) => void): number {
  const { bytes } = reader;
  let at = skipBlank(bytes, skipByte(bytes, skipBlank(bytes, 0), Byte.openBrace));
  if (bytes[at] === Byte.closeBrace) return skipBlank(bytes, at + 1);
  for (;;) {
    const keyStart = skipBlank(bytes, at);
    const keyEnd = skipString(bytes, keyStart);
    const start = skipBlank(bytes, skipByte(bytes, skipBlank(bytes, keyEnd), Byte.colon));
    const end = reader.skipValue(start);
    if (end < 0) return end;
    visit({ start: keyStart, end: keyEnd }, { start, end });
    at = skipBlank(bytes, end);
    if (bytes[at] === Byte.closeBrace) return skipBlank(bytes, at + 1);
    at = skipByte(bytes, at, Byte.comma);
  }
}

/** The elements of an array that is known to be valid; null when there are more than `max`. */
function elementsOf(reader: JsonReader, arrayStart: number, max: number): Span[] | null {
  const { bytes } = reader;
  const elements: Span[] = [];
  let at = arrayStart;
  while (bytes[at] !== Byte.closeBracket) {
    const start = skipBlank(bytes, at + 1);
    if (bytes[start] === Byte.closeBracket) break;
    if (elements.length === max) return null;
    const end = reader.skipValue(start);
    elements.push({ start, end });
    at = skipBlank(bytes, end);
  }
  return elements;
}

/** A key spelt with escapes is longer than the name it stands for, by six bytes for one at most. */
function isKey(bytes: Buffer, key: Span, name: string): boolean {
  const length = key.end - key.start - 2;
  if (length === name.length) return name === bytes.toString('latin1', key.start + 1, key.end - 1);
  if (length < name.length || length > name.length * 6) return false;
  return JSON.parse(bytes.toString('latin1', key.start, key.end)) === name;
}

function envelopeOf(bytes: Buffer, value: Span | undefined): string {
  if (value === undefined) return bytes.toString('utf8');
  return `${bytes.toString('utf8', 0, value.start)}null${bytes.toString('utf8', value.end)}`;
}

function failure(result: number, maxDepth: number): ScanFailure {
  if (result === TOO_DEEP) {
    return { ok: false, code: 'payload_too_deep', message: `The JSON is nested deeper than ${maxDepth} levels.` };
  }
  return malformed(`The body stops being the JSON it should be at byte ${result < 0 ? ~result : result}.`);
}

function malformed(message: string): ScanFailure {
  return { ok: false, code: 'malformed_json', message };
}
