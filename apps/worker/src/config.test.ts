import { fileURLToPath } from 'node:url';
import { ConfigError } from '@hooklane/runtime';
import { describe, expect, it } from 'vitest';
import { fixture } from '../../../test/support/certificates.ts';
import { readWorkerConfig } from './config.ts';

const MINIMAL = {
  DATABASE_URL: 'postgres://localhost/h',
  HOOKLANE_SEALING_KEYS: `a:${Buffer.alloc(32, 1).toString('base64')}`,
};
const certificates = (name: string) =>
  fileURLToPath(new URL(`../../../test/support/certificates/${name}`, import.meta.url));

function read(env: Record<string, string>) {
  return readWorkerConfig({ ...MINIMAL, ...env });
}

function problemsOf(env: Record<string, string>): string {
  try {
    read(env);
    return '';
  } catch (error) {
    return error instanceof ConfigError ? error.problems.join() : String(error);
  }
}

describe('what a worker is told about the way to receivers', () => {
  it('is by default: straight there, trusting nobody but the public authorities', () => {
    expect(read({})).toMatchObject({
      allowInsecureTls: false,
      dnsServers: [],
      egressProxy: undefined,
      trustedCertificates: undefined,
    });
  });

  it('is a proxy where one is set, and none that the environment has for others', () => {
    const theirs = {
      HTTP_PROXY: 'http://evil:1',
      https_proxy: 'http://evil:1',
      ALL_PROXY: 'x',
      NODE_USE_ENV_PROXY: '1',
    };
    expect(read(theirs).egressProxy).toBeUndefined();
    expect(read({ HOOKLANE_EGRESS_PROXY: 'http://us:pw@proxy:3128' }).egressProxy).toMatchObject({
      host: 'proxy',
      port: 3128,
      secure: false,
    });
    const problems = problemsOf({ HOOKLANE_EGRESS_PROXY: 'socks5://us:canary@proxy' });
    expect(problems).toMatch(/^HOOKLANE_EGRESS_PROXY: expected/);
    expect(problems).not.toContain('canary');
  });

  it('is a file of certificates, read before anything starts', () => {
    const { trustedCertificates } = read({ HOOKLANE_CA_FILE: certificates('authority-cert.pem') });
    expect(trustedCertificates).toBe(fixture('authority-cert'));
  });

  it.each(['no-such-file.pem', 'expired-cert.pem', 'server-key.pem', 'make.sh'])('is not %s', (name) => {
    expect(problemsOf({ HOOKLANE_CA_FILE: certificates(name) })).toMatch(/^HOOKLANE_CA_FILE: expected a file/);
  });

  it('is where to look up names', () => {
    expect(read({ HOOKLANE_DNS_SERVERS: '10.0.0.53, [fd00::53]:5353,127.0.0.1:53' }).dnsServers).toHaveLength(3);
    for (const server of ['dns.example', '10.0.0.53:x', '10.0.0', 'fd00::53]']) {
      expect(problemsOf({ HOOKLANE_DNS_SERVERS: server })).toMatch(/^HOOKLANE_DNS_SERVERS: expected/);
    }
  });
});
