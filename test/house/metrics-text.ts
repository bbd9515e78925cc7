/** A metric, as one process tells it. */
export interface KnownMetric {
  name: string;
  type: string;
  help: string;
  labels: readonly string[];
  process: string;
}

/** For docs/operations/metrics.md: ours, each once, in the order of their names. */
export function metricsTable(metrics: readonly KnownMetric[]): string {
  const byName = new Map<string, KnownMetric & { processes: string[] }>();
  for (const metric of metrics.filter(({ name }) => name.startsWith('hooklane_'))) {
    const known = byName.get(metric.name);
    if (known === undefined) byName.set(metric.name, { ...metric, processes: [metric.process] });
    else known.processes.push(metric.process);
  }
  const rows = [...byName.values()]
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, type, labels, processes, help }) => [
      `\`${name}\``,
      type,
      labels.map((label) => `\`${label}\``).join(', '),
      processes.join(', '),
      help.replaceAll('|', '\\|'),
    ]);
  const head = [
    ['metric', 'type', 'labels', 'told by', 'meaning'],
    ['---', '---', '---', '---', '---'],
  ];
  return [...head, ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
