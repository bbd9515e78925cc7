import type { CaBundle, CertificatesVerdict, JudgedClientCertificate, Problem } from '@hooklane/domain';
import {
  CA_BUNDLE_CERTIFICATES,
  CA_BUNDLE_CHARS,
  CLIENT_CERTIFICATE_CHARS,
  CLIENT_CERTIFICATES,
  DomainError,
  keyProblem,
  readCertificates,
} from '@hooklane/domain';
import type { DestinationGuard } from './sending.ts';
import type { WebhookSettings } from './webhooks.ts';

export interface TlsPorts {
  guard: Pick<DestinationGuard, 'takes'>;
  allowInsecureTls: boolean;
  /** Milliseconds since 1970. */
  clock: () => number;
}

type Tls = Pick<WebhookSettings, 'verifyTls' | 'caBundle' | 'clientCertificate'>;

/**
 * The certificates in their plain form. Only what is new is judged: whoever turns off a webhook whose certificate has
 * expired must not be told to bring another one first. Throws `invalid_field`.
 */
export function checkedTls(ports: TlsPorts, wanted: Tls, now: Tls | null): Tls {
  checkVerify(ports, wanted, now);
  return {
    verifyTls: wanted.verifyTls,
    caBundle: isSameBundle(wanted, now) ? (now?.caBundle ?? null) : checkedBundle(ports, wanted.caBundle),
    clientCertificate: isSameClient(wanted, now)
      ? (now?.clientCertificate ?? null)
      : checkedClient(ports, wanted.clientCertificate),
  };
}

function checkVerify({ allowInsecureTls }: TlsPorts, wanted: Tls, now: Tls | null): void {
  if (wanted.verifyTls || allowInsecureTls || now?.verifyTls === false) return;
  throw invalid([{ field: 'verify_tls', message: 'must be true: this installation verifies every receiver' }]);
}

function isSameBundle(wanted: Tls, now: Tls | null): boolean {
  return wanted.caBundle?.pem === now?.caBundle?.pem;
}

function isSameClient({ clientCertificate: wanted }: Tls, now: Tls | null): boolean {
  const before = now?.clientCertificate ?? null;
  return wanted?.certificate === before?.certificate && wanted?.key === before?.key;
}

function checkedBundle(ports: TlsPorts, caBundle: CaBundle | null): CaBundle | null {
  if (caBundle === null) return null;
  const limits = { chars: CA_BUNDLE_CHARS, certificates: CA_BUNDLE_CERTIFICATES, nowMs: ports.clock() };
  return read('ca_bundle', readCertificates(caBundle.pem, limits));
}

function checkedClient(ports: TlsPorts, client: JudgedClientCertificate | null): JudgedClientCertificate | null {
  if (client === null) return null;
  const limits = { chars: CLIENT_CERTIFICATE_CHARS, certificates: CLIENT_CERTIFICATES, nowMs: ports.clock() };
  const verdict = read('client_certificate.certificate', readCertificates(client.certificate, limits));
  const { pem: certificate, certificates } = verdict;
  const problem = keyProblem(client.key, certificate);
  if (problem !== null) throw invalid([{ field: 'client_certificate.key', message: problem }]);
  const { key } = client;
  if (ports.guard.takes({ certificate, key })) return { certificate, key, facts: certificates[0] ?? null };
  const message = 'is refused by TLS, as where its key or its signature is too weak';
  throw invalid([{ field: 'client_certificate', message }]);
}

function read(field: string, verdict: CertificatesVerdict): CaBundle {
  if (!verdict.ok) throw invalid([{ field, message: verdict.problem }]);
  return { pem: verdict.pem, certificates: verdict.certificates };
}

function invalid(problems: readonly Problem[]): DomainError {
  return new DomainError('invalid_field', undefined, { problems });
}
