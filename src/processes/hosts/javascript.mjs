// Runs JavaScript scripts in a process of its own. Plain JavaScript on purpose: it is started by Node as it lies here,
// also when the rest runs from its TypeScript sources, and under Node's permission model.
//
// Jobs come and replies go as lines on file descriptor 3:
//   in   { id, folder, code, names, values, environment, valueBytes }
//   out  { ready: true }, then for each job { id, code, reuse, value? }, `value` being JSON text
// A reply is sent when the script is over as Node means it: nothing is left that could still happen. Before the reply,
// both output streams get the marker, so that the reader knows where this run's output ends.
import { Socket } from 'node:net';
import vm from 'node:vm';

const AsyncFunction = (async () => undefined).constructor;
const { stdout, stderr } = process;
// Writes wait until the reader has room: output is complete when a script calls `process.exit`, and one that prints
// without end fills no memory here. Without this, Node queues what a full pipe does not take.
for (const stream of [stdout, stderr]) stream._handle?.setBlocking?.(true);
const print = { stdout: stdout.write.bind(stdout), stderr: stderr.write.bind(stderr) };
const { stringify, parse } = JSON;
const exit = process.exit.bind(process);
const channel = new Socket({ fd: 3, readable: true, writable: true });
const send = (message) => channel.write(`${stringify(message)}\n`);

/** Compiled scripts by their text: a process serves one workflow version, so there are few. */
const compiled = new Map();

let stdinUsed = false;
const stdin = Object.getOwnPropertyDescriptor(process, 'stdin');
Object.defineProperty(process, 'stdin', {
  ...stdin,
  get() {
    stdinUsed = true;
    return stdin.get.call(process);
  },
});

const shared = [
  globalThis,
  Object,
  Function,
  Object.prototype,
  Function.prototype,
  Array.prototype,
  String.prototype,
  Promise.prototype,
  console,
  JSON,
  process,
];

/** What a script could leave behind for the next one; any difference after a run ends this process. */
const fingerprint = () =>
  [
    ...shared.map((object) => Reflect.ownKeys(object).length),
    ...process.eventNames().map((name) => `${String(name)}:${process.listenerCount(name)}`),
    process.title,
    process.umask(),
  ].join();

/** The job under way. */
let job;
let outcome;

function compile({ code, names }) {
  const key = stringify([names, code]);
  let script = compiled.get(key);
  if (script === undefined) {
    const list = names.join(', ');
    // With a file name, errors quote line and column. The name is relative, so that imports start at the run's folder.
    const whole = new vm.Script(`(async function script(${list}) {\n${code}\n})`, {
      filename: 'script.js',
      lineOffset: -1,
      importModuleDynamically: vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
    });
    // Refuses text that is only valid because of what stands around it, such as `}); (() => {`.
    new AsyncFunction(...names, code);
    script = whole.runInThisContext();
    compiled.set(key, script);
  }
  return script;
}

function failed(error) {
  const hint =
    error instanceof SyntaxError && /import statement|export/.test(error.message)
      ? '\nA script is the body of a function: use `await import("…")` instead of `import … from`.'
      : '';
  const text = error instanceof Error ? (error.stack ?? String(error)) : `Thrown: ${describe(error)}`;
  print.stderr(`${text}${hint}\n`);
  exit(1);
}

function describe(value) {
  try {
    return typeof value === 'object' ? stringify(value) : String(value);
  } catch {
    return 'a value that cannot be shown';
  }
}

function begin(message) {
  job = { ...message, base: { ...process.env }, before: fingerprint() };
  outcome = undefined;
  process.chdir(job.folder);
  Object.assign(process.env, job.environment, { HOME: job.folder, TMPDIR: job.folder });
  channel.unref();
  let script;
  try {
    script = compile(job);
  } catch (error) {
    return failed(error);
  }
  script(...job.values).then((value) => {
    outcome = { value };
  }, failed);
}

/** Nothing can happen any more: the script is over. */
function finish() {
  if (job === undefined) return;
  if (outcome === undefined) {
    print.stderr('The script ended while it still waited for something that cannot happen any more.\n');
    exit(13);
  }
  const { id, base, before, folder, valueBytes } = job;
  const value = toJson(outcome.value);
  if (value !== undefined && Buffer.byteLength(value) > valueBytes) {
    print.stderr(`The value returned has ${Buffer.byteLength(value)} bytes as JSON; ${valueBytes} are accepted.\n`);
    exit(1);
  }
  const code = process.exitCode ?? 0;
  const clean = !stdinUsed && process.exitCode === undefined && process.cwd() === folder && fingerprint() === before;
  for (const name of Object.keys(process.env)) if (!(name in base)) delete process.env[name];
  Object.assign(process.env, base);
  job = undefined;
  outcome = undefined;
  channel.ref();
  const marker = `\0${id}\n`;
  print.stdout(marker);
  print.stderr(marker);
  send({ id, code: Number(code), reuse: clean, value });
}

/** JSON text of a value, undefined for what JSON cannot hold (functions, circles, bigints). */
function toJson(value) {
  try {
    return stringify(value);
  } catch {
    return undefined;
  }
}

process.on('beforeExit', finish);
// The server is gone: nobody is there to answer.
channel.on('error', () => exit(1));
channel.on('end', () => exit(1));

const pieces = [];
channel.on('data', (chunk) => {
  const end = chunk.indexOf(10);
  if (end < 0) return void pieces.push(chunk);
  pieces.push(chunk.subarray(0, end));
  const text = Buffer.concat(pieces).toString('utf8');
  pieces.length = 0;
  begin(parse(text));
});
send({ ready: true });
