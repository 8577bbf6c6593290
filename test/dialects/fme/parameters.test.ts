import { describe, expect, it } from 'vitest';
import { readDate } from '../../../src/dialects/fme/dates.ts';
import { readParameters } from '../../../src/dialects/fme/parameter-values.ts';
import { parameterWire } from '../../../src/dialects/fme/parameter-wire.ts';
import { flattened, parametersOf } from '../../../src/dialects/fme/parameters.ts';
import type { JsonObject } from '../../../src/model/json.ts';
import { checkSchema, compileSchema } from '../../../src/schema/index.ts';

/** One parameter of each kind: its schema, how clients see it, what they may send, and the input that comes of it. */
const kinds: Record<string, { schema: JsonObject; wire: object; sent: unknown[]; input: unknown }> = {
  text: {
    schema: { type: 'string', title: 'Area', 'x-fme-showInlineEditor': true },
    wire: { type: 'text', prompt: 'Area', valueType: 'string', showInlineEditor: true },
    sent: ['a,b', ['a,b']],
    input: 'a,b',
  },
  'text with an address': {
    schema: { type: 'string', format: 'uri' },
    wire: { type: 'text', editor: 'url' },
    sent: ['https://example.org/'],
    input: 'https://example.org/',
  },
  'text with suggestions': {
    schema: { anyOf: [{ enum: ['a', 'b'] }, { type: 'string' }] },
    wire: {
      type: 'text',
      choiceSettings: {
        choices: [
          { display: 'a', value: 'a' },
          { display: 'b', value: 'b' },
        ],
      },
    },
    sent: ['c'],
    input: 'c',
  },
  'text from a number': { schema: { type: 'string' }, wire: { type: 'text' }, sent: [7, '7'], input: '7' },
  password: {
    schema: { type: 'string', format: 'password', default: 'tiger' },
    wire: { type: 'password', valueType: 'stringEncoded' },
    sent: ['s3cret'],
    input: 's3cret',
  },
  integer: {
    schema: { type: 'integer', minimum: 1900, maximum: 2100, default: 2000 },
    wire: { type: 'number', valueType: 'integer', minimum: 1900, maximum: 2100, multipleOf: 1, defaultValue: 2000 },
    sent: [1985, '1985', ' 1985 ', '1985.0', ['1985']],
    input: 1985,
  },
  number: {
    schema: { type: 'number', exclusiveMinimum: 0, maximum: 1, 'x-fme-showSlider': true },
    wire: { type: 'number', valueType: 'number', minimum: 0, minimumExclusive: true, maximum: 1, showSlider: true },
    sent: [0.5, '0.5', '5e-1', '.5'],
    input: 0.5,
  },
  range: {
    schema: { type: 'array', items: { type: 'number', minimum: 0, maximum: 9 }, minItems: 2, maxItems: 2 },
    wire: { type: 'range', valueType: 'number', minimum: 0, maximum: 9 },
    sent: [[1, 2], '1,2', '[1,2]', ['1', '2']],
    input: [1, 2],
  },
  'checkbox of truths': {
    schema: { type: 'boolean', default: false },
    wire: {
      type: 'checkbox',
      valueType: 'boolean',
      defaultValue: false,
      choiceSettings: {
        choices: [
          { display: 'Yes', value: 'true' },
          { display: 'No', value: 'false' },
        ],
      },
    },
    sent: [true, 'true', 'True', 'yes', 'ON', '1'],
    input: true,
  },
  'checkbox of texts': {
    schema: { enum: ['YES', 'NO'], default: 'NO', 'x-fme-type': 'checkbox' },
    wire: {
      type: 'checkbox',
      valueType: 'string',
      defaultValue: 'NO',
      choiceSettings: {
        choices: [
          { display: 'YES', value: 'YES' },
          { display: 'NO', value: 'NO' },
        ],
      },
    },
    sent: ['YES', true, 'true', 'yes'],
    input: 'YES',
  },
  dropdown: {
    schema: {
      oneOf: [
        { const: 'EPSG:25832', title: 'UTM 32N' },
        { const: 'EPSG:4326', title: 'WGS 84', description: 'World' },
      ],
      default: 'EPSG:25832',
    },
    wire: {
      type: 'dropdown',
      valueType: 'string',
      defaultValue: 'EPSG:25832',
      choiceSettings: {
        choices: [
          { display: 'UTM 32N', value: 'EPSG:25832' },
          { display: 'WGS 84', value: 'EPSG:4326', description: 'World' },
        ],
      },
    },
    sent: ['EPSG:4326'],
    input: 'EPSG:4326',
  },
  'dropdown of numbers': {
    schema: { enum: [1, 2] },
    wire: {
      type: 'dropdown',
      choiceSettings: {
        choices: [
          { display: '1', value: '1' },
          { display: '2', value: '2' },
        ],
      },
    },
    sent: ['2', 2],
    input: 2,
  },
  radio: {
    schema: { enum: ['a', 'b'], 'x-fme-type': 'radio' },
    wire: {
      type: 'radio',
      choiceSettings: {
        choices: [
          { display: 'a', value: 'a' },
          { display: 'b', value: 'b' },
        ],
      },
    },
    sent: ['b'],
    input: 'b',
  },
  listbox: {
    schema: { type: 'array', items: { enum: ['a', 'b, c'] }, default: ['a'] },
    wire: {
      type: 'listbox',
      valueType: 'string',
      defaultValue: ['a'],
      choiceSettings: {
        choices: [
          { display: 'a', value: 'a' },
          { display: 'b, c', value: 'b, c' },
        ],
      },
    },
    sent: ['b, c', ['b, c'], '["b, c"]'],
    input: ['b, c'],
  },
  'listbox with examples': {
    schema: { type: 'array', items: { type: 'string' }, examples: [['Burnaby', 'Vancouver']] },
    wire: {
      type: 'listbox',
      choiceSettings: {
        choices: [
          { display: 'Burnaby', value: 'Burnaby' },
          { display: 'Vancouver', value: 'Vancouver' },
        ],
      },
    },
    sent: ['Surrey,Burnaby', ['Surrey', 'Burnaby'], ' Surrey , Burnaby ,'],
    input: ['Surrey', 'Burnaby'],
  },
  list: {
    schema: { type: 'array', items: { type: 'integer' }, 'x-fme-type': 'list' },
    wire: { type: 'list', valueType: 'integer' },
    sent: ['1,2', [1, '2']],
    input: [1, 2],
  },
  tree: {
    schema: { enum: ['a/b', 'a/c'], 'x-fme-type': 'tree', 'x-fme-nodeDelimiter': '.' },
    wire: { type: 'tree', nodeDelimiter: '.', singleSelection: true },
    sent: ['a/b'],
    input: 'a/b',
  },
  'tree of several': {
    schema: { type: 'array', items: { enum: ['a/b', 'a/c'] }, 'x-fme-type': 'tree' },
    wire: { type: 'tree', nodeDelimiter: '/', singleSelection: false },
    sent: ['a/b,a/c', ['a/b', 'a/c']],
    input: ['a/b', 'a/c'],
  },
  date: {
    schema: { type: 'string', format: 'date' },
    wire: { type: 'datetime', format: 'date' },
    sent: ['20260115', '2026-01-15', '20260115093000', '2026-01-15T09:30:00Z'],
    input: '2026-01-15',
  },
  time: {
    schema: { type: 'string', format: 'time' },
    wire: { type: 'datetime', format: 'time' },
    sent: ['093000', '09:30', '09:30:00', '09:30:00Z'],
    input: '09:30:00Z',
  },
  datetime: {
    schema: { type: 'string', format: 'date-time' },
    wire: { type: 'datetime', format: 'datetime' },
    sent: ['20260115093000', '2026-01-15T09:30:00Z', '2026-01-15 09:30', '20260115093000Z'],
    input: '2026-01-15T09:30:00Z',
  },
  color: {
    schema: { type: 'string', default: '1,0,0', 'x-fme-type': 'color', 'x-fme-colorSpace': 'rgb' },
    wire: { type: 'color', colorSpace: 'rgb', defaultValue: '1,0,0' },
    sent: ['0,0.5,1'],
    input: '0,0.5,1',
  },
  file: {
    schema: {
      type: 'string',
      'x-fme-type': 'file',
      'x-fme-validateExistence': true,
      'x-fme-filters': [{ description: 'GeoPackage', filter: ['*.gpkg'] }],
    },
    wire: {
      type: 'file',
      itemsToSelect: 'files',
      selectMultiple: false,
      accessMode: 'read',
      validateExistence: true,
      filters: [{ description: 'GeoPackage', filter: ['*.gpkg'] }],
    },
    sent: [
      '$(FME_SHAREDRESOURCE_TEMP)/job-17/a.gpkg',
      '$(FME_SHAREDRESOURCE_TEMP)\\job-17//a.gpkg',
      '"$(FME_SHAREDRESOURCE_TEMP)/job-17/a.gpkg"',
      '""$(FME_SHAREDRESOURCE_TEMP)/job-17/a.gpkg" "',
    ],
    input: '$(FME_SHAREDRESOURCE_TEMP)/job-17/a.gpkg',
  },
  files: {
    schema: { type: 'array', items: { type: 'string' }, 'x-fme-type': 'file' },
    wire: { type: 'file', itemsToSelect: 'files', selectMultiple: true },
    sent: ['"" "a,1.gpkg" "b.gpkg"', '""a,1.gpkg" "b.gpkg" "', ['a,1.gpkg', 'b.gpkg']],
    input: ['a,1.gpkg', 'b.gpkg'],
  },
  folder: {
    schema: { type: 'string', 'x-fme-type': 'folder', 'x-fme-accessMode': 'write' },
    wire: { type: 'file', itemsToSelect: 'folders', selectMultiple: false, accessMode: 'write' },
    sent: ['$(FME_SHAREDRESOURCE_DATA)', '$(FME_SHAREDRESOURCE_DATA)/'],
    input: '$(FME_SHAREDRESOURCE_DATA)',
  },
  coordsys: {
    schema: { type: 'string', 'x-fme-type': 'coordsys' },
    wire: { type: 'coordsys' },
    sent: ['EPSG:4326'],
    input: 'EPSG:4326',
  },
  'geometry as text': {
    schema: { type: 'string', 'x-fme-type': 'geometry' },
    wire: { type: 'geometry', valueType: 'string' },
    sent: ['{"type":"Point","coordinates":[1,2]}', { type: 'Point', coordinates: [1, 2] }],
    input: '{"type":"Point","coordinates":[1,2]}',
  },
  'geometry as an object': {
    schema: { type: 'object', required: ['type'], 'x-fme-type': 'geometry' },
    wire: { type: 'geometry', valueType: 'string' },
    sent: ['{"type":"Point","coordinates":[1,2]}', { type: 'Point', coordinates: [1, 2] }],
    input: { type: 'Point', coordinates: [1, 2] },
  },
  attribute: {
    schema: { type: 'string', 'x-fme-type': 'attribute' },
    wire: { type: 'attribute' },
    sent: ['name'],
    input: 'name',
  },
  table: {
    schema: {
      type: 'array',
      items: { type: 'object', required: ['a'], properties: { a: { type: 'integer' }, b: { type: 'string' } } },
    },
    wire: {
      type: 'table',
      columns: [
        { name: 'a', type: 'number', required: true },
        { name: 'b', type: 'text' },
      ],
    },
    sent: [[{ a: 1, b: 'x' }], [{ a: '1', b: 'x' }], '[{"a":1,"b":"x"}]', '{"a":1,"b":"x"}'],
    input: [{ a: 1, b: 'x' }],
  },
  'what may be null': {
    schema: { type: ['integer', 'null'] },
    wire: { type: 'number', valueType: 'integer' },
    sent: ['3', 3],
    input: 3,
  },
  'what is defined elsewhere': {
    schema: { $ref: '#/$defs/when', title: 'When' },
    wire: { type: 'datetime', prompt: 'When', format: 'date' },
    sent: ['20260115'],
    input: '2026-01-15',
  },
  'with visibility': {
    schema: {
      type: 'string',
      'x-fme-visibility': { if: [{ $equals: { parameter: 'A', value: '1' }, then: 'visibleEnabled' }] },
    },
    wire: { type: 'text', visibility: { if: [{ $equals: { parameter: 'A', value: '1' }, then: 'visibleEnabled' }] } },
    sent: ['x'],
    input: 'x',
  },
};

