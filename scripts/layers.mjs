// Holds every import below src (types count too) against the table of who may import whom, and finds circles.
// A part is a folder of src together with the file of its name: `engine/` and `engine.ts`.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const src = join(dirname(dirname(fileURLToPath(import.meta.url))), 'src');

// What any part may import. `jq`, `yaml` and `schema` know nothing of the rest.
const ground = ['model', 'lifecycle', 'config', 'threads'];
const tools = ['jq', 'yaml', 'schema'];
const everything = '*';

const table = {
  main: ['cli'],
  cli: [everything],
  app: [everything],
  // The entry of a worker thread joins what runs there, as `app` does for the main thread.
  'worker-thread': ['worker', 'runtimes', 'outbound', 'runtime'],
  dialects: ['dialect', 'http', 'engine', 'schema'],
  http: ['dialect', 'engine', 'schema'],
  console: ['dialect', 'http', 'engine'],
  dialect: ['engine'],
  engine: ['store', 'repository', 'files', 'schema'],
  worker: ['store', 'repository', 'runtime', 'processes', 'outbound'],
  maintenance: ['engine', 'store', 'repository', 'files'],
  repository: ['runtime', 'yaml'],
  files: ['repository'],
  runtimes: ['runtime', 'outbound', ...tools],
  runtime: ['outbound'],
  stores: ['store'],
  store: [],
  processes: [],
  outbound: [],
  config: ['model', 'yaml'],
  lifecycle: [],
  threads: [],
  model: [],
  jq: [],
  yaml: ['model'],
  schema: ['model'],
};

const problems = [];
const imports = new Map();
for (const file of list(src)) imports.set(file, importsOf(file));

for (const [file, targets] of imports) {
  const from = partOf(file);
  if (!(from in table)) problems.push(`${show(file)}: the part "${from}" is not in the table of scripts/layers.mjs`);
  for (const target of targets) {
    const to = partOf(target);
    const allowed = table[from] ?? [];
    const fine =
      to === from ||
      allowed.includes(everything) ||
      allowed.includes(to) ||
      (ground.includes(to) && !ground.includes(from) && !isAlone(from));
    if (!fine) problems.push(`${show(file)} imports ${show(target)}: ${from} may not know ${to}`);
  }
}
for (const circle of circles()) problems.push(`a circle: ${circle.map(show).join(' > ')}`);

for (const problem of problems) console.error(problem);
console.log(`${imports.size} files, ${[...imports.values()].flat().length} imports, ${problems.length} problems`);
process.exitCode = problems.length === 0 ? 0 : 1;

// Parts that stand alone import exactly what the table says, not even the ground floor.
function isAlone(part) {
  return ['jq', 'yaml', 'schema'].includes(part);
}

function list(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath, entry.name));
}

function importsOf(file) {
  const text = readFileSync(file, 'utf8')
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/^\s*\/\/.*$/gm, '');
  const found = text.matchAll(/(?:\bfrom|\bimport)\s*\(?\s*['"](\.[^'"]+\.ts)['"]/g);
  return [...new Set([...found].map((match) => resolve(dirname(file), match[1])))];
}

function partOf(file) {
  return relative(src, file).split('/')[0].replace(/\.ts$/, '');
}

function show(file) {
  return relative(dirname(src), file);
}

/** Every circle once, by depth-first search. */
function circles() {
  const found = [];
  const done = new Set();
  const path = [];
  for (const file of imports.keys()) visit(file);
  return found;

  function visit(file) {
    if (done.has(file)) return;
    const at = path.indexOf(file);
    if (at >= 0) {
      found.push([...path.slice(at), file]);
      return;
    }
    path.push(file);
    for (const target of imports.get(file) ?? []) visit(target);
    path.pop();
    done.add(file);
  }
}
