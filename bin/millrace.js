#!/usr/bin/env node
// The Node version comes first, and nothing here is newer than what old versions can read: an old Node would otherwise
// stop with an error that nobody understands.
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(
    `Millrace needs Node 20.19 or newer, and this is Node ${process.versions.node}. Install Node 24 and try again.`,
  );
  process.exit(1);
}

import('node:fs').then(({ existsSync, readFileSync }) => {
  const [first, ...others] = process.argv.slice(2);
  if (others.length === 0 && (first === '--version' || first === '-V')) {
    console.log(JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')).version);
    return undefined;
  }
  if (existsSync(new URL('../dist/main.js', import.meta.url))) return import('../dist/main.js');
  console.error('Millrace is not built yet. Run `npm run build` first; `npm start` does it by itself.');
  process.exitCode = 1;
  return undefined;
});