const whole = (property: JsonObject): JsonObject => ({
  type: 'object',
  required: ['P'],
  properties: { P: property },
  $defs: { when: { type: 'string', format: 'date' } },
});

describe('a published parameter', () => {
  describe.each(Object.entries(kinds))('%s', (_name, { schema, wire, sent, input }) => {
    it('is shown as its kind, always saying whether it is required', () => {
      expect(checkSchema(whole(schema))).toEqual([]);
      const [shown] = parametersOf(whole(schema)).map(parameterWire);
      expect(shown).toMatchObject({ name: 'P', required: true, ...wire });
      expect(Object.keys(shown!).filter((key) => key.startsWith('x-') || shown![key] === undefined)).toEqual([]);
    });

    it.each(sent.map((value) => [value]))('takes %j', (value) => {
      const read = readParameters(whole(schema), { P: value });
      expect(read).toMatchObject({ input: { P: input }, errors: [] });
      expect(compileSchema(whole(schema)).validate(read.input)).toEqual([]);
    });

    it('takes back what it shows as its default', () => {
      const [shown] = parametersOf(whole(schema)).map(parameterWire);
      if (shown?.['defaultValue'] === undefined) return;
      const read = readParameters(whole(schema), { P: shown['defaultValue'] });
      expect(read.input).toEqual({ P: schema['default'] });
    });
  });

  it('of kind password never shows its default', () => {
    const [shown] = parametersOf(whole(kinds['password']!.schema)).map(parameterWire);
    expect(JSON.stringify(shown)).not.toContain('tiger');
  });

  it('that is a message has no value', () => {
    const schema = { type: 'object', properties: { NOTE: { description: 'Read this.', 'x-fme-type': 'message' } } };
    expect(parametersOf(schema).map(parameterWire)).toEqual([
      { type: 'message', name: 'NOTE', prompt: 'NOTE', description: 'Read this.', required: false },
    ]);
  });
});

