import type { LookupFunction } from 'node:net';
import { isIP, Socket } from 'node:net';
import { rootCertificates } from 'node:tls';
import type { TlsSettings } from '@hooklane/domain';
import type { buildConnector } from 'undici';
import type { AddressPolicy } from './address-policy.ts';
import { contextOf, createConnectors } from './connectors.ts';
import type { EgressProxy, ReachableProxy } from './egress-proxy.ts';
import { openTunnel, ProxyError } from './egress-proxy.ts';
import type { Address, Resolver } from './resolver.ts';

/** Our own policy forbade the address. Nothing was sent. The message is the reason, fit for the person who made the webhook. */
export class BlockedAddressError extends Error {
  override readonly name = 'BlockedAddressError';
}

/** The name has no address, or no DNS server said so in time. */
export class NameNotResolvedError extends Error {
  override readonly name = 'NameNotResolvedError';
}

/** Starts a connection; the socket is returned at once, so that a deadline can end it while it is still connecting. */
export type Dial = (
  target: buildConnector.Options,
  tls: TlsSettings | null,
  done: buildConnector.Callback,
) => Socket | null;

export interface GuardedConnectOptions {
  policy: AddressPolicy;
  resolver: Resolver;
  /** Certificate authorities to trust besides those of Node, as PEM. */
  trustedCertificates?: readonly string[];
  /** Heed `verify: false`. Default: certificates are verified all the same. */
  allowUnverified?: boolean;
  /** Where all connections go through; its own address is the operator's choice and not judged. Default: none. */
  proxy?: EgressProxy | null;
}

/**
 * Connects only where the address policy allows, judged on the very addresses that are dialled: what a name meant when
 * it was checked earlier is worth nothing (DNS rebinding). Three checks: a literal host (no lookup is made for those),
 * every answer of the resolver, and the peer of the connected socket before a byte of HTTP goes out. Through a proxy the
 * peer is the proxy; it is given the address that was judged, never the name.
 */
export function createGuardedConnect(options: GuardedConnectOptions): Dial {
  const { policy, resolver, trustedCertificates = [], allowUnverified = false, proxy = null } = options;
  const lookup = createGuardedLookup(policy, resolver);
  const authorities = trustedCertificates.length === 0 ? undefined : [...rootCertificates, ...trustedCertificates];
  // Built once: by default each connection would make its own.
  const secureContext = contextOf({ authorities: null, clientCertificate: null }, { authorities });
  const connectorFor = createConnectors({ lookup, secureContext, authorities, allowUnverified });
  const dial =
    proxy === null
      ? dialDirectly(policy, connectorFor)
      : dialThrough({ ...proxy, secureContext }, lookup, connectorFor);

  return (target, tls, done) => {
    const reason = isIP(target.hostname) === 0 ? null : policy.check(target.hostname);
    if (reason === null) return dial(target, tls, done);
    process.nextTick(done, new BlockedAddressError(reason), null);
    return null;
  };
}

type ConnectorFor = (tls: TlsSettings | null) => buildConnector.connector;

function dialDirectly(policy: AddressPolicy, connectorFor: ConnectorFor): Dial {
  return (target, tls, done) => {
    // Its type promises nothing, but the socket is returned: what undici's own proxies build on.
    const socket: unknown = connectorFor(tls)(target, (error, connected) => {
      if (error) done(error, null);
      else admit(policy, connected, done);
    });
    return socket instanceof Socket ? socket : null;
  };
}

function dialThrough(proxy: ReachableProxy, lookup: LookupFunction, connectorFor: ConnectorFor): Dial {
  async function tunnel(raw: Socket, { hostname, protocol, port }: buildConnector.Options): Promise<Socket> {
    const address = isIP(hostname) === 0 ? await firstAddress(lookup, hostname) : hostname;
    // `connect` would bring a socket back to life that a deadline has ended.
    if (raw.destroyed) throw new ProxyError('it took too long to find the address');
    return openTunnel(proxy, raw, { address, port: Number(port) || (protocol === 'https:' ? 443 : 80) });
  }

  return (target, tls, done) => {
    const raw = new Socket();
    // What happens to it later is told by the socket on top of it.
    raw.on('error', nothing);
    tunnel(raw, target).then(
      (socket) => {
        if (target.protocol === 'https:') connectorFor(tls)({ ...target, httpSocket: socket }, done);
        else done(null, socket);
      },
      (error: Error) => {
        raw.destroy();
        done(error, null);
      },
    );
    return raw;
  };
}

function firstAddress(lookup: LookupFunction, hostname: string): Promise<string> {
  return new Promise((resolve, reject) => {
    lookup(hostname, {}, (error, address) => {
      if (error) reject(error);
      else resolve(String(address));
    });
  });
}

function nothing(): void {}

/** The names of a split DNS are nobody's business: what a name resolves to is not told. */
const NAME_NOT_ALLOWED = 'The name resolves to an address that webhooks may not be sent to.';

/** More than anyone publishes; a hostile zone could list thousands, to be dialled one after the other. */
const ADDRESSES_DIALLED_MAX = 8;

/** One blocked answer refuses them all: which of several is dialled would otherwise be up to chance, or to an attacker. */
function createGuardedLookup(policy: AddressPolicy, resolver: Resolver): LookupFunction {
  return (hostname, options, done) => {
    resolver
      .resolve(hostname)
      .then((resolution) => {
        if (resolution.kind === 'failed') return done(new NameNotResolvedError(resolution.code), [], 0);
        const { addresses } = resolution;
        if (!addresses.every(({ address }) => policy.check(address) === null)) {
          return done(new BlockedAddressError(NAME_NOT_ALLOWED), [], 0);
        }
        return options.all ? done(null, addresses.slice(0, ADDRESSES_DIALLED_MAX)) : answerWithFirst(addresses, done);
      })
      .catch((error: unknown) => process.nextTick(rethrow, error));
  };
}

function answerWithFirst(addresses: readonly Address[], done: Parameters<LookupFunction>[2]): void {
  const [first] = addresses;
  if (first) done(null, first.address, first.family);
  else done(new NameNotResolvedError('ENODATA'), [], 0);
}

/** A bug of ours inside a callback of net: it must not vanish in a promise that nobody looks at. */
function rethrow(error: unknown): never {
  throw error;
}

/** Catches what the lookup could not see: whatever was resolved, this is the machine at the other end. */
function admit(policy: AddressPolicy, socket: Socket, done: buildConnector.Callback): void {
  const peer = socket.remoteAddress;
  const refusal = peer === undefined ? new PeerGoneError() : refusalOf(policy, peer);
  if (refusal === null) {
    done(null, socket);
  } else {
    socket.destroy();
    done(refusal, null);
  }
}

function refusalOf(policy: AddressPolicy, peer: string): Error | null {
  const reason = policy.check(peer);
  return reason === null ? null : new BlockedAddressError(NAME_NOT_ALLOWED);
}

/** The receiver reset the connection between accepting it and our looking at it. */
class PeerGoneError extends Error {
  override readonly name = 'PeerGoneError';
  readonly code = 'ECONNRESET';

  constructor() {
    super('the connection was reset');
  }
}
