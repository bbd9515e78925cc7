import type { ClientCertificate } from './certificates.ts';

/** How a receiver's TLS is judged and met, where a webhook asks for something else than the public authorities. */
export interface TlsSettings {
  /**
   * Names this value: requests share a connection only where their ids are equal. It must differ between webhooks of
   * different orgs, even where everything else is the same.
   */
  id: string;
  /** False: any certificate is taken, of anyone and for any name. Only where the operator permits it. */
  verify: boolean;
  /** PEM, one or several; trusted for this webhook instead of the public authorities. Null: the public ones. */
  authorities: string | null;
  /** Shown to receivers that ask for one (mutual TLS); both PEM. */
  clientCertificate: ClientCertificate | null;
}
