/** Tells a person what happens. With `--json` the story goes to stderr, and stdout keeps to the result. */
export interface Narrator {
  title(text: string): void;
  say(text: string): void;
  /** Something the demo claims, and has checked. */
  verified(text: string): void;
  failed(text: string): void;
  result(figures: object): void;
  /** What it told last that it is at. */
  readonly step: string;
}

const CODES = { bold: 1, dim: 2, green: 32, red: 31 } as const;

export function createNarrator(json: boolean): Narrator {
  const stream = json ? process.stderr : process.stdout;
  const colours = stream.isTTY === true && process.env['NO_COLOR'] === undefined;
  const paint = (code: keyof typeof CODES, text: string) => (colours ? `\u001b[${CODES[code]}m${text}\u001b[0m` : text);
  const line = (text: string) => void stream.write(`${text}\n`);
  let step = '';
  return {
    get step() {
      return step;
    },
    title(text) {
      step = text;
      line(`\n${paint('bold', text)}`);
    },
    say: (text) => line(paint('dim', `  ${text}`)),
    verified: (text) => line(`  ${paint('green', '✔')} ${text}`),
    failed(text) {
      step = text;
      line(`  ${paint('red', '✘')} ${text}`);
    },
    result: (figures) =>
      json ? void process.stdout.write(`${JSON.stringify(figures)}\n`) : line(`\n${table(figures)}`),
  };
}

function table(figures: object): string {
  return Object.entries(figures)
    .map(([name, value]) => `  ${name.padEnd(24)} ${value}`)
    .join('\n');
}
