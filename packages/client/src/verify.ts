import type { KeyObject } from 'node:crypto';
import { createHmac, createPublicKey, timingSafeEqual, verify as verifySignature } from 'node:crypto';

/** Why a request is not to be trusted. `bad_secret` is the receiver's own configuration, all others are the request's. */
export type WebhookVerificationCode =
  | 'missing_header'
  | 'bad_timestamp'
  | 'too_old'
  | 'too_new'
  | 'no_match'
  | 'bad_secret';

/** Headers as Node gives them (`request.headers`), or anything with `get`, such as the `Headers` of fetch. */
export type WebhookHeaders =
  | Readonly<Record<string, string | readonly string[] | undefined>>
  | { get(name: string): string | null | undefined };

export interface VerifyRequest {
  /** The body exactly as received. A parsed and re-serialised body has other bytes and never verifies. */
  body: Uint8Array | string;
  headers: WebhookHeaders;
  /** `whsec_…`, or the public key `whpk_…` of an ed25519 one; while a secret is being rotated, the old and the new one. */
  secrets: string | readonly string[];
  /** How far the request's timestamp may be from now, either way, in seconds. Default 300. */
  toleranceSeconds?: number;
  /** What the sender has in the place of `webhook` in the names of its headers. Default `webhook`. */
  headerPrefix?: string;
  /** Milliseconds since 1970. Default `Date.now`. */
  now?: () => number;
}

export interface VerifiedWebhook {
  /** The event's id, the same on every attempt: keep it for a while to recognise duplicates. */
  id: string;
  /** When this attempt was made; to the second. */
  timestamp: Date;
  body: Buffer;
}

/** The request was not signed with one of the secrets, or not lately. Answer 401 and do nothing else with it. */
export class WebhookVerificationError extends Error {
  override readonly name = 'WebhookVerificationError';
  readonly code: WebhookVerificationCode;

  constructor(code: WebhookVerificationCode) {
    super(MESSAGES[code]);
    this.code = code;
  }
}

/**
 * Checks the signature of a Standard Webhooks request (`v1` or `v1a`) and returns what was signed.
 *
 * @throws {WebhookVerificationError} for a request that must not be trusted, or a secret that is not one.
 * @throws {TypeError} when called with something that is not a body or a tolerance.
 */
export function verify(request: VerifyRequest): VerifiedWebhook {
  const keys = keysOf(request.secrets);
  const body = bytesOf(request.body);
  const prefix = (request.headerPrefix ?? 'webhook').toLowerCase();
  const id = one(request.headers, `${prefix}-id`);
  const seconds = one(request.headers, `${prefix}-timestamp`);
  const signatures = valuesOf(request.headers, `${prefix}-signature`).join(' ');
  if (!signatures) throw new WebhookVerificationError('missing_header');
  const timestamp = freshTimestamp(seconds, request);
  // An id with a full stop would let `a.1` + `2` and `a` + `1.2` be signed by the same bytes.
  if (id.includes('.')) throw new WebhookVerificationError('no_match');
  const signed: Signed = { head: `${id}.${seconds}.`, body };
  const entries = signatures.split(' ');
  if (!keys.some((key) => entries.some((entry) => isSignedWith(key, signed, entry)))) {
    throw new WebhookVerificationError('no_match');
  }
  return { id, timestamp, body };
}

// The range the specification allows, and all that Hooklane issues: a secret that was cut short while copying shows here.
const MIN_KEY_BYTES = 24;
const MAX_KEY_BYTES = 64;

/** The bytes of a secret, or the public key of a pair whose other half the sender keeps. */
type Key = Buffer | KeyObject;

interface Signed {
  head: string;
  body: Buffer;
}

function keysOf(secrets: string | readonly string[]): Key[] {
  const keys = (typeof secrets === 'string' ? [secrets] : secrets).map(keyOf);
  if (keys.length === 0) throw new WebhookVerificationError('bad_secret');
  return keys;
}

function keyOf(secret: string): Key {
  // Buffer.from skips what is not base64: without the pattern, a secret of another kind would become some key.
  const [, kind, encoded = ''] = /^(whsec|whpk)_([A-Za-z0-9+/]+={0,2})$/.exec(secret) ?? [];
  const key = Buffer.from(encoded, 'base64');
  if (kind === 'whpk' && key.length === PUBLIC_KEY_BYTES) return publicKey(key);
  if (kind !== 'whsec' || key.length < MIN_KEY_BYTES || key.length > MAX_KEY_BYTES) {
    throw new WebhookVerificationError('bad_secret');
  }
  return key;
}

