import type { LoadedConfig } from '../config.ts';

export interface Welcome {
  version: string;
  url: string;
  /** Only at the first start; the password only when one was drawn. */
  firstStart?: { user: string; password?: string };
  samplesCopied: boolean;
  loaded: LoadedConfig;
}

/** What a start prints: where everything is, how to sign in, and one line to paste. */
export function welcome({ version, url, firstStart, samplesCopied, loaded }: Welcome): string {
  const { config } = loaded;
  const rows = [
    ['Address', `${url}${isEverywhere(config.host) ? ' (and all other addresses of this machine)' : ''}`],
    ['User', firstStart?.user ?? 'admin'],
    ['Password', passwordText(firstStart, loaded)],
    ['Data', config.data],
    ['Workflows', `${config.workflows}${samplesCopied ? ' (new, with the samples)' : ''}`],
    ['API', `${config.publicUrl ?? url}/docs`],
  ];
  const table = rows.map(([name, value]) => `  ${name!.padEnd(10)} ${value}`).join('\n');
  const line = curlLine(url, firstStart, loaded);
  return `Millrace ${version}\n\n${table}\n\n${firstStart ? 'Run a first workflow with' : 'Run a workflow with'}\n\n  ${line}\n`;
}

/** The line to paste: it runs the smallest sample and prints its result. */
export function curlLine(url: string, firstStart: Welcome['firstStart'], loaded: LoadedConfig): string {
  const credentials = credentialsFor(firstStart, loaded);
  const body = JSON.stringify({ workflow: '/Examples/Hello', input: { name: 'Ada' } });
  return `curl -u ${credentials} -H 'Content-Type: application/json' -d '${body}' ${url}/execution`;
}

function credentialsFor(firstStart: Welcome['firstStart'], { config, origins }: LoadedConfig): string {
  if (firstStart?.password) return `${firstStart.user}:${firstStart.password}`;
  const from = config.adminPassword === undefined ? undefined : origins['adminPassword']?.name;
  // The shell that pastes may not have the variable; then curl is told nothing wrong, it asks.
  if (from === 'MILLRACE_ADMIN_PASSWORD') return '"admin${MILLRACE_ADMIN_PASSWORD:+:$MILLRACE_ADMIN_PASSWORD}"';
  return 'admin';
}

function passwordText(firstStart: Welcome['firstStart'], { config, origins }: LoadedConfig): string {
  if (firstStart?.password)
    return `${firstStart.password} (shown only now; \`millrace user password admin\` sets another)`;
  if (config.adminPassword !== undefined) return `as given by ${origins['adminPassword']?.name ?? 'the configuration'}`;
  return 'as set before; `millrace user password admin` sets another';
}

const isEverywhere = (host: string): boolean => host === '0.0.0.0' || host === '::';

/** A line for who runs a Node that gets no more corrections; undefined for the others. */
export function nodeAdvice(version: string): string | undefined {
  if (Number(version.split('.')[0]) > 20) return undefined;
  return `This is Node ${version}; Node 20 has had no security corrections since April 2026. Node 24 is the better choice.`;
}
