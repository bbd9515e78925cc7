import type { FailurePolicy, RetryPolicy } from '@hooklane/domain';
import { formatId, maskHeaders } from '@hooklane/domain';
import type { Webhook } from '@hooklane/engine';
import { time } from './present.ts';

/** The secret is not among its fields: it is shown once, on create and on rotate. */
export function presentWebhook(webhook: Webhook) {
  const { suspended, lastDelivery } = webhook;
  return {
    id: formatId('wh', webhook.id),
    name: webhook.name,
    description: webhook.description,
    url: webhook.url,
    events: webhook.events,
    filters: webhook.filters,
    headers: presentHeaders(webhook.headers),
    enabled: webhook.enabled,
    suspended: suspended && { at: time(suspended.at), reason: suspended.reason },
    active: webhook.enabled && suspended === null,
    failure_policy: presentFailurePolicy(webhook.failurePolicy),
    timeout_ms: webhook.timeoutMs,
    secret_hint: webhook.secretHint,
    last_delivery: lastDelivery && { ...lastDelivery, at: time(lastDelivery.at) },
    created_at: time(webhook.createdAt),
    updated_at: time(webhook.updatedAt),
  };
}

function presentFailurePolicy(policy: FailurePolicy) {
  return {
    retry_on: policy.retryOn,
    retry: presentRetry(policy.retry),
    expire_after_ms: policy.expireAfterMs,
    suspend: policy.suspend && { after_failures: policy.suspend.afterFailures, after_ms: policy.suspend.afterMs },
    divert: policy.divert,
  };
}

function presentRetry(retry: RetryPolicy) {
  switch (retry.kind) {
    case 'none':
      return { kind: retry.kind };
    case 'linear': {
      const { kind, intervalMs, capMs, maxAttempts } = retry;
      return { kind, interval_ms: intervalMs, cap_ms: capMs, max_attempts: maxAttempts };
    }
    case 'exponential': {
      const { kind, intervalMs, factor, capMs, maxAttempts } = retry;
      return { kind, interval_ms: intervalMs, factor, cap_ms: capMs, max_attempts: maxAttempts };
    }
    case 'list':
      return { kind: retry.kind, delays_ms: retry.delaysMs };
  }
}

/** One value as text, several as a list. */
function presentHeaders(headers: Webhook['headers']): Record<string, string | string[]> {
  const single = Object.entries(headers).map(([name, values]): [string, string | readonly string[]] => {
    const [only, ...others] = values;
    return [name, only !== undefined && others.length === 0 ? only : values];
  });
  return maskHeaders(Object.fromEntries(single));
}
