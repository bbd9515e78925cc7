import { isAttributeName, isEventPattern, isEventType, isStorableText } from '@hooklane/domain';
import { z } from 'zod';

/** A name on one line. */
export function nameText(maxChars: number) {
  return storableText(maxChars)
    .min(1)
    .refine((text) => !/\p{Cc}/u.test(text), 'must not contain control characters');
}

export function storableText(maxChars: number) {
  return z.string().max(maxChars).refine(isStorableText, 'must be valid Unicode without NUL');
}

const eventTypeName = z.string().refine(isEventType, 'must be an event type such as invoice.paid');
export const eventPattern = z.string().refine(isEventPattern, 'must be an event type, invoice.*, or *');

/** A name an attribute of an event may have. */
export const attributeName = z.string().refine(isAttributeName, 'must be 1 to 64 letters, digits, "_", "-" or "."');

/** An offset may push a moment out of its year; the store and other readers take four digits only. */
const LAST_MOMENT_MS = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

/** An absolute moment, from 1970 to the end of 9999. */
export const moment = z.iso
  .datetime({ offset: true, error: 'must be a time in ISO 8601 with an offset or Z' })
  .transform((text) => new Date(text))
  .refine((date) => date.getTime() >= 0, 'must not be before 1970')
  .refine((date) => date.getTime() <= LAST_MOMENT_MS, 'must not be after 9999');

/** Which diverted events are meant; all fields that are given must fit. */
export const divertedFilter = {
  reasons: z
    .array(z.enum(['retries_exhausted', 'expired', 'not_retried', 'suspended', 'disabled', 'gone']))
    .min(1)
    .max(16),
  event_types: z.array(eventTypeName).min(1).max(32),
  since: moment,
  until: moment,
};

/** What is sent again per second. */
export const perSecond = z.int().min(1).max(1000).default(100);

/** A query field that may be given once or several times. */
export function repeatable<T>(list: z.ZodType<T[]>) {
  return z.preprocess((value) => (value === undefined || Array.isArray(value) ? value : [value]), list.optional());
}

/** `true` or `false` in a query. */
export const flag = z.enum(['true', 'false']).transform((text) => text === 'true');

/** The body of a call that takes none. */
export const emptyBody = z.strictObject({});

/** The query of a call that takes none. */
export const emptyQuery = z.strictObject({});

export const waitQuery = z.strictObject({ wait: flag.default(false) });
