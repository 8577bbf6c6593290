import { header } from '../../server.ts';

/** Workflows whose jobs read and leave files. */

const script = (code: string) => `do:
  - work:
      run:
        script:
          language: javascript
          arguments: { input: '\${ . }' }
          code: |
            const { readFileSync, writeFileSync } = await import('node:fs');
${code.trim().replace(/^/gm, '            ')}
`;

const source = `input:
  schema:
    format: json
    document:
      type: object
      properties:
        NOTE: { type: string }
        SOURCE: { title: Source, type: string, x-fme-type: file }
`;

export const fileWorkflows: Record<string, string> = {
  'Files/Reads.yaml': `${header('reads')}${source}${script(`
const { SOURCE = null } = input;
return { name: SOURCE, text: SOURCE && readFileSync('in/' + SOURCE, 'utf8') };`)}`,
  'Files/Lists.yaml': `${header('lists')}input:
  schema:
    format: json
    document:
      type: object
      properties:
        SOURCES: { title: Sources, type: array, items: { type: string }, x-fme-type: file, x-fme-source: true }
${script(`
return { texts: input.SOURCES.map((name) => readFileSync('in/' + name, 'utf8')) };`)}`,
  'Files/One.yaml': `${header('one')}${source}${script(`
const text = input.SOURCE ? readFileSync('in/' + input.SOURCE, 'utf8') : 'a,b\\n1,2\\n';
writeFileSync('out/towns ä.csv', text.toUpperCase());`)}`,
  'Files/Two.yaml': `${header('two')}${script(`
writeFileSync('out/a.csv', 'a\\n'.repeat(50_000));
writeFileSync('out/b.html', '<script>alert(1)</script>');
return { written: 2 };`)}`,
  'Files/Large.yaml': `${header('large')}${script(`
const { randomBytes } = await import('node:crypto');
const { appendFileSync } = await import('node:fs');
for (let i = 0; i < 64; i++) appendFileSync('out/large.bin', randomBytes(1024 * 1024));`)}`,
  'Files/Breaks.yaml': `${header('breaks')}${script(`
writeFileSync('out/half.csv', 'half');
throw new Error('no more');`)}`,
};
