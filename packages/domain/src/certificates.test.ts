import { describe, expect, it } from 'vitest';
import { fixture } from '../../../test/support/certificates.ts';
import { expiryOf, keyProblem, readCertificates } from './certificates.ts';

const NOW_MS = Date.UTC(2026, 5, 1);
const LIMITS = { chars: 32_768, certificates: 3, nowMs: NOW_MS };
const SERVER = fixture('server-cert');
const A = fixture('client-a-cert');

function read(text: string, limits: Partial<typeof LIMITS> = {}) {
  return readCertificates(text, { ...LIMITS, ...limits });
}

describe('the first of some certificates that ends', () => {
  const DAY_MS = 86_400_000;

  it.each([
    [[], null],
    [[400], 'later'],
    [[400, 30.1], 'later'],
    [[400, 30], 'month'],
    [[7.1], 'month'],
    [[7, 20], 'week'],
    [[0.1], 'week'],
    [[0], 'expired'],
    [[400, -1], 'expired'],
  ])('of those that last for so many days: %j, is %s', (days, expiry) => {
    const certificates = days.map((left) => ({ notAfterMs: NOW_MS + left * DAY_MS }));
    expect(expiryOf(certificates, NOW_MS)).toBe(expiry);
  });
});

describe('certificates in PEM', () => {
  it('are read one after the other, without what stands around them', () => {
    const verdict = read(`# the first\r\n${SERVER.replaceAll('\n', '\r\n')}\n and the second: ${A}`);
    expect(verdict).toMatchObject({
      ok: true,
      pem: SERVER + A,
      certificates: [
        { subject: 'CN=localhost', notBeforeMs: Date.UTC(2020, 0), notAfterMs: Date.UTC(2120, 0) },
        { subject: 'CN=client-a', fingerprint: expect.stringMatching(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/) },
      ],
    });
  });

  it.each([
    ['nothing', '', 'must hold certificates in PEM and nothing else'],
    ['words', 'trust me', 'must hold certificates in PEM and nothing else'],
    ['a key', fixture('server-key'), 'must hold certificates in PEM and nothing else'],
    ['a key beside a certificate', SERVER + fixture('server-key'), 'must hold certificates in PEM and nothing else'],
    ['half a certificate', SERVER.slice(0, 300), 'must hold certificates in PEM and nothing else'],
    ['one and a half', SERVER + A.slice(0, 300), 'must hold certificates in PEM and nothing else'],
    ['base64 that is none', SERVER + A.replace(/\n.{20}/, `\n${'A'.repeat(20)}`), 'certificate 2 cannot be read'],
    ['one that has expired', SERVER + fixture('expired-cert'), 'certificate 2 has expired'],
    ['too many', SERVER.repeat(4), 'must hold at most 3 certificates'],
    ['too long a text', SERVER + ' '.repeat(32_768), 'must have at most 32768 characters'],
  ])('are refused where there is %s', (_, text, problem) => {
    expect(read(text)).toEqual({ ok: false, problem });
  });

  it('are good until the moment they expire', () => {
    const end = Date.UTC(2120, 0);
    expect(read(SERVER, { nowMs: end - 1 })).toMatchObject({ ok: true });
    expect(read(SERVER, { nowMs: end })).toEqual({ ok: false, problem: 'certificate 1 has expired' });
  });

  it('are read in linear time, however hostile the text is', () => {
    const hostile = '-----BEGIN CERTIFICATE-----'.repeat(1_000);
    const startedAt = performance.now();
    expect(read(hostile).ok).toBe(false);
    expect(read(`-----BEGIN CERTIFICATE-----${'A'.repeat(32_000)}`).ok).toBe(false);
    expect(performance.now() - startedAt).toBeLessThan(500);
  });
});

describe('a private key', () => {
  it('is not so large that signing with it holds everybody up', () => {
    expect(keyProblem(fixture('huge-key'), fixture('huge-cert'))).toBe('must have at most 4096 bits');
  });

  it('belongs to the first certificate beside it', () => {
    expect(keyProblem(fixture('client-a-key'), A + SERVER)).toBeNull();
  });

  it.each([
    ['of another certificate', fixture('client-b-key'), 'does not belong to the certificate'],
    ['that is none', 'key', 'must be a private key in PEM'],
    ['that is a certificate', A, 'must be a private key in PEM'],
    ['that is encrypted', fixture('client-a-key').replace('BEGIN ', 'BEGIN ENCRYPTED '), 'must not be encrypted'],
    ['that is too long', fixture('client-a-key') + ' '.repeat(8_192), 'must have at most 8192 characters'],
  ])('%s is refused', (_, key, problem) => {
    expect(keyProblem(key, A)).toBe(problem);
  });
});
