/**
 * A path of the API with its values as single, encoded segments: `` path`/v1/orgs/${org}/webhooks/${id}` ``.
 *
 * @throws {TypeError} for an empty value, `.` or `..`: URLs resolve those, and `DELETE …/webhooks/..` would mean the org.
 */
export function path(texts: TemplateStringsArray, ...values: readonly string[]): string {
  return String.raw({ raw: texts }, ...values.map(segment));
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

function segment(value: string): string {
  if (typeof value !== 'string' || value === '' || value === '.' || value === '..') {
    throw new TypeError('An id or slug is empty or not a name.');
  }
  return encodeURIComponent(value);
}
