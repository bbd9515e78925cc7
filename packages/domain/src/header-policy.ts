import type { Problem } from './errors.ts';

export const CUSTOM_HEADERS = 20;
export const HEADER_NAME_CHARS = 64;
export const HEADER_VALUE_CHARS = 4096;
export const CUSTOM_HEADER_BYTES = 8 * 1024;

export type HeadersVerdict = { ok: true; headers: Record<string, string[]> } | { ok: false; problems: Problem[] };

/**
 * Whether a webhook may carry these headers of its own; names come back in lower case, values as lists. Refused are
 * headers that steer the connection or a proxy, name the sender, open a cloud's metadata service or could be
 * mistaken for our signatures (CVE-2025-6454 was made of custom webhook headers). Every problem is reported; messages
 * never repeat a value, which may be a secret.
 */
export function checkCustomHeaders(headers: Readonly<Record<string, string | readonly string[]>>): HeadersVerdict {
  const entries = Object.entries(headers).map(([name, value]) => toEntry(name, value));
  const problems = [...sizeProblems(entries), ...duplicates(entries), ...entries.flatMap(entryProblems)];
  if (problems.length > 0) return { ok: false, problems };
  // Not by assignment: a header named __proto__ would set the prototype.
  return { ok: true, headers: Object.fromEntries(entries.map(({ name, values }) => [name, values])) };
}

/**
 * Whether an org may put this in the place of `webhook` in the names of the standard headers: lower-case letters,
 * digits and inner hyphens, at most 32, none that makes a header which steers a connection or belongs to others.
 */
export function isHeaderPrefix(text: string): boolean {
  if (text === 'webhook' || text === 'svix') return true;
  return text.length <= 32 && /^[a-z](?:[a-z0-9-]*[a-z0-9])?$/.test(text) && !isDenied(`${text}-id`);
}

/** True when a header's value must not be shown in the log: credentials, keys, signatures. Any case. */
export function isSensitiveHeader(name: string): boolean {
  const lower = name.toLowerCase();
  return SENSITIVE_HEADERS.has(lower) || SENSITIVE_PARTS.some((part) => lower.includes(part)) || lower.endsWith('-key');
}

/** Headers whose values are never shown; {@link isSensitiveHeader} knows more by parts of their names. */
export const SENSITIVE_HEADERS: ReadonlySet<string> = new Set([
  'authorization',
  'proxy-authorization',
  'authentication',
  'cookie',
  'set-cookie',
  'x-api-key',
  'api-key',
  'x-auth',
  'x-session-id',
]);

export const MASK = '********';

/** The same headers with every sensitive value replaced by {@link MASK}, lists of values one by one. */
export function maskHeaders(
  headers: Readonly<Record<string, string | readonly string[]>>,
): Record<string, string | string[]> {
  const masked = Object.entries(headers).map(([name, value]): [string, string | string[]] => {
    if (typeof value === 'string') return [name, isSensitiveHeader(name) ? MASK : value];
    return [name, isSensitiveHeader(name) ? value.map(() => MASK) : [...value]];
  });
  return Object.fromEntries(masked);
}

interface Entry {
  field: string;
  /** The name as given. */
  spelling: string;
  /** In lower case. */
  name: string;
  values: string[];
}

function toEntry(name: string, value: string | readonly string[]): Entry {
  return {
    field: `headers.${name.slice(0, HEADER_NAME_CHARS)}`,
    spelling: name,
    name: name.toLowerCase(),
    values: typeof value === 'string' ? [value] : [...value],
  };
}

function sizeProblems(entries: readonly Entry[]): Problem[] {
  const lines = entries.flatMap(({ name, values }) => values.map((value) => `${name}: ${value}\r\n`));
  const problems: Problem[] = [];
  if (lines.length > CUSTOM_HEADERS) {
    problems.push({
      field: 'headers',
      message: `There may be at most ${CUSTOM_HEADERS}, each value of a list counted.`,
    });
  }
  if (lines.reduce((sum, line) => sum + line.length, 0) > CUSTOM_HEADER_BYTES) {
    problems.push({ field: 'headers', message: `Together they may have at most ${CUSTOM_HEADER_BYTES} bytes.` });
  }
  return problems;
}

function duplicates(entries: readonly Entry[]): Problem[] {
  const seen = new Set<string>();
  return entries.flatMap(({ field, name }) => {
    if (seen.has(name))
      return [{ field, message: 'The same header is given in another spelling; use a list of values.' }];
    seen.add(name);
    return [];
  });
}

function entryProblems({ field, spelling, values }: Entry): Problem[] {
  const messages = [nameProblem(spelling), valuesProblem(values)];
  return messages.flatMap((message) => (message === null ? [] : [{ field, message }]));
}

/** Looks at the spelling: some letters beyond ASCII have lower cases within it. */
function nameProblem(spelling: string): string | null {
  if (spelling.length > HEADER_NAME_CHARS || !/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(spelling)) {
    return `A name has 1 to ${HEADER_NAME_CHARS} characters of those that HTTP allows in names.`;
  }
  return isDenied(spelling.toLowerCase()) ? 'This header cannot be set.' : null;
}

function valuesProblem(values: readonly string[]): string | null {
  if (values.length === 0) return 'The list of values is empty.';
  if (values.some((value) => value.length > HEADER_VALUE_CHARS)) {
    return `A value has at most ${HEADER_VALUE_CHARS} characters.`;
  }
  return values.every((value) => /^[\t\x20-\x7e]*$/.test(value))
    ? null
    : 'A value has only visible ASCII characters, spaces and tabs.';
}

/** CGI and WSGI receivers cannot tell `_` from `-`: what is denied in one spelling is in the other. */
function isDenied(name: string): boolean {
  const dashed = name.replaceAll('_', '-');
  return DENIED.has(dashed) || DENIED_PREFIXES.some((prefix) => dashed.startsWith(prefix));
}

const DENIED: ReadonlySet<string> = new Set([
  // Framing and the connection: ours to say.
  'host',
  'content-length',
  'content-type',
  'content-encoding',
  'transfer-encoding',
  'connection',
  'keep-alive',
  'upgrade',
  'http2-settings',
  'te',
  'trailer',
  'trailers',
  'expect',
  'accept-encoding',
  'date',
  // Who asks, and through what: proxies and receivers trust these.
  'user-agent',
  'forwarded',
  'via',
  'x-real-ip',
  'x-client-ip',
  'x-cluster-client-ip',
  'client-ip',
  'true-client-ip',
  'cf-connecting-ip',
  'fastly-client-ip',
  'cookie',
  'set-cookie',
  // They make another request of this one.
  'x-http-method',
  'x-http-method-override',
  'x-method-override',
  'x-original-url',
  'x-original-host',
  'x-rewrite-url',
  'x-host',
  // They open the metadata services of clouds.
  'metadata',
  'metadata-flavor',
  'x-google-metadata-request',
  // Our own: signatures and traces.
  'x-webhook-signature',
  'socotra-signature',
  'traceparent',
  'tracestate',
  'baggage',
]);

const DENIED_PREFIXES = [
  'proxy-',
  'sec-',
  'x-forwarded',
  'x-envoy-',
  'x-aws-ec2-metadata-token',
  'webhook-',
  'svix-',
  'x-hub-',
  'x-github-',
  'x-snyk-',
  'x-infraaudit-',
  'x-hooklane-',
];

const SENSITIVE_PARTS = [
  'authorization',
  'auth-',
  'cookie',
  'token',
  'secret',
  'signature',
  'password',
  'passwd',
  'credential',
  'apikey',
  'api_key',
  'api-key',
  'jwt',
];
