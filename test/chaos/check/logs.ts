import { KINDS } from '../plan.ts';
import { isMended, timeoutMsOf } from '../receivers-plan.ts';
import type { LoggedAttempt, LoggedLine } from '../worker-log.ts';
import type { Facts } from './facts.ts';
import { pairKey } from './facts.ts';

/** What the workers say of their attempts, and how far it is believed. */

const SLACK_MS = 500;

/** An event that came again after it had been accepted. Times are ms since 1970. */
export interface Duplicate {
  /** Of webhook and event. */
  readonly key: string;
  /** When the request came that was accepted last before. */
  readonly acceptedAt: number;
  readonly t: number;
}

/** A worker says what became of the accepted attempt, and that it was no record of success; and what it says holds water. */
export function isTold(facts: Facts, duplicate: Duplicate): boolean {
  const lines = facts.loggedOf.get(duplicate.key) ?? [];
  return lines.some((line) => line.t >= duplicate.acceptedAt - SLACK_MS && explains(facts, line, duplicate));
}

function explains(facts: Facts, line: LoggedLine, { t }: Duplicate): boolean {
  const isBefore = line.t <= t + SLACK_MS;
  if (line.kind === 'fault') return isBefore;
  // However late it is: another one took the delivery over, and that shows.
  if (!line.recorded) return isOvertaken(facts, line);
  const webhook = facts.webhooks.find(({ name }) => name === line.webhook);
  return (
    isBefore && line.outcome === 'timed-out' && webhook !== undefined && line.durationMs >= timeoutMsOf(webhook) - 50
  );
}

/**
 * Somebody began the attempt and never said how it ended: he was killed. That costs the record of what was accepted at any
 * time before, where a machine is too busy to write it down at once.
 */
export function diedWithIt(facts: Facts, { key, acceptedAt, t }: Duplicate): boolean {
  const isUnfinished = (facts.loggedOf.get(key) ?? []).length < (facts.receiptsOf.get(key) ?? []).length;
  return (
    isUnfinished &&
    facts.faults.some(
      ({ kind, target, startedAt }) =>
        KINDS[kind].repeatsAttempts && target.startsWith('worker') && startedAt >= acceptedAt && startedAt <= t,
    )
  );
}

/** Records that were written by somebody who had lost the claim: the fence has let them through. */
export function unfenced({ logged, webhooks }: Facts): string[] {
  // What is set aside and sent again has its claims counted anew.
  const counted = new Set(webhooks.filter((webhook) => !isMended(webhook)).map(({ name }) => name));
  const attempts = logged.filter((line) => line.kind === 'attempt').filter(({ webhook }) => counted.has(webhook));
  const newest = new Map<string, number>();
  for (const line of attempts) newest.set(attemptKey(line), Math.max(line.claimNo, newest.get(attemptKey(line)) ?? 0));
  return attempts
    .filter((line) => line.recorded && line.claimNo < (newest.get(attemptKey(line)) ?? 0))
    .map(
      (line) =>
        `attempt ${line.attempt} of ${pairKey(line.webhook, line.event)} was written down by claim ${line.claimNo}, which had lost it to claim ${newest.get(attemptKey(line))}`,
    );
}

function isOvertaken(facts: Facts, attempt: LoggedAttempt): boolean {
  return (facts.loggedOf.get(pairKey(attempt.webhook, attempt.event)) ?? []).some(
    (line) => line.kind === 'attempt' && attemptKey(line) === attemptKey(attempt) && line.claimNo > attempt.claimNo,
  );
}

function attemptKey({ delivery, attempt, origin }: LoggedAttempt): string {
  return `${delivery}/${attempt}/${origin}`;
}

/** Deliveries with more attempts on record than were made: more than requests came, and those that nobody can have seen. */
export function overcounted(facts: Facts): string[] {
  return [...facts.deliveries].flatMap(([key, { attempts }]) => {
    const came = facts.receiptsOf.get(key)?.length ?? 0;
    if (attempts <= came) return [];
    const unseen = (facts.loggedOf.get(key) ?? []).filter(isUnanswered).length;
    return attempts <= came + unseen ? [] : [`${key}: ${attempts} attempts on record, ${came} requests`];
  });
}

function isUnanswered(line: LoggedLine): boolean {
  return line.kind === 'attempt' && (line.outcome === 'timed-out' || line.outcome === 'unreachable');
}
