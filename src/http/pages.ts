import { createHash } from 'node:crypto';
import type { FastifyReply } from 'fastify';

/** Text that may stand in HTML, in an attribute too. */
export const escapeHtml = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

const style = `:root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem}
code,pre{font-family:ui-monospace,monospace}pre{padding:.8rem;overflow-x:auto;border:1px solid #8886;border-radius:.4rem}
dt{font-weight:600;margin-top:.8rem}dd{margin:0}a{color:inherit}h1{font-size:1.5rem}`;
const styleHash = createHash('sha256').update(style).digest('base64');

/** Pages of ours run no script at all and load nothing; the one style sheet is named by its hash. */
const policy = `default-src 'none'; style-src 'sha256-${styleHash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;

/** Answers a small page. `body` is HTML that the caller has escaped. */
export function sendPage(reply: FastifyReply, title: string, body: string): FastifyReply {
  return reply
    .header('content-security-policy', policy)
    .header('referrer-policy', 'no-referrer')
    .type('text/html; charset=utf-8')
    .send(pageHtml(title, body));
}

/** The text of such a page. */
export const pageHtml = (title: string, body: string): string =>
  `<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">` +
  `<title>${escapeHtml(title)}</title><style>${style}</style></head><body>${body}</body></html>\n`;

/** Which of several media types a client would rather have; the first when it does not care. Undefined: none. */
export function negotiate(accept: string | undefined, types: readonly string[]): string | undefined {
  if (accept === undefined || accept.trim() === '') return types[0];
  const wishes = accept
    .split(',')
    .slice(0, 20)
    .map((part) => {
      const [type = '', ...parameters] = part.trim().toLowerCase().split(';');
      const q = parameters.map((parameter) => /^\s*q=([\d.]+)\s*$/.exec(parameter)?.[1]).find((value) => value);
      return { type: type.trim(), q: q === undefined ? 1 : Number(q) };
    });
  let best: string | undefined;
  let bestQuality = 0;
  let bestRank = 0;
  for (const type of types) {
    // The most exact wish counts, whatever its quality: `text/*;q=0` says no to what `*/*` would take.
    const ways = [type, `${type.split('/', 1)[0]}/*`, '*/*'].map((way) => wishes.find((wish) => wish.type === way));
    const rank = ways.findIndex((wish) => wish !== undefined);
    if (rank < 0) continue;
    const { q } = ways[rank]!;
    // Among equals, what was named goes before what `*/*` would take too.
    if (q > bestQuality || (q > 0 && q === bestQuality && rank < bestRank)) {
      best = type;
      bestQuality = q;
      bestRank = rank;
    }
  }
  return best;
}
