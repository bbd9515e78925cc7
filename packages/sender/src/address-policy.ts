import { BlockList, isIP, SocketAddress } from 'node:net';
import { parseNetwork } from '@hooklane/runtime';

/** Decides which addresses may be sent to. Default deny: only what is known to be public, and what the operator opened. */
export interface AddressPolicy {
  /**
   * Null when the address may be sent to; otherwise why not, in words for the person who entered it.
   * Takes an IP address only (no brackets, no port): a name, a zone id or nonsense is refused.
   */
  check(address: string): string | null;
}

export interface AddressPolicyOptions {
  /** Networks opened by the operator, as `address/bits` or a single address. They win over the built-in list. */
  allowNetworks: readonly string[];
  /** More networks to close: own public addresses, the local NAT64 prefix. They win over `allowNetworks`. */
  denyNetworks?: readonly string[];
}

/** The configuration names networks that are none. Lists all of them, so that one restart is enough. */
export class InvalidNetworksError extends Error {
  override readonly name = 'InvalidNetworksError';
  readonly networks: readonly string[];

  constructor(networks: readonly string[]) {
    super(`Not networks in CIDR notation (such as 10.0.0.0/8 or fd00::/8): ${networks.join(', ')}`);
    this.networks = networks;
  }
}

/** @throws {InvalidNetworksError} naming every entry of both lists that is not a network. */
export function createAddressPolicy({ allowNetworks, denyNetworks = [] }: AddressPolicyOptions): AddressPolicy {
  const invalid = [...allowNetworks, ...denyNetworks].filter((network) => parseNetwork(network) === null);
  if (invalid.length > 0) throw new InvalidNetworksError(invalid);

  // Most installations have neither: a list that is not there costs nothing to ask.
  const closed = denyNetworks.length === 0 ? null : blockListOf(denyNetworks);
  const opened = allowNetworks.length === 0 ? null : blockListOf(allowNetworks);
  const special = blockListOf(SPECIAL_NETWORKS);
  const publicIpv6 = blockListOf(PUBLIC_IPV6);

  function isAllowed(address: SocketAddress): boolean {
    if (closed?.check(address)) return false;
    if (opened?.check(address)) return true;
    if (special.check(address)) return false;
    return address.family === 'ipv4' || (publicIpv6.check(address) && !isIsatap(address.address));
  }

  return {
    check(address) {
      const version = isIP(address);
      if (version === 0 || address.includes('%')) return NOT_AN_ADDRESS;
      // Parsed once for all lists.
      const parsed = new SocketAddress({ address, family: version === 4 ? 'ipv4' : 'ipv6' });
      return isAllowed(parsed) ? null : NOT_ALLOWED;
    },
  };
}

/** One sentence for all of them: it tells neither which kind of network it is nor whether anything listens there. */
const NOT_ALLOWED = 'The address is in a network that webhooks may not be sent to.';
const NOT_AN_ADDRESS = 'This is not an address that webhooks may be sent to.';

/**
 * Only global unicast is handed out to the public. Starting from it, rather than from a list of what is bad, refuses the
 * forms that carry an IPv4 address inside (mapped, compatible, translated, NAT64) and whatever is not yet allocated.
 */
const PUBLIC_IPV6 = ['2000::/3'];

/** IANA special-purpose registries, RFC 6890 and later, and addresses on which clouds serve credentials. */
const SPECIAL_NETWORKS = [
  '0.0.0.0/8', // this network: 0.0.0.0 connects to the machine itself
  '10.0.0.0/8', // private
  '100.64.0.0/10', // shared by carriers; Alibaba metadata at 100.100.100.200
  '127.0.0.0/8', // loopback
  '169.254.0.0/16', // link-local; metadata of most clouds
  '172.16.0.0/12', // private
  '192.0.0.0/24', // protocol assignments; Oracle metadata at 192.0.0.192
  '192.0.2.0/24', // documentation
  '192.31.196.0/24', // AS112
  '192.52.193.0/24', // AMT
  '192.88.99.0/24', // 6to4 relays
  '192.168.0.0/16', // private
  '192.175.48.0/24', // AS112
  '198.18.0.0/15', // benchmarks
  '198.51.100.0/24', // documentation
  '203.0.113.0/24', // documentation
  '224.0.0.0/4', // multicast
  '240.0.0.0/4', // reserved, broadcast
  '168.63.129.16/32', // Azure's WireServer: looks public, answers only inside
  '2001::/23', // protocol assignments: Teredo, benchmarks, ORCHID, AMT, AS112 and unassigned
  '2001:db8::/32', // documentation
  '2002::/16', // 6to4: carries an IPv4 address
  '2620:4f:8000::/48', // AS112
  '3fff::/20', // documentation
];

function blockListOf(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const text of networks) {
    const network = parseNetwork(text);
    if (network) list.addSubnet(network.address, network.bits, network.family);
  }
  return list;
}

/**
 * ISATAP carries an IPv4 address behind the interface id `[02]00:5efe`, under any prefix, so no list of networks covers
 * it. `5efe` has no leading zero: every spelling of such an address contains it.
 */
function isIsatap(address: string): boolean {
  if (!/5efe/i.test(address)) return false;
  const [, , , , fifth, sixth] = groupsOf(address);
  return (fifth === 0 || fifth === 0x0200) && sixth === 0x5efe;
}

/** The eight groups of a valid IPv6 address. A dotted tail counts as two groups whose values nobody reads. */
function groupsOf(address: string): number[] {
  const [head = '', tail] = address.replace(/[\d.]+\.\d+$/, '0:0').split('::');
  const left = parseGroups(head);
  if (tail === undefined) return left;
  const right = parseGroups(tail);
  return [...left, ...new Array<number>(8 - left.length - right.length).fill(0), ...right];
}

function parseGroups(text: string): number[] {
  return text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16));
}
