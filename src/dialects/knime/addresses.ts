import { isAction } from './actions.ts';

/** Where the API stands; older servers had it at the other two (reference section 2.1). */
export const CONTEXT = '/knime';
const root = /^\/+(?:knime|com\.knime\.enterprise\.server|webportal)\/+rest(?![\w.~-])/;

export const ROOT = `${CONTEXT}/rest`;
export const REPOSITORY = `${ROOT}/v4/repository`;
/** Pages with files below them: their relative links depend on every slash. */
export const PAGES = `${ROOT}/doc`;
/** What clients leave of a URI template, `{?async}`, in the one piece that can never have a brace: an id. */
const leftover = /\/?(?:\{|%7B).*$/i;
/** An item's address and the word of its action; the colon raw or encoded, a slash or a leftover around it. */
const action = /^(.*?)\/?(?::|%3A)([a-z-]+)((?:\{|%7B).*)?$/i;

/** Whether an address is below the root, however sloppily written. */
export const ownsAddress = (url: string): boolean => root.test(url);

/**
 * The address that real clients mean by what they send (reference section 2.2): slashes doubled or at the end, `%3A`
 * before an action, leftovers of URI templates, the context of older servers. Undefined for what is not below the root.
 */
export function readAddress(url: string): string | undefined {
  const begin = root.exec(url)?.[0].length;
  if (begin === undefined) return undefined;
  const mark = url.indexOf('?');
  const end = mark < 0 ? url.length : mark;
  const query = mark < 0 ? '' : url.slice(mark);
  const asSent = `${ROOT}${url.slice(begin, end)}`.replace(/\/{2,}/g, '/');
  if (asSent === PAGES || asSent.startsWith(`${PAGES}/`)) return asSent + query;
  const path = asSent.endsWith('/') ? asSent.slice(0, -1) : asSent;
  const { address, rest } = path.startsWith(REPOSITORY) ? readItem(path) : readOther(path);
  return address + (rest === undefined ? query : withoutLeftover(rest, query));
}

interface Read {
  address: string;
  /** What was cut off at the end. */
  rest?: string | undefined;
}

function readItem(path: string): Read {
  const found = action.exec(path);
  if (found === null || !isAction(found[2]!)) return { address: path };
  const [, item, word, rest] = found;
  // The root has no name the action could follow.
  return { address: `${item}${item === REPOSITORY ? '/' : ''}:${word}`, rest };
}

function readOther(path: string): Read {
  const rest = leftover.exec(path)?.[0];
  return { address: rest === undefined ? path : path.slice(0, -rest.length), rest };
}

/** The question mark of `{?async}` begins the query for the router: what belongs to the template is not part of it. */
function withoutLeftover(rest: string, query: string): string {
  if (!/^\/?(?:\{|%7B)$/i.test(rest)) return query;
  const after = /^\?[^?&=]*?(?:\}|%7D)[?&]?(.*)$/i.exec(query)?.[1];
  return after === undefined ? query : after === '' ? '' : `?${after}`;
}