const PUBLIC_KEY_BYTES = 32;
const SPKI_HEAD = Buffer.from('302a300506032b6570032100', 'hex');

function publicKey(point: Buffer): KeyObject {
  return createPublicKey({ key: Buffer.concat([SPKI_HEAD, point]), format: 'der', type: 'spki' });
}

function bytesOf(body: unknown): Buffer {
  if (typeof body === 'string') return Buffer.from(body);
  if (body instanceof Uint8Array) return Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  throw new TypeError('verify needs the raw body, as bytes or text, not a parsed one.');
}

/** A header that was sent twice names two things: neither can be trusted. */
function one(headers: WebhookHeaders, name: string): string {
  const [value, ...others] = valuesOf(headers, name);
  if (!value || others.length > 0) throw new WebhookVerificationError('missing_header');
  return value;
}

function valuesOf(headers: WebhookHeaders, name: string): readonly string[] {
  const value = hasGet(headers) ? headers.get(name) : anyCase(headers, name);
  if (value === null || value === undefined) return [];
  return typeof value === 'string' ? [value] : value;
}

function hasGet(headers: WebhookHeaders): headers is { get(name: string): string | null | undefined } {
  return typeof headers['get'] === 'function';
}

function anyCase(
  headers: Exclude<WebhookHeaders, { get: unknown }>,
  name: string,
): string | readonly string[] | undefined {
  return Object.entries(headers).find(([key]) => key.toLowerCase() === name)?.[1];
}

// Digits only: the signature covers the text, and `1e9`, ` 1` or `1.0` would be read as a time by one party and not by another.
const UNIX_SECONDS = /^\d{1,12}$/;

function freshTimestamp(text: string, { toleranceSeconds = 300, now = Date.now }: VerifyRequest): Date {
  if (!(toleranceSeconds >= 0)) throw new TypeError('toleranceSeconds is a number, 0 or more.');
  if (!UNIX_SECONDS.test(text)) throw new WebhookVerificationError('bad_timestamp');
  const seconds = Number(text);
  const ageSeconds = Math.floor(now() / 1000) - seconds;
  // Written so that a clock that gives no number refuses everything instead of accepting everything.
  if (!(ageSeconds <= toleranceSeconds)) throw new WebhookVerificationError('too_old');
  if (!(-ageSeconds <= toleranceSeconds)) throw new WebhookVerificationError('too_new');
  return new Date(seconds * 1000);
}

function isSignedWith(key: Key, signed: Signed, entry: string): boolean {
  return Buffer.isBuffer(key) ? isHmacOf(key, signed, entry) : isEd25519Of(key, signed, entry);
}

function isHmacOf(key: Buffer, { head, body }: Signed, entry: string): boolean {
  const digest = createHmac('sha256', key).update(head).update(body).digest('base64');
  return equal(Buffer.from(`v1,${digest}`), Buffer.from(entry));
}

function isEd25519Of(key: KeyObject, { head, body }: Signed, entry: string): boolean {
  const signature = Buffer.from(entry.slice('v1a,'.length), 'base64');
  // Only the spelling that was sent: in base64 several texts stand for the same bytes.
  if (entry !== `v1a,${signature.toString('base64')}`) return false;
  return verifySignature(null, Buffer.concat([Buffer.from(head), body]), key, signature);
}

/** Takes the same time wherever the bytes differ; timingSafeEqual itself throws on unequal lengths. */
function equal(expected: Buffer, given: Buffer): boolean {
  return expected.length === given.length && timingSafeEqual(expected, given);
}

const MESSAGES: Readonly<Record<WebhookVerificationCode, string>> = {
  missing_header: 'The request lacks the header of its id, timestamp or signature, or has one of them twice.',
  bad_timestamp: 'The timestamp of the request is not a time in whole Unix seconds.',
  too_old: 'The timestamp of the request is too far in the past.',
  too_new: 'The timestamp of the request is too far in the future.',
  no_match: 'No signature of the request was made with one of the secrets.',
  bad_secret:
    'A secret is neither whsec_ with the base64 of 24 to 64 bytes nor whpk_ with that of 32, or none was given.',
};
