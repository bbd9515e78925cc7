import { isIP } from 'node:net';

/** A block of addresses. */
export interface Network {
  address: string;
  bits: number;
  family: 'ipv4' | 'ipv6';
}

/** `address/bits` or a single address; null when the text is neither. A zone id is refused. */
export function parseNetwork(text: string): Network | null {
  const [address = '', suffix, ...rest] = text.split('/');
  const version = isIP(address);
  if (version === 0 || address.includes('%') || rest.length > 0) return null;
  const width = version === 4 ? 32 : 128;
  const bits = suffix === undefined ? width : bitsOf(suffix);
  if (bits > width) return null;
  return { address, bits, family: version === 4 ? 'ipv4' : 'ipv6' };
}

/** `Number('')` is 0: `10.0.0.0/` would open the whole internet. */
function bitsOf(suffix: string): number {
  return /^\d{1,3}$/.test(suffix) ? Number(suffix) : Number.POSITIVE_INFINITY;
}
