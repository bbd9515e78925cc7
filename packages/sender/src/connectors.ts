import type { LookupFunction } from 'node:net';
import type { SecureContext } from 'node:tls';
import { createSecureContext } from 'node:tls';
import type { TlsSettings } from '@hooklane/domain';
import { buildConnector } from 'undici';

export interface ConnectorOptions {
  lookup: LookupFunction;
  /** Whom to trust where a webhook does not say. */
  secureContext: SecureContext;
  /** The same as PEM, for webhooks that show a certificate of their own. */
  authorities: string[];
}

/** One connector for each way to do TLS: parsed certificates and sessions to resume belong to it, and are never mixed. */
export function createConnectors(options: ConnectorOptions): (tls: TlsSettings | null) => buildConnector.connector {
  const usual = connector(options, { verify: true, secureContext: options.secureContext });
  const special = new Map<string, buildConnector.connector>();

  function make({ verify, authorities, clientCertificate }: TlsSettings): buildConnector.connector {
    const identity = clientCertificate ? { cert: clientCertificate.certificate, key: clientCertificate.key } : {};
    return connector(options, {
      verify,
      secureContext: createSecureContext({ ca: authorities ?? options.authorities, ...identity }),
    });
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

/** The oldest goes first: all that is lost is the work of parsing it again. Each holds some hundred kilobytes. */
const SPECIAL_MAX = 200;

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
