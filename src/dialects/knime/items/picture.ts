import { escapeHtml } from '../../../http/pages.ts';
import type { OutlinePart, OutlineStep } from './refs.ts';

/** Pixels: a box, the room between two, around what lies within another, and above a row with jumps. */
const BOX = { width: 168, height: 44 };
const GAP = 34;
const PAD = 12;
const LABEL = 18;
const JUMP = 26;

interface Size {
  width: number;
  height: number;
}

/**
 * A drawing of a workflow as SVG: its steps as boxes from left to right, arrows where one follows another, steps within
 * a step inside its box. Clients that show several on one page rewrite every `id="clip…` and `#clip…` (reference section
 * 7.6): all ids begin so, and no text can look like one. `key`, of letters and digits, keeps the ids of two workflows
 * apart for those that do not.
 */
export function drawWorkflow(title: string, steps: readonly OutlineStep[], key: string): string {
  const shapes: string[] = [];
  let clips = 0;
  const head = `clip-${key}-arrow`;
  const arrow = (path: string): string => `<path d="${path}" class="way" marker-end="url(#${head})"/>`;

  const text = (at: { x: number; y: number; width: number }, words: string, style: string): void => {
    const id = `clip-${key}-${clips++}`;
    shapes.push(
      `<clipPath id="${id}"><rect x="${at.x}" y="${at.y - 14}" width="${at.width}" height="20"/></clipPath>`,
      `<text x="${at.x}" y="${at.y}" class="${style}" clip-path="url(#${id})">${plain(words)}</text>`,
    );
  };

  const drawStep = (step: OutlineStep, x: number, y: number): void => {
    const { width, height } = sizeOf(step);
    shapes.push(
      `<g><title>${plain(`${step.name} (${step.type})`)}</title>`,
      `<rect x="${x}" y="${y}" width="${width}" height="${height}" rx="6" class="box"/>`,
    );
    text({ x: x + 10, y: y + 19, width: width - 20 }, step.name, 'name');
    text({ x: x + 10, y: y + 35, width: width - 20 }, step.type, 'type');
    let below = y + BOX.height;
    for (const part of step.parts) {
      // A branch of one step is called like it.
      if (part.label !== part.steps[0]?.name)
        text({ x: x + PAD, y: below + 13, width: width - 2 * PAD }, part.label, 'part');
      drawRow(part.steps, x + PAD, below + LABEL);
      below += partSize(part).height;
    }
    shapes.push('</g>');
  };

  const drawRow = (row: readonly OutlineStep[], x: number, top: number): void => {
    const y = top + headroom(row);
    let left = x;
    const places = row.map((step) => {
      const place = { left, ...sizeOf(step) };
      left += place.width + GAP;
      return place;
    });
    for (const [index, step] of row.entries()) {
      const from = places[index]!;
      drawStep(step, from.left, y);
      for (const name of step.next) {
        const target = row.findIndex((other) => other.name === name);
        const to = places[target];
        if (to === undefined) continue;
        shapes.push(
          target === index + 1
            ? arrow(`M${from.left + from.width} ${y + BOX.height / 2}H${to.left - 2}`)
            : arrow(jump(from.left + from.width / 2, to.left + BOX.width / 2, y)),
        );
      }
    }
  };

  const whole = rowSize(steps);
  const width = Math.max(whole.width, BOX.width) + 2 * PAD;
  const height = whole.height + 2 * PAD + LABEL;
  text({ x: PAD, y: PAD + 10, width: width - 2 * PAD }, title, 'name');
  drawRow(steps, PAD, PAD + LABEL);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">`,
    `<title>${plain(title)}</title>`,
    `<defs><marker id="${head}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto"><path d="M0 0L8 4L0 8z" fill="rgb(85,85,85)"/></marker></defs>`,
    `<style>${style}</style>`,
    ...shapes,
    '</svg>\n',
  ].join('\n');
}

// Colours by name or rgb(): the number sign stands in references alone.
const style = [
  '.box{fill:rgb(250,248,235);stroke:rgb(120,110,80)}',
  '.name{font:600 13px sans-serif;fill:rgb(30,30,30)}',
  '.type{font:11px sans-serif;fill:rgb(110,110,110)}',
  '.part{font:italic 11px sans-serif;fill:rgb(110,110,110)}',
  '.way{fill:none;stroke:rgb(85,85,85)}',
].join('');

/** Over the boxes in between. */
const jump = (from: number, to: number, y: number): string =>
  `M${from} ${y}C${from} ${y - JUMP},${to} ${y - JUMP},${to} ${y - 2}`;

/** Text of an SVG. What XML cannot hold goes, and so does half of a surrogate pair. */
const plain = (words: string): string =>
  Buffer.from(words.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, ' '))
    .toString()
    .split('#')
    .map(escapeHtml)
    .join('&#35;');

function sizeOf(step: OutlineStep): Size {
  const parts = step.parts.map(partSize);
  if (parts.length === 0) return BOX;
  return {
    width: Math.max(BOX.width, ...parts.map(({ width }) => width + 2 * PAD)),
    height: BOX.height + parts.reduce((sum, { height }) => sum + height, 0),
  };
}

function partSize({ steps }: OutlinePart): Size {
  const { width, height } = rowSize(steps);
  return { width, height: LABEL + height + PAD };
}

function rowSize(row: readonly OutlineStep[]): Size {
  const sizes = row.map(sizeOf);
  return {
    width: sizes.reduce((sum, { width }) => sum + width, 0) + GAP * Math.max(0, row.length - 1),
    height: headroom(row) + Math.max(BOX.height, ...sizes.map(({ height }) => height)),
  };
}

/** Room above a row for arrows that do not lead to the next box. */
const headroom = (row: readonly OutlineStep[]): number =>
  row.some((step, index) => step.next.some((name) => name !== row[index + 1]?.name)) ? JUMP : 0;