describe('a group', () => {
  const schema: JsonObject = {
    type: 'object',
    additionalProperties: false,
    properties: {
      NAME: { type: 'string' },
      ADVANCED: {
        title: 'Advanced',
        type: 'object',
        required: ['TOLERANCE'],
        properties: {
          TOLERANCE: { type: 'number', minimum: 0 },
          INNER: { type: 'object', properties: { DEEP: { type: 'boolean', default: true } } },
        },
        'x-fme-collapse': true,
      },
    },
  };

  it('holds its members on the wire', () => {
    expect(parametersOf(schema).map(parameterWire)[1]).toMatchObject({
      type: 'group',
      name: 'ADVANCED',
      prompt: 'Advanced',
      required: false,
      collapse: true,
      parameters: [
        { name: 'TOLERANCE', type: 'number', required: true, minimum: 0 },
        { name: 'INNER', type: 'group', parameters: [{ name: 'DEEP', type: 'checkbox', required: false }] },
      ],
    });
  });

  it('takes them beside all others, and gives them back so', () => {
    const sent = { NAME: 'x', TOLERANCE: '0.01', DEEP: 'no' };
    const { input } = readParameters(schema, sent);
    expect(input).toEqual({ NAME: 'x', ADVANCED: { TOLERANCE: 0.01, INNER: { DEEP: false } } });
    expect(readParameters(schema, { NAME: 'x', ADVANCED: { TOLERANCE: 0.01, INNER: { DEEP: false } } }).input).toEqual(
      input,
    );
    expect(flattened(input, parametersOf(schema))).toEqual({ NAME: 'x', TOLERANCE: 0.01, DEEP: false });
  });

  it('is there without members sent, so that defaults and requirements within it hold', () => {
    const { input } = readParameters(schema, {});
    const { value, errors } = compileSchema(schema).withDefaults(input);
    expect(value).toEqual({ ADVANCED: { INNER: { DEEP: true } } });
    expect(errors.map(({ pointer }) => pointer)).toEqual(['/ADVANCED/TOLERANCE']);
  });
});

