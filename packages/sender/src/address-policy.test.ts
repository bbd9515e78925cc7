import { describe, expect, it } from 'vitest';
import { PUBLIC_ADDRESSES, SPECIAL_IPV4, SPECIAL_IPV6 } from '../../../test/support/hostile-addresses.ts';
import { createAddressPolicy, InvalidNetworksError } from './address-policy.ts';

const NO_ADDRESSES = [
  '',
  'localhost',
  'fe80::1%eth0',
  '2606:4700::1%1',
  '[::1]',
  '127.1',
  '0x7f.1',
  '8.8.8.8:80',
  '8.8.8.8 ',
];

describe('address policy', () => {
  const policy = createAddressPolicy({ allowNetworks: [] });

  it.each([...SPECIAL_IPV4, ...SPECIAL_IPV6, ...NO_ADDRESSES])('refuses %s', (address) => {
    expect(policy.check(address)).toEqual(expect.any(String));
  });

  it.each(PUBLIC_ADDRESSES)('lets %s pass', (address) => {
    expect(policy.check(address)).toBeNull();
  });

  it('says the same of every closed network, so that the answer tells nothing about the machine', () => {
    const reasons = new Set([...SPECIAL_IPV4, ...SPECIAL_IPV6].map((address) => policy.check(address)));
    expect([...reasons]).toEqual(['The address is in a network that webhooks may not be sent to.']);
  });
});

describe('networks of the operator', () => {
  it('opens a closed network, and nothing beside it', () => {
    const policy = createAddressPolicy({ allowNetworks: ['10.1.0.0/16', 'fd12::/16', '127.0.0.1'] });
    expect(policy.check('10.1.2.3')).toBeNull();
    expect(policy.check('fd12::9')).toBeNull();
    expect(policy.check('127.0.0.1')).toBeNull();
    expect(policy.check('10.2.0.1')).not.toBeNull();
    expect(policy.check('fd13::9')).not.toBeNull();
    expect(policy.check('127.0.0.2')).not.toBeNull();
  });

  it('judges an IPv4-mapped address as its IPv4 only where that is opened', () => {
    const policy = createAddressPolicy({ allowNetworks: ['127.0.0.0/8'] });
    expect(policy.check('::ffff:127.0.0.1')).toBeNull();
    expect(policy.check('::ffff:7f00:1')).toBeNull();
    expect(policy.check('::ffff:10.0.0.1')).not.toBeNull();
    expect(policy.check('::ffff:8.8.8.8')).not.toBeNull();
  });

  it('closes more, even inside an opened network and in mapped form', () => {
    const policy = createAddressPolicy({ allowNetworks: ['10.0.0.0/8'], denyNetworks: ['10.0.0.5/32', '9.9.9.0/24'] });
    expect(policy.check('10.0.0.4')).toBeNull();
    expect(policy.check('10.0.0.5')).not.toBeNull();
    expect(policy.check('::ffff:10.0.0.5')).not.toBeNull();
    expect(policy.check('9.9.9.9')).not.toBeNull();
  });

  it('refuses zone ids even where everything is opened', () => {
    const policy = createAddressPolicy({ allowNetworks: ['::/0', '0.0.0.0/0'] });
    expect(policy.check('fe80::1')).toBeNull();
    expect(policy.check('fe80::1%eth0')).not.toBeNull();
  });

  it('names every entry that is no network', () => {
    const wrong = [
      '10.0.0.0/',
      '10.0.0.0/33',
      '10.0.0/8',
      '::/129',
      'fe80::1%eth0/64',
      'localhost',
      '',
      '10.0.0.0/8/8',
      '10.0.0.0/-1',
    ];
    let error: unknown;
    try {
      createAddressPolicy({
        allowNetworks: ['10.0.0.0/8', ...wrong.slice(0, 5)],
        denyNetworks: [...wrong.slice(5), '::/0'],
      });
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(InvalidNetworksError);
    expect((error as InvalidNetworksError).networks).toEqual(wrong);
    expect((error as InvalidNetworksError).message).toContain('fe80::1%eth0/64');
  });
});
