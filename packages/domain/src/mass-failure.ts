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
  /** Of these, those that began to fail within the last minutes; as long as nobody saw the last minutes, the most that began at once. */
  struck: number;
  /** Answered with success within the last minutes. */
  working: number;
  /** Of the failing ones, those that are not of the org which has most of them. */
  othersFailing: number;
  /** The same of the working ones. */
  othersWorking: number;
}

/**
 * From so many hosts on, others have a say. The one host of another org is no witness: it may be our own canary, which is reached
 * from inside, and works while nothing else does.
 */
const WITNESSES = 2;

/** Within that the failures of hosts have begun "at once", and a success is news. */
export const AT_ONCE_MS = 300_000;

/** Who fails for longer is not counted; so a freeze over receivers that are gone for good ends by itself. */
export const FAILING_AT_MOST_MS = 86_400_000;

/**
 * Whether suspensions are frozen. It begins when many hosts began to fail at once, which none of them does by arrangement: our
 * own network, resolver, proxy or clock is broken, and suspending their webhooks would punish them for it. It ends when most of
 * them work again: at half of what it began with, lest it flutters. What one org does is no sign of it where others are well: it
 * could have so many names made that fail, and nobody would be suspended any more.
 */
export function suspensionsFrozen(counts: HostCounts, rule: FreezeRule, wereFrozen: boolean): boolean {
  const { failing, struck, working, othersFailing, othersWorking } = counts;
  const percent = Math.min(percentOf(failing, working), percentOfOthers(othersFailing, othersWorking));
  if (wereFrozen) return 2 * failing >= rule.minHosts && 2 * percent >= rule.percent;
  return struck >= rule.minHosts && percent >= rule.percent;
}

function percentOfOthers(failing: number, working: number): number {
  return failing + working < WITNESSES ? 100 : percentOf(failing, working);
}

/** Where nothing is known, nothing speaks against it. */
function percentOf(failing: number, working: number): number {
  return failing + working === 0 ? 100 : (100 * failing) / (failing + working);
}
