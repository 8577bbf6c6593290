// Writes docs/settings.md from the table of settings; `--check` fails when it differs.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defaultText, type SettingRow } from '../src/config/settings.ts';
import { settingRows } from '../src/config.ts';

const file = fileURLToPath(new URL('../docs/settings.md', import.meta.url));

const intro = `# Settings

Every setting can be given in four ways. The first that is there wins:

1. a flag: \`millrace serve --max-wait 1m\`
2. an environment variable: \`MILLRACE_MAX_WAIT=1m\`
3. the file \`millrace.yaml\` (or \`millrace.json\`) in the working folder, or the one that \`--config\` or \`MILLRACE_CONFIG\` names:
   \`maxWait: 1m\`; a dot in a name stands for a level: \`outbound.private\` is \`private:\` below \`outbound:\`
4. the default

\`millrace config\` lists all of them with their values and where each comes from. Names that Millrace does not know are refused,
with the nearest one it does.

Times are seconds or text such as \`30s\`, \`5m\`, \`1h30m\`, \`2d\`; sizes are bytes or text such as \`64KiB\`, \`1MiB\`. Lists have commas between
their items (in the file they are YAML lists). Relative paths start at the working folder, in the file at the file's own folder.

Secrets have no flag of their own, since other users of a machine can see arguments. Their variable has a twin that ends in \`_FILE\` and
names a file to read, and so has their flag (\`--admin-password-file\`). A configuration file that holds a secret must not be readable by others.

`;

const outro = `
## Variables of the command line

These are no settings of the server. \`millrace run\`, \`millrace token create\` and \`millrace user add\` use them to reach one.

| Variable | Meaning |
|---|---|
| \`MILLRACE_URL\` | Address of the server; without it, the server that uses the data folder |
| \`MILLRACE_TOKEN\` | API token to sign in with |
| \`MILLRACE_USER\`, \`MILLRACE_PASSWORD\` | User name and password to sign in with, where there is no token |
| \`MILLRACE_CONFIG\` | The configuration file, as \`--config\` |
`;

const headings: Record<string, string> = {
  host: 'Where',
  publicUrl: 'Who may reach it',
  bodyLimit: 'How much of a request',
  workers: 'Jobs',
  watch: 'Workflow files',
  'process.concurrency': 'Scripts, shell commands and containers of workflows',
  'outbound.private': 'Calls of workflows to other servers',
  'knime.stateNames': 'Clients of KNIME Server',
  logLevel: 'Log',
};

const cell = (text: string): string => text.replaceAll('|', '\\|');

function line(row: SettingRow): string {
  const variables = row.secret ? `\`${row.env}\`, \`${row.env}_FILE\`` : `\`${row.env}\``;
  const accepted = `${row.kind.accepts}${row.unit === undefined ? '' : ` (${row.unit})`}`;
  const shown = defaultText(row);
  const cells = [
    `\`${row.name}\``,
    row.description,
    shown === '' ? 'none' : `\`${shown}\``,
    accepted,
    `${variables}<br>\`--${row.flag}\``,
  ];
  return `| ${cells.map(cell).join(' | ')} |\n`;
}

function render(): string {
  const parts = settingRows.map((row) => {
    const heading = headings[row.name];
    const head =
      heading === undefined
        ? ''
        : `\n## ${heading}\n\n| Setting | Meaning | Default | Accepted | Variable, flag |\n|---|---|---|---|---|\n`;
    return head + line(row);
  });
  return `${intro.trimEnd()}\n${parts.join('')}${outro}`;
}

const text = render();
if (!process.argv.includes('--check')) writeFileSync(file, text);
else if (readFileSync(file, 'utf8') !== text) {
  console.error('docs/settings.md is not what the settings are. Run: npx tsx scripts/settings.ts');
  process.exitCode = 1;
}
