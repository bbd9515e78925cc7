/** From when on so many hosts fail at once that it is hardly them. */
export interface FreezeRule {
  /** So many distinct hosts at least. */
  minHosts: number;
  /** Of all hosts that are failing or working, so much of a hundred. */
  percent: number;
}

/** What is known of the hosts that attempts went to. */
export interface HostCounts {
  /** Failing now, since a day at most. Who has been failing for longer is broken by himself, and says nothing about us. */
  failing: number;
  /** Of these, those that began to fail within the last minutes. */
  struck: number;
  /** Answered with success within the last minutes. */
  working: number;
}

/** Within that the failures of hosts have begun "at once", and a success is news. */
export const AT_ONCE_MS = 300_000;

/** Who fails for longer is not counted; so a freeze over receivers that are gone for good ends by itself. */
export const FAILING_AT_MOST_MS = 86_400_000;

/**
 * Whether suspensions are frozen. It begins when many hosts began to fail at once, which none of them does by arrangement: our
 * own network, resolver, proxy or clock is broken, and suspending their webhooks would punish them for it. It ends when most of
 * them work again: at half of what it began with, lest it flutters.
 */
export function suspensionsFrozen(counts: HostCounts, rule: FreezeRule, wereFrozen: boolean): boolean {
  const { failing, struck, working } = counts;
  const percent = (100 * failing) / Math.max(1, failing + working);
  if (wereFrozen) return 2 * failing >= rule.minHosts && 2 * percent >= rule.percent;
  return struck >= rule.minHosts && percent >= rule.percent;
}
