import { isIP } from 'node:net';
import type { ClientCertificate, UrlRules } from '@hooklane/domain';
import { parseDestinationUrl } from '@hooklane/domain';
import type { DestinationGuard } from '@hooklane/engine';
import type { AddressPolicy } from './address-policy.ts';
import { contextOf } from './connectors.ts';

export interface DestinationGuardOptions extends UrlRules {
  policy: AddressPolicy;
}

/**
 * Refuses at the door what could never be sent to, so that the person who enters it learns why. It is a courtesy, not
 * the protection: a name may come to mean anything later, and is judged when the connection is made.
 */
export function createDestinationGuard({ policy, ...rules }: DestinationGuardOptions): DestinationGuard {
  return {
    check(text) {
      const verdict = parseDestinationUrl(text, rules);
      if (!verdict.ok) return { objection: verdict.problem };
      const objection = isIP(verdict.host) === 0 ? null : policy.check(verdict.host);
      return objection === null ? { url: verdict.url } : { objection };
    },
    takes: isTaken,
  };
}

function isTaken(clientCertificate: ClientCertificate): boolean {
  try {
    contextOf({ authorities: null, clientCertificate }, { authorities: undefined });
    return true;
  } catch {
    return false;
  }
}
