import type { IdPrefix, Ids } from '@hooklane/domain';
import {
  ATTRIBUTE_NAME,
  EVENT_PATTERN,
  EVENT_TYPE,
  EVENT_TYPE_CHARS,
  isStorableText,
  ORG_SLUG,
  parseId,
} from '@hooklane/domain';
import { z } from 'zod';

// What requests bring

/** A name on one line. */
export function nameText(maxChars: number) {
  return storableText(maxChars)
    .min(1)
    .refine((text) => !/\p{Cc}/u.test(text), 'must not contain control characters');
}

export function storableText(maxChars: number) {
  return z.string().max(maxChars).refine(isStorableText, 'must be valid Unicode without NUL');
}

const EVENT_TYPE_RULE = 'must be an event type such as invoice.paid';
const EVENT_PATTERN_RULE = 'must be an event type, invoice.*, or *';

export const eventTypeName = z.string().max(EVENT_TYPE_CHARS, EVENT_TYPE_RULE).regex(EVENT_TYPE, EVENT_TYPE_RULE);
export const eventPattern = z
  .string()
  .max(EVENT_TYPE_CHARS, EVENT_PATTERN_RULE)
  .regex(EVENT_PATTERN, EVENT_PATTERN_RULE);

/** A name an attribute of an event may have. */
export const attributeName = z.string().regex(ATTRIBUTE_NAME, 'must be 1 to 64 letters, digits, "_", "-" or "."');

export const orgSlug = z
  .string()
  .regex(ORG_SLUG, 'must be 1 to 63 lower-case letters, digits and hyphens, no hyphen first');

/** An offset may push a moment out of its year; the store and other readers take four digits only. */
const LAST_MOMENT_MS = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

/** An absolute moment, from 1970 to the end of 9999. */
export const moment = z.iso
  .datetime({ offset: true, error: 'must be a time in ISO 8601 with an offset or Z' })
  .transform((text) => new Date(text))
  .refine((date) => date.getTime() >= 0, 'must not be before 1970')
  .refine((date) => date.getTime() <= LAST_MOMENT_MS, 'must not be after 9999');

/** The id of a thing in a body or query; in a path, where what is no id names nothing, see `params` of a route. */
export function idOf<P extends IdPrefix>(prefix: P, thing: string) {
  return z
    .string()
    .regex(idPattern(prefix), `must be the id of ${thing}`)
    .transform((text, context): Ids[P] => {
      const id = parseId(prefix, text);
      if (id !== null) return id;
      context.addIssue({ code: 'custom', message: `must be the id of ${thing}` });
      return z.NEVER;
    });
}

/** A whole number in a query. */
export function wholeNumber(min: number, max: number) {
  return z.preprocess(numberIn, z.int().min(min).max(max));
}

/** `true` or `false` in a query. */
export const flag = z.preprocess(flagIn, z.boolean('must be true or false'));

/** A query field that may be given once or several times. */
export function repeatable<T>(list: z.ZodType<T[]>) {
  return z.preprocess(listIn, list.optional());
}

/** The body of a call that takes none. */
export const emptyBody = z.strictObject({}).meta({ id: 'NoFields', examples: [{}] });

/** The query of a call that takes none. */
export const emptyQuery = z.strictObject({});

export const waitQuery = z.strictObject({
  wait: flag.default(false).describe('Wait for the attempt and answer with it.'),
});

// What answers hold

/** A time in an answer. */
export const timestamp = z.iso.datetime();

/** An id in an answer. */
export function idText(prefix: IdPrefix) {
  return z.string().regex(idPattern(prefix));
}

/** ISO 8601 in UTC. */
export function time<T extends Date | null>(at: T): T extends Date ? string : string | null;
export function time(at: Date | null): string | null {
  return at === null ? null : at.toISOString();
}

/** The first letter holds three bits only; Crockford's alphabet has no i, l, o, u. */
function idPattern(prefix: IdPrefix): RegExp {
  return new RegExp(`^${prefix}_[0-7][0-9a-hjkmnp-tv-z]{25}$`);
}

function numberIn(text: unknown): unknown {
  return typeof text === 'string' && /^\d{1,9}$/.test(text) ? Number(text) : text;
}

function flagIn(text: unknown): unknown {
  return text === 'true' || text === 'false' ? text === 'true' : text;
}

function listIn(value: unknown): unknown {
  return value === undefined || Array.isArray(value) ? value : [value];
}
