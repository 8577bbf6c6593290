// Compiles src into dist and joins our modules and those of the packages into few files: a start that reads hundreds of
// small ones needs twice the time, in each of its threads. `--if-stale`: only when something changed since the last build.
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

/**
 * Packages that stay where npm puts them: native and WebAssembly code, what finds files beside itself, and what is
 * loaded so rarely that the place does not matter. `tsx` is for sources only.
 */
const external = [
  'better-sqlite3',
  're2-wasm',
  'pino-pretty',
  '@fastify/swagger',
  '@fastify/swagger-ui',
  'undici',
  'croner',
  'tsx',
];

/** For packages in CommonJS: esbuild has no `require` for them in an ES module. */
const requires = `import { createRequire as createRequireOfParts } from 'node:module';
const require = createRequireOfParts(import.meta.url);`;

// An installed package has no sources: what it brings is built.
if (!existsSync(src)) process.exit(0);

const files = list(src);
const settings = ['tsconfig.json', 'tsconfig.build.json', 'package-lock.json', 'scripts/build.mjs'];
const fingerprint = fingerprintOf([...files, ...settings.map((name) => join(root, name))]);
if (process.argv.includes('--if-stale') && readStamp() === fingerprint) process.exit(0);

// Built beside and swapped in whole: a server that starts meanwhile finds the old build or the new one, never half of it.
const compiled = join(root, `dist.tsc-${process.pid}`);
const fresh = join(root, `dist.new-${process.pid}`);
const old = join(root, `dist.old-${process.pid}`);
try {
  compile();
  await bundle();
  for (const file of files.filter((name) => !name.endsWith('.ts'))) {
    const target = join(fresh, relative(src, file));
    mkdirSync(dirname(target), { recursive: true });
    copyFileSync(file, target);
  }
  writeFileSync(join(fresh, stamp), fingerprint);
  if (existsSync(dist)) renameSync(dist, old);
  renameSync(fresh, dist);
} finally {
  rmSync(compiled, { recursive: true, force: true });
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
    [compiler, '-p', join(root, 'tsconfig.build.json'), '--outDir', compiled, '--noEmitOnError'],
    {
      stdio: 'inherit',
      cwd: root,
    },
  );
  if (done.status !== 0) {
    rmSync(compiled, { recursive: true, force: true });
    process.exit(1);
  }
}

/**
 * Joins the compiled modules and most packages. A module of ours that names files beside itself (`import.meta.url`) goes
 * on naming them by the place it had, and a module that a thread is started on stays at its place as a file of one line.
 */
async function bundle() {
  const { build } = await import('esbuild');
  const entries = ['main', ...files.filter((file) => file.endsWith('.ts')).flatMap(threadEntries)];
  const { metafile } = await build({
    entryPoints: Object.fromEntries(entries.map((name) => [flat(name), join(compiled, `${name}.js`)])),
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    external,
    banner: { js: requires },
    sourcemap: true,
    // Each thread reads its files anew and holds their text: without blanks that is a tenth of the start and three MiB.
    // Names stay, for the stacks in the log.
    minifyWhitespace: true,
    minifySyntax: true,
    lineLimit: 160,
    metafile: true,
    absWorkingDir: root,
    outdir: fresh,
    chunkNames: 'part-[hash]',
    logLevel: 'warning',
    plugins: [{ name: 'places', setup: ({ onLoad }) => onLoad({ filter: /\.js$/ }, keepPlace) }],
  });
  writeFileSync(join(fresh, 'licences.txt'), licencesOf(Object.keys(metafile.inputs)));
  for (const name of entries) {
    if (flat(name) === name) continue;
    const target = join(fresh, `${name}.js`);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, `import '${'../'.repeat(name.split('/').length - 1)}${flat(name)}.js';\n`);
  }
}

/** The licences of all packages that were joined in, which ask to be kept with every copy. */
function licencesOf(inputs) {
  const folders = inputs.map((name) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(name)?.[0]).filter(Boolean);
  const texts = [...new Set(folders)].sort().map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
    if (typeof license !== 'string') throw new Error(`${name} does not say under which licence it may be copied.`);
    const file = readdirSync(join(root, folder)).find((entry) => /^licen[cs]e/i.test(entry));
    const text = file === undefined ? '' : `\n${readFileSync(join(root, folder, file), 'utf8').trim()}\n`;
    return `${name} ${version} (${license})\n${text}`;
  });
  return `This program contains the following packages.\n\n${texts.join(`\n${'-'.repeat(80)}\n\n`)}`;
}

/** Every file of the build lies at its root, so that a place is the same text from each of them. */
function flat(name) {
  return name.replaceAll('/', '-');
}

/** Modules that a source starts a thread on, as paths below src without ending. */
function threadEntries(file) {
  const named = readFileSync(file, 'utf8').matchAll(/new URL\('(\.[^']+)\.ts', import\.meta\.url\)/g);
  return [...named]
    .map(([, path]) => relative(src, join(dirname(file), path)))
    .filter((name) => existsSync(join(src, `${name}.ts`)));
}

function keepPlace({ path }) {
  if (!path.startsWith(compiled)) return undefined;
  const text = readFileSync(path, 'utf8');
  if (!text.includes('import.meta.url')) return undefined;
  const place = `new URL('./${relative(compiled, path)}', import.meta.url).href`;
  return { contents: text.replaceAll('import.meta.url', place), loader: 'js' };
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
