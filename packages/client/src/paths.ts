/**
 * A path of the API with its parameters as single, encoded segments: `/v1/orgs/{org}/webhooks/{id}`.
 *
 * @throws {NotANameError} for an empty value, `.` or `..`: URLs resolve those, and `DELETE …/webhooks/..` would mean the org.
 */
export function pathOf(template: string, params: Readonly<Record<string, string>>): string {
  return template.replaceAll(/\{(\w+)\}/g, (_, name: string) => segment(params[name]));
}

/** What a query may hold; undefined is left out, a list repeats its name. */
export type Query = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;

/** `?a=1&b=x&b=y`, or nothing when nothing is asked. */
export function queryString(query: Query = {}): string {
  const pairs = Object.entries(query).flatMap(([name, value]): [string, string][] => {
    if (value === undefined) return [];
    return Array.isArray(value) ? value.map((item) => [name, String(item)]) : [[name, String(value)]];
  });
  return pairs.length === 0 ? '' : `?${new URLSearchParams(pairs)}`;
}

/** A slug or id as one segment. */
export function segment(value: unknown): string {
  if (typeof value !== 'string' || value === '' || value === '.' || value === '..') {
    throw new NotANameError('An id or slug is empty or not a name.');
  }
  return encodeURIComponent(value);
}

/** An id or slug can be none; nothing was sent. */
export class NotANameError extends TypeError {
  override readonly name = 'NotANameError';
}
