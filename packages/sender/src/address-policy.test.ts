import { describe, expect, it } from 'vitest';
import { createAddressPolicy, InvalidNetworksError } from './address-policy.ts';

const SPECIAL_IPV4 = [
  '0.0.0.0',
  '0.1.2.3',
  '0.255.255.255',
  '10.0.0.0',
  '10.255.255.255',
  '100.64.0.1',
  '100.100.100.200',
  '100.127.255.255',
  '127.0.0.1',
  '127.255.255.254',
  '168.63.129.16',
  '169.254.0.1',
  '169.254.169.254',
  '169.254.170.2',
  '169.254.170.23',
  '172.16.0.1',
  '172.31.255.255',
  '192.0.0.1',
  '192.0.0.192',
  '192.0.2.1',
  '192.31.196.1',
  '192.52.193.1',
  '192.88.99.1',
  '192.168.0.1',
  '192.168.255.255',
  '192.175.48.1',
  '198.18.0.1',
  '198.19.255.255',
  '198.51.100.1',
  '203.0.113.1',
  '224.0.0.1',
  '239.255.255.255',
  '240.0.0.1',
  '255.255.255.255',
];

const SPECIAL_IPV6 = [
  '::',
  '::1',
  '0:0:0:0:0:0:0:1',
  '::7f00:1',
  '::127.0.0.1',
  '::a9fe:a9fe',
  '::ffff:127.0.0.1',
  '::ffff:7f00:1',
  '::ffff:a9fe:a9fe',
  '::ffff:8.8.8.8',
  '::ffff:0:7f00:1',
  '64:ff9b::7f00:1',
  '64:ff9b::a9fe:a9fe',
  '64:ff9b::8.8.8.8',
  '64:ff9b:1::7f00:1',
  '64:ff9b:1::a9fe:a9fe',
  '100::1',
  '100:0:0:1::1',
  '2001::1',
  '2001:0:7f00:1::',
  '2001:1::1',
  '2001:2::1',
  '2001:3::1',
  '2001:4:112::1',
  '2001:5::1',
  '2001:10::1',
  '2001:20::1',
  '2001:30::1',
  '2001:1ff::1',
  '2001:db8::1',
  '2002:7f00:1::',
  '2002:a9fe:a9fe::1',
  '2620:4f:8000::1',
  '3fff::1',
  '3fff:fff::1',
  '4000::1',
  '5f00::1',
  '8000::1',
  'fc00::1',
  'fd00::1',
  'fd00:ec2::254',
  'fd20:ce::254',
  'fe80::1',
  'febf::1',
  'fec0::1',
  'ff02::1',
  'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff',
  '2606:4700::5efe:7f00:1',
  '2606:4700::5efe:127.0.0.1',
  '2606:4700::200:5efe:a9fe:a9fe',
  '2606:4700:0:0:0200:5EFE:10.0.0.1',
];

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

const PUBLIC = [
  '1.1.1.1',
  '8.8.8.8',
  '9.255.255.255',
  '11.0.0.0',
  '100.63.255.255',
  '100.128.0.0',
  '126.255.255.255',
  '128.0.0.1',
  '168.63.129.15',
  '168.63.129.17',
  '169.253.255.255',
  '169.255.0.0',
  '172.15.255.255',
  '172.32.0.0',
  '192.0.1.1',
  '192.167.255.255',
  '192.169.0.0',
  '198.17.255.255',
  '198.20.0.0',
  '223.255.255.255',
  '2001:200::1',
  '2001:db7::1',
  '2001:4860:4860::8888',
  '2003::1',
  '2606:4700:4700::1111',
  '2606:4700::5efe',
  '2606:4700::1:5efe:7f00:1',
  '2620:4f:7fff::1',
  '2a00:1450:4001:81b::200e',
  '3ffe::1',
];

describe('address policy', () => {
  const policy = createAddressPolicy({ allowNetworks: [] });

  it.each([...SPECIAL_IPV4, ...SPECIAL_IPV6, ...NO_ADDRESSES])('refuses %s', (address) => {
    expect(policy.check(address)).toEqual(expect.any(String));
  });

  it.each(PUBLIC)('lets %s pass', (address) => {
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
