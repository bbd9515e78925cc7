import type { BasicAuth } from '@hooklane/domain';
import { isSensitiveHeader, MASK } from '@hooklane/domain';
import type { WebhookSettings } from '@hooklane/engine';
import { invalidField } from '../../http/zod-problems.ts';

export type GivenHeaders = Readonly<Record<string, string | readonly string[]>>;
type Headers = WebhookSettings['headers'];

/**
 * Headers as a caller gave them, with the values that we had masked put back: who reads a webhook, changes one header
 * and writes all of them must not overwrite a credential with asterisks. A mask with nothing behind it is refused.
 */
export function unmaskHeaders(given: GivenHeaders, now: Headers): Record<string, readonly string[]> {
  const entries = Object.entries(given).map(([name, value]): [string, readonly string[]] => {
    const values = typeof value === 'string' ? [value] : value;
    return [name, isSensitiveHeader(name) ? values.map((one, at) => unmask(one, { name, at, now })) : values];
  });
  return Object.fromEntries(entries);
}

/** The same for the password of user name and password. */
export function unmaskAuth(given: BasicAuth | null, now: BasicAuth | null): BasicAuth | null {
  if (given === null || given.password !== MASK) return given;
  if (now === null) throw invalidField('auth.password', 'stands for a value that is not there');
  return { ...given, password: now.password };
}

/** Removals first: a name in both ends up with what is added. */
export function changeHeaders(now: Headers, change: { add: GivenHeaders; remove: readonly string[] }): Headers {
  const added = unmaskHeaders(change.add, now);
  const gone = new Set([...change.remove, ...Object.keys(added)].map((name) => name.toLowerCase()));
  const kept = Object.entries(now).filter(([name]) => !gone.has(name.toLowerCase()));
  return Object.fromEntries([...kept, ...Object.entries(added)]);
}

function unmask(value: string, { name, at, now }: { name: string; at: number; now: Headers }): string {
  if (value !== MASK) return value;
  const held = Object.hasOwn(now, name.toLowerCase()) ? now[name.toLowerCase()]?.[at] : undefined;
  if (held === undefined) throw invalidField(`headers.${name}`.slice(0, 80), 'stands for a value that is not there');
  return held;
}