describe('values', () => {
  it('that are null or empty count as not sent, where an empty text says nothing', () => {
    const schema = {
      type: 'object',
      required: ['A'],
      properties: { A: { type: 'string' }, B: { type: 'string' }, C: { type: 'integer' }, D: { enum: ['x'] } },
    };
    expect(readParameters(schema, { A: '', B: '', C: '', D: '' }).input).toEqual({ B: '' });
    expect(readParameters(schema, { A: null, B: null, C: null, D: null }).input).toEqual({});
  });

  it('of names nobody declared go to the run, unless the schema forbids them', () => {
    expect(readParameters(undefined, { X: [1], Y: 'a' }).input).toEqual({ X: [1], Y: 'a' });
    expect(readParameters({ type: 'object', properties: {} }, { X: 1 }).input).toEqual({ X: 1 });
    expect(readParameters({ type: 'object', additionalProperties: false }, { X: 1 }).input).toEqual({});
    const odd = readParameters(undefined, JSON.parse('{"__proto__":{"a":1}}')).input;
    expect(Object.keys(odd as object)).toEqual(['__proto__']);
  });

  it('that cannot be read are left for the schema to refuse', () => {
    const schema = { type: 'object', properties: { A: { type: 'integer' }, B: { type: 'boolean' } } };
    expect(readParameters(schema, { A: 'soon', B: 'maybe' }).input).toEqual({ A: 'soon', B: 'maybe' });
  });

  it.each([
    '$(FME_SHAREDRESOURCE_TEMP)/../x',
    '$(FME_SHAREDRESOURCE_TEMP)x',
    '$(FME_SHAREDRESOURCE_TEMP)/a/..\\..\\b',
    '"a.gpkg" "$(FME_SHAREDRESOURCE_TEMP)/../x"',
    '$(FME_SHAREDRESOURCE_NOWHERE)/x',
  ])('refuse the path %s', (path) => {
    const schema = { type: 'object', properties: { F: { type: 'string', 'x-fme-type': 'file' } } };
    expect(readParameters(schema, { F: path }).errors).toMatchObject([{ pointer: 'F' }]);
  });
});

it.each([
  ['20260115093000.25+01:00', 'date-time', '2026-01-15T09:30:00.25+01:00'],
  ['20260115093000+0100', 'date-time', '2026-01-15T09:30:00+01:00'],
  ['20260115', 'date-time', '2026-01-15T00:00:00Z'],
  ['2026-01-15', 'date-time', '2026-01-15T00:00:00Z'],
  ['093000.5-05:00', 'time', '09:30:00.5-05:00'],
  ['tomorrow', 'date-time', 'tomorrow'],
])('the date text %s is read for %s as %s', (text, format, expected) => {
  expect(readDate(text, format)).toBe(expected);
});
