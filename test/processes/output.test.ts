import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createCapture } from '../../src/processes/capture.ts';
import { untilMarker } from '../../src/processes/marked.ts';
import { createOutput } from '../../src/processes/output.ts';
import { processorMs } from '../support/processor.ts';

/** Bytes of some text, cut into chunks at arbitrary places. */
const chunks = fc
  .tuple(fc.string({ unit: 'binary', maxLength: 60 }), fc.array(fc.nat(200), { maxLength: 10 }))
  .map(([text, cuts]) => {
    const bytes = Buffer.from(text);
    const places = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
    return [...places, bytes.length].map((place, index) => bytes.subarray(places[index - 1] ?? 0, place));
  });

describe('output', () => {
  test('that fits is kept as it came, and handed on in whole characters', () => {
    fc.assert(
      fc.property(chunks, (parts) => {
        const texts: string[] = [];
        const output = createOutput({ keepBytes: 1000, onText: (text) => texts.push(text) });
        for (const part of parts) output.push(part);
        const { text, truncated } = output.finish();
        const whole = Buffer.concat(parts).toString('utf8');
        expect(texts.join('')).toBe(whole);
        expect(text).toBe(whole);
        expect(truncated).toBe(false);
      }),
    );
  });

  test('that does not fit keeps its first and its last half without broken characters, and tells how much is missing', () => {
    fc.assert(
      fc.property(chunks, fc.integer({ min: 2, max: 40 }), (parts, keepBytes) => {
        const output = createOutput({ keepBytes, onText: () => undefined });
        for (const part of parts) output.push(part);
        const { text, truncated } = output.finish();
        const whole = Buffer.concat(parts);
        fc.pre(whole.length > 2 * Math.floor(keepBytes / 2));
        const [head = '', tail = ''] = text.split(/\n\[\d+ bytes left out\]\n/);
        expect(truncated).toBe(true);
        expect(whole.toString('utf8').startsWith(head)).toBe(true);
        expect(whole.toString('utf8').endsWith(tail)).toBe(true);
        expect(Buffer.byteLength(head)).toBeGreaterThan(keepBytes / 2 - 5);
        expect(Buffer.byteLength(tail)).toBeGreaterThan(keepBytes / 2 - 5);
        expect(Buffer.byteLength(head + tail)).toBeLessThanOrEqual(keepBytes);
      }),
    );
  });

  test('of many small chunks takes time in proportion', () => {
    const output = createOutput({ keepBytes: 1000, onText: () => undefined });
    const begun = processorMs();
    for (let i = 0; i < 500_000; i += 1) output.push(Buffer.from('x'));
    expect(output.finish().truncated).toBe(true);
    expect(processorMs() - begun).toBeLessThan(3_000);
  });
});

describe('the cap over both streams', () => {
  test('allows exactly that many bytes', () => {
    let exceeded = 0;
    const capture = createCapture({
      keepBytes: 100,
      capBytes: 10,
      onOutput: undefined,
      onExceeded: () => (exceeded += 1),
      log: () => undefined,
    });
    capture.stdout.push(Buffer.from('12345'));
    capture.stderr.push(Buffer.from('67890'));
    expect(exceeded).toBe(0);
    capture.stdout.push(Buffer.from('x'));
    capture.stdout.push(Buffer.from('y'));
    expect(exceeded).toBe(1);
    expect([capture.stdout.finish().text, capture.stderr.finish().text]).toEqual(['12345', '67890']);
  });
});

describe('a stream with a marker at its end', () => {
  const marker = Buffer.from('\0mark\n');

  test('gives all before the marker, wherever it is cut', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('a', '\0', '\0ma', '\0mark', '\n'), maxLength: 12 }),
        fc.array(fc.nat(100)),
        (text, cuts) => {
          fc.pre(!text.includes(marker.toString()));
          const bytes = Buffer.concat([Buffer.from(text), marker]);
          fc.pre(bytes.indexOf(marker) === bytes.length - marker.length);
          let got = '';
          let seen = 0;
          const reader = untilMarker(
            marker,
            (chunk) => (got += chunk.toString()),
            () => (seen += 1),
          );
          const places = [0, ...cuts.map((cut) => cut % bytes.length).sort((a, b) => a - b), bytes.length];
          for (let i = 1; i < places.length; i += 1) reader.write(bytes.subarray(places[i - 1], places[i]));
          expect(got).toBe(text);
          expect(seen).toBe(1);
        },
      ),
    );
  });

  test('gives what looked like a marker when the stream ends without one', () => {
    let got = '';
    const reader = untilMarker(
      marker,
      (chunk) => (got += chunk.toString()),
      () => undefined,
    );
    reader.write(Buffer.from('a\0ma'));
    expect(got).toBe('a');
    reader.flush();
    expect(got).toBe('a\0ma');
  });
});
