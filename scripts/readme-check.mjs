// Runs the README as a newcomer would, in an empty copy of what git knows: every block marked `sh` in order, the one marked
// `sh server` beside them until the end, and the line that the first start prints. Fails when any command does.
// `npm ci` is left to `--install`; without it the packages of this folder are used.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const install = process.argv.includes('--install');
const folder = mkdtempSync(join(tmpdir(), 'millrace-readme-'));
const port = await freePort();
const environment = {
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('MILLRACE_'))),
  MILLRACE_PORT: String(port),
};

copy();
const readme = readFileSync(join(folder, 'README.md'), 'utf8');
const blocks = [...readme.matchAll(/^```sh( server)?\n([\s\S]*?)^```$/gm)].map(([, server, text]) => ({
  server: server !== undefined,
  text: text.replaceAll(':8080', `:${port}`),
}));
let server;
let failed = 0;
try {
  for (const { server: isServer, text } of blocks) {
    if (isServer) await startServer(text);
    else run(text);
  }
  if (blocks.length < 5 || !server) report(false, 'the README has a server block and some others');
} finally {
  await stopServer();
  rmSync(folder, { recursive: true, force: true });
}
console.log(`${failed === 0 ? 'every' : 'not every'} block of the README runs`);
process.exitCode = failed === 0 ? 0 : 1;

function copy() {
  const files = execFileSync('git', ['ls-files', '-z'], { cwd: root, encoding: 'utf8' }).split('\0').filter(Boolean);
  for (const file of files) {
    if (!existsSync(join(root, file))) continue;
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    cpSync(join(root, file), join(folder, file));
  }
  if (!install) symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
}

async function startServer(text) {
  const command = install ? text : text.replace('npm ci && ', '');
  // A group of its own, so that npm, its shell and the server end together.
  const child = spawn('bash', ['-c', command], {
    cwd: folder,
    env: environment,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  server = { child, output: '', ended: new Promise((resolve) => child.on('exit', resolve)) };
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (part) => (server.output += part));
  const until = Date.now() + (install ? 600_000 : 120_000);
  while (!/^ {2}curl .+$/m.test(server.output)) {
    if (child.exitCode !== null || Date.now() > until) {
      report(false, text, server.output);
      return;
    }
    await sleep(100);
  }
  report(true, text);
  environment.PASSWORD = /^ +Password +(\S+)/m.exec(server.output)?.[1];
  const line = /^ {2}(curl .+)$/m.exec(server.output)[1];
  // Three times, since the machine may be busy with something else; the first start is what is promised.
  const seconds = [1, 2, 3].map(() => {
    const begun = performance.now();
    run(line);
    return (performance.now() - begun) / 1_000;
  });
  report(
    Math.min(...seconds) < 2,
    `the printed line answers within 2 s (${seconds.map((one) => one.toFixed(1)).join(', ')} s)`,
  );
}

function run(text) {
  const done = spawnSync('bash', ['-euo', 'pipefail', '-c', text], {
    cwd: folder,
    env: environment,
    encoding: 'utf8',
    timeout: 60_000,
  });
  report(done.status === 0, text, `${done.stdout}${done.stderr}`);
}

function report(ok, what, output = '') {
  if (!ok) failed += 1;
  const shown = environment.PASSWORD ? what.replaceAll(environment.PASSWORD, '...') : what;
  console.log(`${ok ? 'ok  ' : 'FAIL'} ${shown.trim().split('\n').join('\n     ')}`);
  if (!ok) console.log(output);
}

async function stopServer() {
  if (!server) return;
  const signal = (name) => {
    try {
      process.kill(-server.child.pid, name);
    } catch {
      // It has ended already.
    }
  };
  signal('SIGTERM');
  // Not waited for once the server has ended: a timer alone would keep this process for its whole time.
  await Promise.race([server.ended, sleep(40_000, undefined, { ref: false })]);
  signal('SIGKILL');
}

function freePort() {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port: free } = probe.address();
      probe.close(() => resolve(free));
    });
  });
}
