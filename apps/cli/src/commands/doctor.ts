import type { Command } from 'commander';
import { outputOf } from '../context.ts';
import type { Finding } from '../doctor/finding.ts';
import { CliError, EXIT } from '../exit-codes.ts';

export function addDoctor(program: Command): void {
  program
    .command('doctor')
    .description('Look at settings, Postgres, Redis and the machine as a start would, and say what to mend')
    .action(async (_, command: Command) => {
      const out = outputOf(command);
      // All processes come with it, and no other command needs them.
      const { diagnose } = await import('../doctor/diagnose.ts');
      const findings = await diagnose(process.env);
      const problems = findings.filter(({ level }) => level === 'problem').length;
      out.result({ ok: problems === 0, findings }, () => findings.map(line).join('\n'));
      if (problems > 0)
        throw new CliError(EXIT.failed, `${problems === 1 ? 'one problem' : `${problems} problems`} to mend.`);
    });
}

const MARKS = { problem: 'x', warning: '!', fine: 'ok' };

function line({ about, level, found, cure }: Finding): string {
  return `${about.padEnd(9)} ${MARKS[level].padEnd(3)} ${found}${cure === null ? '' : `\n${' '.repeat(14)}→ ${cure}`}`;
}
