import type { Logger } from '@hooklane/runtime';
import type { Gates } from '../authenticate.ts';
import type { ApiPorts } from '../ports.ts';
import type { AttemptWait } from '../wait-for-attempt.ts';

/** What every file of routes is given. */
export interface RouteContext {
  ports: ApiPorts;
  gates: Gates;
  attemptWait: AttemptWait;
  /** Of an event's payload. */
  limits: { maxDepth: number; maxBytes: number };
  logger: Logger;
}
