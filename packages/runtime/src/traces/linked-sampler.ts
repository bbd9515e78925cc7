import { TraceFlags } from '@opentelemetry/api';
import type { Sampler } from '@opentelemetry/sdk-trace';
import { SamplingDecision, TraceIdRatioBasedSampler } from '@opentelemetry/sdk-trace';

/**
 * Of traces that begin here. What links to another trace is sampled if that one was, so that a publish request that can be
 * seen can be followed to the end; the rest by the ratio.
 */
export function linkedSampler(ratio: number): Sampler {
  const byRatio = new TraceIdRatioBasedSampler(ratio);
  return {
    shouldSample(...[context, traceId, , , , links]) {
      const [link] = links;
      if (link === undefined) return byRatio.shouldSample(context, traceId);
      const isSampled = (link.context.traceFlags & TraceFlags.SAMPLED) !== 0;
      return { decision: isSampled ? SamplingDecision.RECORD_AND_SAMPLED : SamplingDecision.NOT_RECORD };
    },
    toString: () => `linked, else ${byRatio.toString()}`,
  };
}
