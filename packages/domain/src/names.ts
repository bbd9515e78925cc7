import type { Problem } from './errors.ts';

export const EVENT_TYPE_CHARS = 128;
export const ATTRIBUTES = 32;
export const ATTRIBUTE_NAME_CHARS = 64;
export const ATTRIBUTE_VALUE_CHARS = 256;

/** Segments of letters, digits, `_` and `-`, joined by dots: `invoice.paid`. At most {@link EVENT_TYPE_CHARS}. */
export function isEventType(text: string): boolean {
  return text.length <= EVENT_TYPE_CHARS && /^[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*$/.test(text);
}

/** An event type, `invoice.*`, or `*`. A star elsewhere would never match anything, so it is refused. */
export function isEventPattern(text: string): boolean {
  if (text === '*') return true;
  return text.length <= EVENT_TYPE_CHARS && isEventType(text.endsWith('.*') ? text.slice(0, -2) : text);
}

/** Lower-case letters, digits and hyphens, 1 to 63 of them, no hyphen first. */
export function isOrgSlug(text: string): boolean {
  return /^[a-z0-9][a-z0-9-]{0,62}$/.test(text);
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

/** Letters, digits, `_`, `-` and `.`, at most {@link ATTRIBUTE_NAME_CHARS}. */
export function isAttributeName(text: string): boolean {
  return text.length <= ATTRIBUTE_NAME_CHARS && /^[A-Za-z0-9_.-]+$/.test(text);
}
