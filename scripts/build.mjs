// Compiles src into dist. `--if-stale`: only when something in src changed since the last build.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const src = join(root, 'src');
const dist = join(root, 'dist');
const stamp = '.stamp';

// An installed package has no sources: what it brings is built.
if (!existsSync(src)) process.exit(0);

const files = list(src);
const fingerprint = fingerprintOf([...files, join(root, 'tsconfig.json'), join(root, 'tsconfig.build.json')]);
if (process.argv.includes('--if-stale') && readStamp() === fingerprint) process.exit(0);

// Built beside and swapped in whole: a server that starts meanwhile finds the old build or the new one, never half of it.
const fresh = join(root, `dist.new-${process.pid}`);
const old = join(root, `dist.old-${process.pid}`);
try {
  compile();
  for (const file of files.filter((name) => !name.endsWith('.ts'))) {
    const target = join(fresh, relative(src, file));
    mkdirSync(dirname(target), { recursive: true });
    copyFileSync(file, target);
  }
  writeFileSync(join(fresh, stamp), fingerprint);
  if (existsSync(dist)) renameSync(dist, old);
  renameSync(fresh, dist);
} finally {
  rmSync(fresh, { recursive: true, force: true });
  rmSync(old, { recursive: true, force: true });
}

function compile() {
  let compiler;
  try {
    compiler = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin', 'tsc');
  } catch {
    console.error('The TypeScript compiler is missing. Run `npm ci` first (with the development packages).');
    process.exit(1);
  }
  if (process.stderr.isTTY) console.error('Compiling ...');
  const done = spawnSync(
    process.execPath,
    [compiler, '-p', join(root, 'tsconfig.build.json'), '--outDir', fresh, '--noEmitOnError'],
    {
      stdio: 'inherit',
      cwd: root,
    },
  );
  if (done.status !== 0) {
    rmSync(fresh, { recursive: true, force: true });
    process.exit(1);
  }
}

function list(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

// Size and time of every file, so that a removed or older file counts as a change too.
function fingerprintOf(names) {
  const hash = createHash('sha256');
  for (const name of names) {
    const { size, mtimeMs } = statSync(name);
    hash.update(`${relative(root, name)} ${size} ${mtimeMs}\n`);
  }
  return hash.digest('hex');
}

function readStamp() {
  try {
    return readFileSync(join(dist, stamp), 'utf8');
  } catch {
    return undefined;
  }
}
