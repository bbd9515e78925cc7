import type { Problem } from './errors.ts';

export const EVENT_TYPE_CHARS = 128;
export const ATTRIBUTES = 32;
export const ATTRIBUTE_NAME_CHARS = 64;
export const ATTRIBUTE_VALUE_CHARS = 256;

/** Segments of letters, digits, `_` and `-`, joined by dots: `invoice.paid`. */
export const EVENT_TYPE = /^[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*$/;
/** An event type, `invoice.*`, or `*`. A star elsewhere would never match anything, so it is refused. */
export const EVENT_PATTERN = /^(?:\*|[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*(?:\.\*)?)$/;
/** Lower-case letters, digits and hyphens, no hyphen first. */
export const ORG_SLUG = /^[a-z0-9][a-z0-9-]{0,62}$/;
/** Letters, digits, `_`, `-` and `.`. */
export const ATTRIBUTE_NAME = /^[A-Za-z0-9_.-]{1,64}$/;

export function isEventType(text: string): boolean {
  return text.length <= EVENT_TYPE_CHARS && EVENT_TYPE.test(text);
}

export function isEventPattern(text: string): boolean {
  return text.length <= EVENT_TYPE_CHARS && EVENT_PATTERN.test(text);
}

export function isOrgSlug(text: string): boolean {
  return ORG_SLUG.test(text);
}

/** What is wrong with an event's attributes; empty when nothing is. */
export function attributeProblems(attributes: Readonly<Record<string, string>>): Problem[] {
  const entries = Object.entries(attributes);
  if (entries.length > ATTRIBUTES) {
    return [{ field: 'attributes', message: `An event has at most ${ATTRIBUTES} attributes.` }];
  }
  return entries.flatMap(([name, value]) => {
    const message = attributeProblem(name, value);
    return message === null ? [] : [{ field: `attributes.${name.slice(0, ATTRIBUTE_NAME_CHARS)}`, message }];
  });
}

/** True when Postgres can store the text as `text` and as `jsonb`: no NUL, no half of a surrogate pair. */
export function isStorableText(text: string): boolean {
  return !text.includes('\0') && !/\p{Surrogate}/u.test(text);
}

function attributeProblem(name: string, value: string): string | null {
  if (!isAttributeName(name)) {
    return `A name has 1 to ${ATTRIBUTE_NAME_CHARS} letters, digits, "_", "-" or ".".`;
  }
  if (value.length > ATTRIBUTE_VALUE_CHARS) return `A value has at most ${ATTRIBUTE_VALUE_CHARS} characters.`;
  return isStorableText(value) ? null : 'A value is valid Unicode without NUL.';
}

export function isAttributeName(text: string): boolean {
  return ATTRIBUTE_NAME.test(text);
}
