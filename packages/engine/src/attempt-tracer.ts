import type { NextStep } from '@hooklane/domain';
import { buildRequest } from './build-request.ts';
import type { Claim } from './due-work.ts';
import type { SendReport, SendRequest } from './sending.ts';

/** Follows attempts in traces. */
export interface AttemptTracer {
  begin(claim: Claim, request: SendRequest): AttemptTrace;
}

export interface AttemptTrace {
  /** What the receiver is told of it, names in lower case; null: nothing. */
  readonly headers: Readonly<Record<string, string>> | null;
  end(report: SendReport, step: NextStep): void;
}

/**
 * The request of an attempt, and its trace where there is one. The trace's headers win over the webhook's own of that name: a
 * receiver could not tell which of two is ours.
 */
export function tracedRequest(
  tracer: AttemptTracer | null,
  claim: Claim,
): { request: SendRequest; trace: AttemptTrace | null } {
  const request = buildRequest(claim);
  const trace = tracer === null ? null : tracer.begin(claim, request);
  if (trace === null || trace.headers === null) return { request, trace };
  return { request: { ...request, headers: { ...request.headers, ...trace.headers } }, trace };
}
