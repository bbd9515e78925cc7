import { createPrivateKey, X509Certificate } from 'node:crypto';
import { momentMs } from './calendar.ts';

/** What is told of a certificate; the certificate itself is not a secret, but long. */
export interface CertificateFacts {
  /** As `CN=hooks, O=Acme`. */
  subject: string;
  /** SHA-256 of the whole certificate, in hex with colons. */
  fingerprint: string;
  notBeforeMs: number;
  notAfterMs: number;
}

/** A client certificate with what comes between it and its authority, and its private key; both PEM. */
export interface ClientCertificate {
  certificate: string;
  key: string;
}

/** A client certificate with what is told of it; null only until it was judged. */
export interface JudgedClientCertificate extends ClientCertificate {
  facts: CertificateFacts | null;
}

/** Authorities with what is told of each, which is read once: a certificate takes a third of a millisecond. */
export interface CaBundle {
  pem: string;
  certificates: readonly CertificateFacts[];
}

/** When the first of some certificates ends: it has, within 7 days, within 30, or later. */
export type Expiry = 'expired' | 'week' | 'month' | 'later';

const DAY_MS = 86_400_000;

/** Null where there is none. */
export function expiryOf(certificates: readonly Pick<CertificateFacts, 'notAfterMs'>[], nowMs: number): Expiry | null {
  if (certificates.length === 0) return null;
  const leftMs = Math.min(...certificates.map(({ notAfterMs }) => notAfterMs)) - nowMs;
  if (leftMs <= 0) return 'expired';
  if (leftMs <= 7 * DAY_MS) return 'week';
  return leftMs <= 30 * DAY_MS ? 'month' : 'later';
}

/** What a text of PEM came to: the certificates in it and nothing else, or why it is refused. */
export type CertificatesVerdict =
  | { ok: true; pem: string; certificates: readonly CertificateFacts[] }
  | { ok: false; problem: string };

export const CA_BUNDLE_CHARS = 32_768;
export const CA_BUNDLE_CERTIFICATES = 16;
export const CLIENT_CERTIFICATE_CHARS = 16_384;
export const CLIENT_CERTIFICATES = 5;
export const CLIENT_KEY_CHARS = 8_192;

/**
 * Reads certificates. Text around them, such as the comments of a bundle, is dropped; anything else in PEM is refused: a
 * private key that was pasted along would otherwise be kept where certificates are, in the clear.
 */
export function readCertificates(
  text: string,
  limits: { chars: number; certificates: number; nowMs: number },
): CertificatesVerdict {
  if (text.length > limits.chars) return refused(`must have at most ${limits.chars} characters`);
  const blocks = blocksOf(text);
  if (blocks === null) return refused('must hold certificates in PEM and nothing else');
  if (blocks.length > limits.certificates) return refused(`must hold at most ${limits.certificates} certificates`);
  const parsed = blocks.map(parse);
  const certificates = parsed.filter((one) => one !== null);
  const broken = parsed.indexOf(null);
  if (broken >= 0) return refused(`certificate ${broken + 1} cannot be read`);
  const expired = certificates.findIndex(({ facts }) => facts.notAfterMs <= limits.nowMs);
  if (expired >= 0) return refused(`certificate ${expired + 1} has expired`);
  return {
    ok: true,
    pem: certificates.map(({ pem }) => pem).join(''),
    certificates: certificates.map((one) => one.facts),
  };
}

/** What is wrong with a private key, seen beside its certificate, which comes first in `pem`. Null: they belong together. */
export function keyProblem(key: string, pem: string): string | null {
  if (key.length > CLIENT_KEY_CHARS) return `must have at most ${CLIENT_KEY_CHARS} characters`;
  if (/^-----BEGIN ENCRYPTED|^Proc-Type: 4,ENCRYPTED/m.test(key)) return 'must not be encrypted';
  try {
    const privateKey = createPrivateKey(key);
    if (!new X509Certificate(pem).checkPrivateKey(privateKey)) return 'does not belong to the certificate';
    const { modulusLength = 0 } = privateKey.asymmetricKeyDetails ?? {};
    return modulusLength > RSA_BITS ? `must have at most ${RSA_BITS} bits` : null;
  } catch {
    return 'must be a private key in PEM';
  }
}

/** Signing takes some 5 ms with these, eight times as much with twice as many, and all who share the process wait. */
const RSA_BITS = 4096;

function refused(problem: string): CertificatesVerdict {
  return { ok: false, problem };
}

const BLOCK = /-----BEGIN CERTIFICATE-----[\sA-Za-z0-9+/=]+-----END CERTIFICATE-----/g;

/** Null when there is none, or something else in PEM among them. */
function blocksOf(text: string): string[] | null {
  const blocks = text.match(BLOCK) ?? [];
  const begun = text.match(/-----BEGIN /g) ?? [];
  return blocks.length === 0 || begun.length > blocks.length ? null : blocks;
}

function parse(block: string): { pem: string; facts: CertificateFacts } | null {
  try {
    const certificate = new X509Certificate(block);
    return { pem: certificate.toString(), facts: factsOf(certificate) };
  } catch {
    return null;
  }
}

const SUBJECT_CHARS = 512;

/** Of a subject alternative name only, there may be no subject at all. */
function factsOf({ subject, fingerprint256, validFrom, validTo }: X509Certificate): CertificateFacts {
  return {
    subject: ((subject as string | undefined) ?? '').replaceAll('\n', ', ').slice(0, SUBJECT_CHARS),
    fingerprint: fingerprint256,
    notBeforeMs: timeOf(validFrom),
    notAfterMs: timeOf(validTo),
  };
}

/** `Jan  1 00:00:00 2120 GMT`, as OpenSSL writes it. What it cannot say (years of five digits) is as good as long past. */
function timeOf(text: string): number {
  const [, month = '', day = '', time = '', year = ''] = /^(\w{3}) +(\d+) ([\d:]{8}) (\d{4}) GMT$/.exec(text) ?? [];
  return momentMs({ year: Number(year), month, day: Number(day), time }) ?? 0;
}
