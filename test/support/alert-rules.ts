import { readFileSync } from 'node:fs';
import { parse, stringify } from 'yaml';

/** The alerts of docs/operations/prometheus/alerts.yml. */
export interface AlertRule {
  readonly alert: string;
  readonly expr: string;
  /** How long the expression must hold; absent: not at all. */
  readonly for?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

const file = new URL('../../docs/operations/prometheus/alerts.yml', import.meta.url);

export function alertRules(): AlertRule[] {
  return groupsOf(readFileSync(file, 'utf8')).groups.flatMap(({ rules }) => rules);
}

/** So much faster than production is judged: a minute of `for` is a second. Told in docs/operations/alerts.md. */
export const FOR_FACTOR = 60;

/**
 * The rules as they are, but that `for`, which only says how long somebody waits before he is woken, is shortened by
 * {@link FOR_FACTOR}. The expressions with their thresholds and windows stay: they are what is tested.
 */
export function hurriedRules(): string {
  const { groups } = groupsOf(readFileSync(file, 'utf8'));
  const hurried = (rule: AlertRule) => (rule.for === undefined ? rule : { ...rule, for: shorter(rule.for) });
  return stringify({ groups: groups.map((group) => ({ ...group, rules: group.rules.map(hurried) })) });
}

interface RuleGroups {
  groups: { name: string; rules: AlertRule[] }[];
}

function groupsOf(text: string): RuleGroups {
  return parse(text) as RuleGroups;
}

const UNIT_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

function shorter(duration: string): string {
  const [, count = '', unit = ''] = /^(\d+)([smhd])$/.exec(duration) ?? [];
  const ms = (Number(count) * (UNIT_MS[unit] ?? Number.NaN)) / FOR_FACTOR;
  if (!(ms > 0)) throw new TypeError(`${duration} is no duration of an alert`);
  return `${Math.round(ms)}ms`;
}
