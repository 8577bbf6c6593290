import type { Json } from '../../../model/json.ts';

/** One element with what is below it: members as children, lists as repeated elements, null as an empty element. */
export function xmlElement(name: string, value: Json): string {
  if (Array.isArray(value)) return value.map((one) => xmlElement(name, one)).join('');
  if (value === null || value === '') return `<${name}/>`;
  if (typeof value !== 'object') return `<${name}>${xmlText(String(value))}</${name}>`;
  const children = Object.entries(value).map(([child, one]) => xmlElement(child, one));
  return children.length === 0 ? `<${name}/>` : `<${name}>${children.join('')}</${name}>`;
}

/** Text that may stand in XML 1.0: what no escape can express (control characters, halves of pairs) is replaced. */
const xmlText = (text: string): string =>
  text
    .replace(/[^\t\n\r\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd')
    .replace(/[&<>]/g, (character) => `&#${character.charCodeAt(0)};`);
