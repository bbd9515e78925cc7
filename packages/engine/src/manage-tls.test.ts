import type { ErrorContext } from '@hooklane/domain';
import { DomainError } from '@hooklane/domain';
import { describe, expect, it } from 'vitest';
import { fixture } from '../../../test/support/certificates.ts';
import type { TlsPorts } from './manage-tls.ts';
import { checkedTls } from './manage-tls.ts';

const USUAL = { verifyTls: true, caBundle: null, clientCertificate: null };
const A = pair('client-a');
const PORTS: TlsPorts = {
  guard: { takes: () => true },
  allowInsecureTls: false,
  clock: () => Date.UTC(2026, 5, 1),
};

describe('what a webhook says about TLS', () => {
  it('is taken with certificates in their plain form', () => {
    const caBundle = bundle(`# ours\n${fixture('authority-cert')}`);
    const wanted = { verifyTls: true, caBundle, clientCertificate: { ...A, certificate: `# mine\n${A.certificate}` } };
    expect(checkedTls(PORTS, wanted, null)).toEqual({
      ...wanted,
      caBundle: {
        pem: fixture('authority-cert'),
        certificates: [expect.objectContaining({ subject: 'CN=Hooklane Test Authority' })],
      },
      clientCertificate: { ...A, facts: expect.objectContaining({ subject: 'CN=client-a' }) },
    });
  });

  it('may leave receivers unverified only where the operator permits it', () => {
    const wanted = { ...USUAL, verifyTls: false };
    expect(problemsOf(PORTS, wanted)).toMatchObject([{ field: 'verify_tls' }]);
    expect(checkedTls({ ...PORTS, allowInsecureTls: true }, wanted, null)).toEqual(wanted);
  });

  it.each([
    ['ca_bundle', { caBundle: bundle('nonsense') }],
    ['ca_bundle', { caBundle: bundle(fixture('expired-cert')) }],
    ['client_certificate.certificate', { clientCertificate: { ...A, certificate: 'nonsense' } }],
    ['client_certificate.certificate', { clientCertificate: pair('expired') }],
    ['client_certificate.key', { clientCertificate: { ...A, key: fixture('client-b-key') } }],
    ['client_certificate.key', { clientCertificate: { ...A, key: 'nonsense' } }],
  ])('is refused with the name of the field %s', (field, changed) => {
    expect(problemsOf(PORTS, { ...USUAL, ...changed })).toMatchObject([{ field }]);
  });

  it('is refused where TLS itself does not take the certificate of the client', () => {
    const refusing = { ...PORTS, guard: { takes: () => false } };
    expect(problemsOf(refusing, { ...USUAL, clientCertificate: A })).toMatchObject([{ field: 'client_certificate' }]);
  });

  it('is not judged again where it has not changed: an expired certificate keeps nobody from turning a webhook off', () => {
    const now = { verifyTls: false, caBundle: bundle(fixture('expired-cert')), clientCertificate: pair('expired') };
    expect(checkedTls(PORTS, { ...now, clientCertificate: pair('expired') }, now)).toEqual(now);
    expect(problemsOf(PORTS, { ...now, caBundle: bundle(`${fixture('expired-cert')} `) }, now)).toHaveLength(1);
  });
});

function pair(name: string) {
  return { certificate: fixture(`${name}-cert`), key: fixture(`${name}-key`), facts: null };
}

function bundle(pem: string) {
  return { pem, certificates: [] };
}

type Tls = Parameters<typeof checkedTls>[1];

function problemsOf(ports: TlsPorts, wanted: Tls, now: Tls | null = null): ErrorContext['problems'] {
  try {
    checkedTls(ports, wanted, now);
    return [];
  } catch (error) {
    expect(error).toBeInstanceOf(DomainError);
    return (error as ErrorContext).problems;
  }
}
