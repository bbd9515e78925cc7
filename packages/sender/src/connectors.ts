import { constants } from 'node:crypto';
import type { LookupFunction } from 'node:net';
import type { SecureContext } from 'node:tls';
import { createSecureContext } from 'node:tls';
import type { TlsSettings } from '@hooklane/domain';
import { buildConnector } from 'undici';

export interface ConnectorOptions {
  lookup: LookupFunction;
  /** Whom to trust where a webhook does not say. */
  secureContext: SecureContext;
  /** The same as PEM, for webhooks that show a certificate of their own. Left out: those of Node, parsed already. */
  authorities: string[] | undefined;
  /** False: `verify: false` is not heeded. */
  allowUnverified: boolean;
}

/** One connector for each way to do TLS: parsed certificates and sessions to resume belong to it, and are never mixed. */
export function createConnectors(options: ConnectorOptions): (tls: TlsSettings | null) => buildConnector.connector {
  const usual = connector(options, { verify: true, secureContext: options.secureContext });
  const special = new Map<string, buildConnector.connector>();

  function make(tls: TlsSettings): buildConnector.connector {
    const verify = tls.verify || !options.allowUnverified;
    const isUsual = tls.authorities === null && tls.clientCertificate === null;
    return connector(options, { verify, secureContext: isUsual ? options.secureContext : contextOf(tls, options) });
  }

  return (tls) => {
    if (tls === null) return usual;
    const known = special.get(tls.id);
    if (known) return known;
    const made = make(tls);
    special.set(tls.id, made);
    if (special.size > SPECIAL_MAX) special.delete(special.keys().next().value ?? tls.id);
    return made;
  };
}

/** The oldest goes first: all that is lost is the work of parsing it again. Each holds some 50 kB. */
const SPECIAL_MAX = 1_000;

/**
 * In TLS 1.2 a receiver could ask for handshake upon handshake, seven hundred a second, and keep the process busy with them.
 * Throws what OpenSSL objects to. Where `ca` can be left out it must be: Node's own authorities are then shared (3 ms and
 * 50 kB), and parsed anew otherwise (some 40 ms in which nothing else happens, and 900 kB).
 */
export function contextOf(
  { authorities, clientCertificate }: Pick<TlsSettings, 'authorities' | 'clientCertificate'>,
  usual: Pick<ConnectorOptions, 'authorities'>,
): SecureContext {
  const ca = authorities ?? usual.authorities;
  const identity = clientCertificate ? { cert: clientCertificate.certificate, key: clientCertificate.key } : {};
  const own = ca === undefined ? identity : { ca, ...identity };
  return createSecureContext({ ...own, secureOptions: constants.SSL_OP_NO_RENEGOTIATION });
}

function connector(
  { lookup }: ConnectorOptions,
  { verify, secureContext }: { verify: boolean; secureContext: SecureContext },
): buildConnector.connector {
  return buildConnector({
    // The deadline of the attempt ends a connect; a second timer of undici would only cost.
    timeout: 0,
    allowH2: false,
    autoSelectFamily: true,
    // Node's 250 ms give up on hosts at the other end of the world.
    autoSelectFamilyAttemptTimeout: 500,
    lookup,
    rejectUnauthorized: verify,
    secureContext,
  });
}
