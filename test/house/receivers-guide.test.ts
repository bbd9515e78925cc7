import { spawnSync } from 'node:child_process';
import { createHmac, randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { read } from './sources.ts';

// The guide's functions are run as they stand there, each within a program that reads requests, one a line, and prints
// what the function says of them. A language whose tools this machine lacks is left out, and the report names it.

interface Language {
  /** As after the three backticks. */
  name: string;
  /** What has to be there, asked with its first argument. */
  tool: string[];
  file: string;
  program: (snippet: string) => string;
  /** What makes a program of the file; most languages need nothing. */
  build?: string[];
  run: string[];
}

const LANGUAGES: Language[] = [
  {
    name: 'js',
    tool: ['node', '--version'],
    file: 'receiver.mjs',
    program: (snippet) => `${snippet}
import { readFileSync } from 'node:fs';
for (const line of readFileSync(0, 'utf8').trim().split('\\n')) {
  const [secret, id, timestamp, signature, body] = line.split(' ').map((part) => Buffer.from(part, 'base64'));
  console.log(isGenuine(String(secret), { id: String(id), timestamp: String(timestamp), signature: String(signature) }, body));
}`,
    run: ['node', 'receiver.mjs'],
  },
  {
    name: 'python',
    tool: ['python3', '--version'],
    file: 'receiver.py',
    program: (snippet) => `${snippet}
import sys
for line in sys.stdin:
    *texts, body = [base64.b64decode(part) for part in line.rstrip("\\n").split(" ")]
    print(str(is_genuine(*[text.decode() for text in texts], body)).lower())`,
    run: ['python3', 'receiver.py'],
  },
  {
    name: 'go',
    tool: ['go', 'version'],
    file: 'receiver.go',
    program: (snippet) =>
      `${snippet
        .replace('package receiver', 'package main')
        .replace('import (', 'import (\n\t"bufio"\n\t"fmt"\n\t"os"')}
func main() {
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		var parts [5][]byte
		for index, part := range strings.Split(lines.Text(), " ") {
			parts[index], _ = base64.StdEncoding.DecodeString(part)
		}
		fmt.Println(IsGenuine(string(parts[0]), string(parts[1]), string(parts[2]), string(parts[3]), parts[4]))
	}
}`,
    build: ['go', 'build', '-o', 'receiver', 'receiver.go'],
    run: ['./receiver'],
  },
  {
    name: 'java',
    tool: ['javac', '-version'],
    file: 'Main.java',
    program: (snippet) => `${snippet}
class Main {
    public static void main(String[] arguments) throws Exception {
        for (String line : new String(System.in.readAllBytes(), StandardCharsets.UTF_8).split("\\n")) {
            byte[][] parts = Arrays.stream(line.split(" ", -1)).map(Base64.getDecoder()::decode).toArray(byte[][]::new);
            System.out.println(Receiver.isGenuine(
                    new String(parts[0]), new String(parts[1]), new String(parts[2]), new String(parts[3]), parts[4]));
        }
    }
}`,
    build: ['javac', 'Main.java'],
    run: ['java', 'Main'],
  },
  {
    name: 'ruby',
    tool: ['ruby', '--version'],
    file: 'receiver.rb',
    program: (snippet) => `${snippet}
STDIN.each_line do |line|
  *texts, body = line.chomp.split(/ /, -1).map { |part| Base64.decode64(part) }
  puts genuine?(*texts, body)
end`,
    run: ['ruby', 'receiver.rb'],
  },
];

const guide = read('docs/receivers.md');
const folder = mkdtempSync(join(tmpdir(), 'hooklane-receivers-'));
afterAll(() => rmSync(folder, { recursive: true }));

it('the guide has code in these languages and in no other', () => {
  const fenced = [...guide.matchAll(/^```(\w+)$/gm)].map(([, name]) => name);
  expect(fenced).toEqual(LANGUAGES.map(({ name }) => name));
});

describe.each(LANGUAGES)('the code in $name', (language) => {
  const isThere = spawnSync(language.tool[0] ?? '', language.tool.slice(1)).status === 0;

  it.runIf(isThere)('takes what is genuine and nothing else', { timeout: 120_000 }, () => {
    const cases = requests();
    const said = ask(
      language,
      cases.map(({ request }) => request),
    );
    expect(cases.map(({ what }, index) => `${what}: ${said[index]}`)).toEqual(
      cases.map(({ what, genuine }) => `${what}: ${genuine}`),
    );
  });
});

interface Request {
  secret: string;
  id: string;
  timestamp: string;
  signature: string;
  body: Buffer;
}

function requests(): Array<{ what: string; genuine: boolean; request: Request }> {
  const now = Math.floor(Date.now() / 1000);
  const genuine = signed(now);
  const other = signed(now);
  const changed = Buffer.from(genuine.body);
  changed[3] = (changed[3] ?? 0) ^ 1;
  return [
    { what: 'as sent', genuine: true, request: genuine },
    { what: 'no UTF-8', genuine: true, request: signed(now, Buffer.from([0xff, 0x00, 0xc3, 0x28])) },
    { what: 'empty body', genuine: true, request: signed(now, Buffer.alloc(0)) },
    {
      what: 'while rotating',
      genuine: true,
      request: { ...genuine, signature: `v1,AAAA v1a,BBBB ${genuine.signature}` },
    },
    { what: 'four minutes old', genuine: true, request: signed(now - 240) },
    { what: 'six minutes old', genuine: false, request: signed(now - 360) },
    { what: 'from the future', genuine: false, request: signed(now + 360) },
    { what: 'another time', genuine: false, request: { ...genuine, timestamp: String(now - 1) } },
    { what: 'no time', genuine: false, request: { ...genuine, timestamp: 'soon' } },
    { what: 'another id', genuine: false, request: { ...genuine, id: 'evt_2' } },
    { what: 'one bit of the body', genuine: false, request: { ...genuine, body: changed } },
    { what: 'another secret', genuine: false, request: { ...genuine, secret: other.secret } },
    {
      what: 'another version',
      genuine: false,
      request: { ...genuine, signature: genuine.signature.replace('v1', 'v2') },
    },
    { what: 'half a signature', genuine: false, request: { ...genuine, signature: genuine.signature.slice(0, 20) } },
    { what: 'no signature', genuine: false, request: { ...genuine, signature: '' } },
  ];
}

function signed(seconds: number, body: Buffer = Buffer.from('{"total":12.50,"name":"Zoë"}')): Request {
  const key = randomBytes(32);
  const head = { secret: `whsec_${key.toString('base64')}`, id: 'evt_1', timestamp: String(seconds) };
  const mac = createHmac('sha256', key).update(`${head.id}.${head.timestamp}.`).update(body);
  return { ...head, signature: `v1,${mac.digest('base64')}`, body };
}

function ask(language: Language, asked: Request[]): string[] {
  const cwd = join(folder, language.name);
  mkdirSync(cwd);
  writeFileSync(join(cwd, language.file), language.program(snippetOf(language.name)));
  if (language.build !== undefined) call(language.build, cwd);
  const lines = asked.map(({ secret, id, timestamp, signature, body }) =>
    [secret, id, timestamp, signature, body].map((part) => Buffer.from(part).toString('base64')).join(' '),
  );
  return call(language.run, cwd, lines.join('\n')).trim().split('\n');
}

function snippetOf(name: string): string {
  const [, snippet = ''] = guide.split(`\n\`\`\`${name}\n`);
  return snippet.split('\n```')[0] ?? '';
}

function call([command = '', ...args]: string[], cwd: string, input = ''): string {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, input, encoding: 'utf8' });
  expect(stderr).toBe('');
  expect(status).toBe(0);
  return stdout;
}
