import type { Logger } from '@hooklane/runtime';
import type { PayloadLimits } from '../contract/route.ts';
import type { Docs } from '../openapi/docs.ts';
import type { ApiPorts } from '../ports.ts';
import type { AttemptWait } from './deliveries/wait-for-attempt.ts';

/** What every handler is given besides the call. */
export interface RouteContext {
  ports: ApiPorts;
  attemptWait: AttemptWait;
  limits: PayloadLimits;
  logger: Logger;
  docs: Docs;
  /** Lets no key pass that this process has seen before without looking again. */
  forgetKeys(): void;
}
