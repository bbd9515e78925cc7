import type { Socket } from 'node:net';
import { isIP } from 'node:net';
import type { ConnectionOptions, SecureContext } from 'node:tls';
import { connect as connectTls } from 'node:tls';

/** The operator's HTTP proxy: every connection to a receiver is a tunnel (CONNECT) through it. */
export interface EgressProxy {
  host: string;
  port: number;
  /** Whether the proxy itself is spoken to over TLS. */
  secure: boolean;
  /** The value of `Proxy-Authorization`; null for none. */
  authorization: string | null;
}

/** The proxy refused, hung up, or did not speak HTTP. Its answer is the operator's business, not the webhook's owner's. */
export class ProxyError extends Error {
  override readonly name = 'ProxyError';
}

/** @returns null when the text is no URL of a proxy: `http://` or `https://`, a host, perhaps a port, user and password. */
export function parseEgressProxy(text: string): EgressProxy | null {
  if (!URL.canParse(text)) return null;
  const { protocol, hostname, port, username, password, pathname, search, hash } = new URL(text);
  const secure = protocol === 'https:';
  if (!secure && protocol !== 'http:') return null;
  if (hostname === '' || pathname !== '/' || search !== '' || hash !== '') return null;
  return {
    host: hostname.replace(/^\[|\]$/g, ''),
    port: port === '' ? (secure ? 443 : 80) : Number(port),
    secure,
    authorization: username === '' ? null : basic(decodeURIComponent(username), decodeURIComponent(password)),
  };
}

function basic(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
}

/** A proxy and, where it speaks TLS, who is trusted to vouch for it. */
export interface ReachableProxy extends EgressProxy {
  secureContext: SecureContext;
}

export interface Tunnel {
  /** An IP address: the proxy is never given a name, which could mean something else to it than what was judged. */
  address: string;
  port: number;
}

/**
 * Opens a tunnel on a socket that is not connected yet, so that whoever holds the socket can end it at any time.
 * Resolves with the socket that the receiver's bytes come on, which is another one where the proxy speaks TLS.
 * @throws {ProxyError}
 */
export function openTunnel(proxy: ReachableProxy, raw: Socket, tunnel: Tunnel): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const failed = () => reject(new ProxyError('the egress proxy could not be reached'));
    raw.once('error', failed).once('close', failed);
    raw.setNoDelay(true).connect({ host: proxy.host, port: proxy.port });
    const socket = proxy.secure ? connectTls({ ...tlsOptions(proxy), socket: raw }) : raw;
    if (socket !== raw) socket.once('error', failed);
    socket.once(proxy.secure ? 'secureConnect' : 'connect', () => {
      socket.write(connectRequest(proxy, tunnel));
      readAnswer(socket, (problem) => {
        raw.removeListener('error', failed).removeListener('close', failed);
        socket.removeListener('error', failed);
        if (problem === null) resolve(socket);
        else reject(problem);
      });
    });
  });
}

function tlsOptions({ host, secureContext }: ReachableProxy): ConnectionOptions {
  // An address is no server name, and is refused as one.
  return { host, secureContext, servername: isIP(host) === 0 ? host : '' };
}

function connectRequest({ authorization }: EgressProxy, { address, port }: Tunnel): string {
  const target = `${address.includes(':') ? `[${address}]` : address}:${port}`;
  const credentials = authorization === null ? '' : `proxy-authorization: ${authorization}\r\n`;
  return `CONNECT ${target} HTTP/1.1\r\nhost: ${target}\r\n${credentials}\r\n`;
}

/** A head has no business to be longer. */
const HEAD_BYTES_MAX = 8_192;

function readAnswer(socket: Socket, done: (problem: ProxyError | null) => void): void {
  let head = Buffer.alloc(0);
  const onEnd = () => finish(new ProxyError('the egress proxy hung up'));
  const onData = (chunk: Buffer) => {
    head = Buffer.concat([head, chunk]);
    const end = head.indexOf('\r\n\r\n');
    if (end >= 0) finish(judge(head, end));
    else if (head.length > HEAD_BYTES_MAX) finish(new ProxyError('the egress proxy answered too much'));
  };
  function finish(problem: ProxyError | null): void {
    socket.removeListener('data', onData).removeListener('end', onEnd).removeListener('close', onEnd);
    socket.pause();
    done(problem);
  }
  socket.on('data', onData).once('end', onEnd).once('close', onEnd);
}

function judge(head: Buffer, end: number): ProxyError | null {
  const status = /^HTTP\/1\.[01] (\d{3})/.exec(head.toString('latin1', 0, 16))?.[1];
  if (status === undefined) return new ProxyError('the egress proxy does not speak HTTP');
  if (!status.startsWith('2')) return new ProxyError(`the egress proxy answered ${status}`);
  // Whoever speaks before the receiver was asked anything is not the receiver.
  return head.length === end + 4 ? null : new ProxyError('the egress proxy answered too much');
}
