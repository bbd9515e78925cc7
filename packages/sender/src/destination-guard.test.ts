import { describe, expect, it } from 'vitest';
import { fixture } from '../../../test/support/certificates.ts';
import { createAddressPolicy } from './address-policy.ts';
import { createDestinationGuard } from './destination-guard.ts';

const policy = createAddressPolicy({ allowNetworks: [] });

describe('destination guard', () => {
  const guard = createDestinationGuard({ policy, allowHttp: false, allowPrivateNames: false });

  it.each(['https://example.com/hooks', 'https://8.8.8.8/', 'https://[2606:4700::1]/', 'https://example.com:8443/'])(
    'has no objection to %s',
    (url) => {
      expect(guard.check(url)).toEqual({ url });
    },
  );

  it.each([
    'http://example.com/',
    'file:///etc/passwd',
    'nonsense',
    'https://user:pw@example.com/',
    'https://localhost/',
    'https://metadata.google.internal/',
    'https://127.0.0.1/',
    'https://0x7f.1/',
    'https://2130706433/',
    'https://169.254.169.254/latest/meta-data/',
    'https://168.63.129.16/',
    'https://[::1]/',
    'https://[::ffff:8.8.8.8]/',
    'https://[64:ff9b::7f00:1]/',
  ])('objects to %s', (url) => {
    expect(guard.check(url)).toEqual({ objection: expect.any(String) });
  });

  it('takes only client certificates that TLS takes', () => {
    const pair = (name: string) => ({ certificate: fixture(`${name}-cert`), key: fixture(`${name}-key`) });
    expect(guard.takes(pair('client-a'))).toBe(true);
    expect(guard.takes(pair('weak'))).toBe(false);
    expect(guard.takes({ ...pair('client-a'), key: fixture('client-b-key') })).toBe(false);
  });

  it('gives the URL as it will be dialled', () => {
    expect(guard.check('https://EXAMPLE.com.:443/a/../b')).toEqual({ url: 'https://example.com/b' });
  });

  it('takes http, private names and opened networks where the operator wants them', () => {
    const opened = createAddressPolicy({ allowNetworks: ['127.0.0.0/8'] });
    const lenient = createDestinationGuard({ policy: opened, allowHttp: true, allowPrivateNames: true });
    expect(lenient.check('http://localhost:8080/')).toHaveProperty('url');
    expect(lenient.check('http://127.0.0.1:8080/')).toHaveProperty('url');
    expect(lenient.check('http://10.0.0.1:8080/')).toHaveProperty('objection');
  });
});
