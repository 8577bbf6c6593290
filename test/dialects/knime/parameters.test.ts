import { describe, expect, it } from 'vitest';
import { HIDDEN } from '../../../src/dialects/knime/parameters/credential.ts';
import { parseExact, stringifyExact } from '../../../src/dialects/knime/parameters/exact-json.ts';
import { inputResources, readInputs, templateOf, writeInputs } from '../../../src/dialects/knime/parameters/inputs.ts';
import { writeOutputs, writeResources } from '../../../src/dialects/knime/parameters/outputs.ts';
import { fileParameters, parameterShapes } from '../../../src/dialects/knime/parameters/shapes.ts';
import type { Json, JsonObject } from '../../../src/model/json.ts';

const schemaOf = (properties: Record<string, JsonObject>, more: JsonObject = {}): JsonObject => ({
  type: 'object',
  properties,
  ...more,
});
const table = { 'x-knime-type': 'table', type: 'object' };

/** What the workflow gets for a body, and what comes back when it answers the same. */
const read = (schema: JsonObject, body: string) => readInputs(schema, parseExact(body) as JsonObject);
const echo = (property: JsonObject, value: string): string => {
  const schema = schemaOf({ p: property });
  const { set } = read(schema, `{"p":${value}}`);
  return stringifyExact(writeOutputs(schema, structuredClone(set))['p']);
};
const refusal = (property: JsonObject, value: string): string => {
  try {
    read(schemaOf({ p: property }), `{"p":${value}}`);
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('It was accepted.');
};

describe('a table', () => {
  it('comes back as it was sent: columns, types, and whole numbers as whole numbers', () => {
    const sent =
      '{"table-spec":[{"colors":"string"},{"vote":"long"},{"rank":"double"}],"table-data":[["blau",42,42.7],["gelb",-1,null]]}';
    expect(echo(table, sent)).toBe(sent);
  });

  it('keeps every kind of cell, 64-bit numbers to the last digit, and fractions as fractions', () => {
    const sent =
      '{"table-spec":[{"s":"string"},{"i":"int"},{"l":"long"},{"d":"double"},{"b":"boolean"},{"ld":"localdate"},{"lt":"localtime"},{"ldt":"localdatetime"},{"z":"zoneddatetime"}],' +
      '"table-data":[["\\"x\\\\ 12345678901234567890",-2147483648,9223372036854775807,42.0,true,"2018-03-27","08:30:45.111","2018-03-27T08:30:45.111","2018-03-27T08:30:45.111+01:00[Europe/Paris]"],' +
      '["",2147483647,-9223372036854775808,1.5e+300,false,"2024-02-29","08:30","2018-03-27T08:30","2018-03-27T08:30:45Z"],' +
      '[null,null,9007199254740993,0.1,null,null,null,null,null]]}';
    expect(echo(table, sent)).toBe(sent);
  });

  it('takes cells that come as text', () => {
    expect(
      echo(
        table,
        '{"table-spec":[{"l":"long"},{"d":"double"},{"b":"boolean"},{"s":"string"}],"table-data":[["42","1.50","TRUE",7],["9007199254740993","-2","false",true]]}',
      ),
    ).toBe(
      '{"table-spec":[{"l":"long"},{"d":"double"},{"b":"boolean"},{"s":"string"}],"table-data":[[42,1.5,true,"7"],[9007199254740993,-2.0,false,"true"]]}',
    );
  });

  it('without a spec has the columns of the default', () => {
    const property = { ...table, default: { 'table-spec': [{ a: 'int' }], 'table-data': [[1]] } };
    expect(echo(property, '{"table-data":[[2],[3]]}')).toBe('{"table-spec":[{"a":"int"}],"table-data":[[2],[3]]}');
    expect(refusal(table, '{"table-data":[[2]]}')).toContain('"table-spec" is missing');
  });

  it.each([
    ['[1,2]', /a table is/],
    ['"x"', /a table is .*; found "x"/],
    ['{"table-spec":[{"a":"int"}]}', /"table-data" must be a list of rows; found nothing/],
    ['{"table-spec":{"a":"int"},"table-data":[]}', /"table-spec" must be a list/],
    ['{"table-spec":[{"a":"int","b":"int"}],"table-data":[]}', /column 0 of "table-spec" must be/],
    ['{"table-spec":[{"a":"int"},{"a":"int"}],"table-data":[]}', /two columns .* "a"/],
    ['{"table-spec":[{"a":"integer"}],"table-data":[]}', /unknown type "integer"; known are string, int, double/],
    ['{"table-spec":[{"a":"int"}],"table-data":[[1],[1,2]]}', /row 1 has 2 cells, but the table has 1 column\./],
    ['{"table-spec":[{"a":"int"},{"b":"int"}],"table-data":[[1]]}', /row 0 has 1 cell, but the table has 2 columns\./],
    ['{"table-spec":[{"a":"int"}],"table-data":[1]}', /row 0 must be a list/],
    ['{"table-spec":[{"a":"int"}],"table-data":[[2147483648]]}', /row 0, column "a": 2147483648 is not an int/],
    ['{"table-spec":[{"a":"long"}],"table-data":[[9223372036854775808]]}', /9223372036854775808 is not a long/],
    ['{"table-spec":[{"a":"long"}],"table-data":[[1.5]]}', /1\.5 is not a long/],
    ['{"table-spec":[{"a":"long"}],"table-data":[[true]]}', /true is not a long/],
    ['{"table-spec":[{"a":"long"}],"table-data":[[{}]]}', /is not a long/],
    ['{"table-spec":[{"a":"double"}],"table-data":[["x"]]}', /"x" is not a double/],
    ['{"table-spec":[{"a":"double"}],"table-data":[["NaN"]]}', /"NaN" is not a double/],
    ['{"table-spec":[{"a":"boolean"}],"table-data":[[1]]}', /1 is not a boolean/],
    ['{"table-spec":[{"a":"localdate"}],"table-data":[["2023-02-29"]]}', /"2023-02-29" is not a localdate/],
    ['{"table-spec":[{"a":"localtime"}],"table-data":[["25:00"]]}', /is not a localtime such as 08:30/],
    ['{"table-spec":[{"a":"zoneddatetime"}],"table-data":[["2018-03-27T08:30:45"]]}', /is not a zoneddatetime/],
  ])('%s is refused by name', (value, message) => {
    const text = refusal(table, value);
    expect(text).toMatch(/^Parameter "p": /);
    expect(text).toMatch(message);
  });

  it('of an array schema gives the workflow rows, and comes back with the declared columns first', () => {
    const rows: JsonObject = {
      type: 'array',
      items: {
        type: 'object',
        'x-knime-type': 'row',
        properties: {
          name: { type: 'string' },
          born: { type: 'string', format: 'date' },
          score: { type: 'number' },
          count: { type: 'integer' },
          small: { type: 'integer', format: 'int32' },
          big: { type: 'string', 'x-knime-column': 'long' },
        },
      },
    };
    const sent =
      '{"table-spec":[{"extra":"long"},{"name":"string"},{"score":"double"},{"big":"long"}],"table-data":[[7,"Ada",1,9223372036854775807]]}';
    expect(read(schemaOf({ p: rows }), `{"p":${sent}}`).set['p']).toEqual([
      { extra: 7, name: 'Ada', score: 1, big: '9223372036854775807' },
    ]);
    expect(echo(rows, sent)).toBe(
      '{"table-spec":[{"name":"string"},{"born":"localdate"},{"score":"double"},{"count":"long"},{"small":"int"},{"big":"long"},{"extra":"long"}],' +
        '"table-data":[["Ada",null,1.0,null,null,9223372036854775807,7]]}',
    );
    expect(echo(rows, '{"table-data":[["Ada","1815-12-10",1,2,3,4]]}')).toContain('[["Ada","1815-12-10",1.0,2,3,4]]');
  });

  it('that a workflow made without saying its types gets them from its cells', () => {
    const schema = schemaOf({ p: { type: 'array', 'x-knime-type': 'table' } });
    const made: Json = {
      p: [
        { a: 1, b: 1.5, c: 'x', d: true },
        { a: null, b: 2, c: 3, e: null },
      ],
    };
    expect(stringifyExact(writeOutputs(schema, made)['p'])).toBe(
      '{"table-spec":[{"a":"long"},{"b":"double"},{"c":"string"},{"d":"boolean"},{"e":"string"}],' +
        '"table-data":[[1,1.5,"x",true,null],[null,2.0,"3",null,null]]}',
    );
    expect(stringifyExact(writeOutputs(schema, { p: [] })['p'])).toBe('{"table-spec":[],"table-data":[]}');
  });
});

describe('other forms', () => {
  it.each([
    ['a whole number', { type: 'integer' }, '{"integer":2}', 2],
    ['a bare number', { type: 'integer' }, '2', 2],
    ['a wrapped text', { type: 'string' }, '{"string":"x"}', 'x'],
    ['a wrapped fraction', { type: 'number' }, '{"double":0.5}', 0.5],
    ['a truth as text', { type: 'boolean' }, '"true"', true],
    [
      'truths as text within JSON',
      { type: 'array', items: { type: 'object', properties: { a: { type: 'boolean' }, b: { type: 'string' } } } },
      '[{"a":"false","b":"true"}]',
      [{ a: false, b: 'true' }],
    ],
    ['a wrapped truth', { type: 'boolean' }, '{"boolean":true}', true],
    ['wrapped JSON', { type: 'array' }, '{"jsonvalue":[{"smiles":"CCO"}]}', [{ smiles: 'CCO' }]],
    ['wrapped JSON with its id', { type: 'array' }, '{"id":"json-input","jsonvalue":[1]}', [1]],
    ['JSON that only looks wrapped', { type: 'object' }, '{"jsonvalue":1,"other":2}', { jsonvalue: 1, other: 2 }],
    ['JSON of any type', {}, '{"integer":2}', { integer: 2 }],
    ['JSON with a number above 2^53, as JavaScript has it', {}, '[12345678901234567890]', [12345678901234567000]],
    [
      'a row',
      { 'x-knime-type': 'row', type: 'object' },
      '{"age":31,"name":"Ada","none":null}',
      { age: 31, name: 'Ada', none: null },
    ],
    ['an object in a row, as text', { 'x-knime-type': 'row' }, '{"a":{"b":1}}', { a: '{"b":1}' }],
    [
      'a long in a row, as digits',
      { 'x-knime-type': 'row' },
      '{"a":9223372036854775807}',
      { a: '9223372036854775807' },
    ],
    [
      'variables',
      { 'x-knime-type': 'variable', type: 'object' },
      '{"threshold":0.7,"mode":"fast"}',
      { threshold: 0.7, mode: 'fast' },
    ],
    [
      'variables in the older form',
      { 'x-knime-type': 'variable' },
      '{"variables":[{"a":1},{"b":"x"}]}',
      { a: 1, b: 'x' },
    ],
    ['one variable, bare', { 'x-knime-type': 'variable', type: 'integer' }, '7', 7],
    ['one variable in the older form', { 'x-knime-type': 'variable', type: 'integer' }, '{"variables":[{"n":7}]}', 7],
    [
      'credentials',
      { 'x-knime-type': 'credential', type: 'object' },
      '{"isEncrypted":false,"credentials":[{"id":"db","user":"scott","password":"tiger"}]}',
      { id: 'db', user: 'scott', password: 'tiger' },
    ],
    [
      'old credentials',
      { 'x-knime-type': 'credential' },
      '{"username":"scott","password":"tiger"}',
      { user: 'scott', password: 'tiger' },
    ],
    [
      'several credentials',
      { 'x-knime-type': 'credential', type: 'array' },
      '{"credentials":[{"id":"a","user":"x","password":"y"},{"id":"b","user":"z","password":"w"}]}',
      [
        { id: 'a', user: 'x', password: 'y' },
        { id: 'b', user: 'z', password: 'w' },
      ],
    ],
    [
      'raw HTTP',
      { 'x-knime-type': 'raw-http' },
      '{"headers":{"accept":"text/csv"},"query_parameters":{"q":"1"}}',
      { headers: { accept: 'text/csv' }, query_parameters: { q: '1' } },
    ],
    ['the name of a file', { 'x-knime-type': 'file', type: 'string' }, '"prices.csv"', 'prices.csv'],
  ])('%s is taken', (_name, property, sent, expected) => {
    expect(read(schemaOf({ p: property as JsonObject }), `{"p":${sent}}`).set['p']).toEqual(expected);
  });

  it.each([
    ['row', '[1]', /a row is/],
    ['row', '{"a":[1]}', /column "a" is a list/],
    ['row', '{"a":9223372036854775808}', /column "a": 9223372036854775808 has more than 64 bit/],
    ['variable', '{"a":null}', /"a" must be text, a number, true or false; found null/],
    ['variable', '{"a":{}}', /found \{\}/],
    ['variable', '{"a":2147483648}', /at most 32 bit as a whole number; found 2147483648/],
    ['variable', '{"a":9223372036854775807}', /found 9223372036854775807/],
    ['variable', '7', /variables are/],
    ['credential', '"secret words"', /accepted is \{"isEncrypted":false/],
    ['credential', '{"isEncrypted":true,"credentials":[{"id":"a","user":"u","password":"x"}]}', /encrypted/],
    ['credential', '{"credentials":[{"id":"a","user":1,"password":"x"}]}', /are texts/],
    ['credential', '{"credentials":[]}', /one entry is accepted in "credentials"; there are 0/],
    ['raw-http', '{"headers":{"a":1}}', /"headers" must be an object of texts/],
    ['file', '{"a":1}', /multipart\/form-data/],
  ])('as %s, %s is refused', (kind, sent, message) => {
    const text = refusal({ 'x-knime-type': kind }, sent);
    expect(text).toMatch(message);
    expect(text).not.toMatch(/secret words/);
  });

  it('that are wrapped are listed wrapped where the schema says so', () => {
    const schema = schemaOf({
      'threshold-4': { 'x-knime-type': 'double', type: 'number', default: 1 },
      'line-count-3': { 'x-knime-type': 'integer', type: 'integer', default: 2 },
      plain: { type: 'integer', default: 3 },
    });
    expect(stringifyExact(writeInputs(schema, {}))).toBe(
      '{"threshold-4":{"double":1.0},"line-count-3":{"integer":2},"plain":3}',
    );
  });

  it('never show passwords, and leave the secret that is sent back as it was shown', () => {
    const schema = schemaOf({
      db: { 'x-knime-type': 'credential', default: { user: 'scott', password: 'tiger' } },
      key: { type: 'string', format: 'password', default: 'geheim' },
    });
    const shown = writeInputs(schema, { db: { id: 'x', user: 'ada', password: 'now' } });
    expect(shown).toEqual({
      db: { isEncrypted: false, credentials: [{ id: 'x', user: 'ada', password: HIDDEN }] },
      key: HIDDEN,
    });
    expect(readInputs(schema, shown)).toEqual({ set: {}, unset: [] });
    expect(JSON.stringify(parameterShapes(schema))).not.toMatch(/tiger|geheim/);
  });
});

describe('names', () => {
  const schema = schemaOf({
    'input-2': {},
    'json-input-58': {},
    query: { 'x-knime-id': '10:2' },
    'twice-1': {},
    'twice-2:1': {},
    'XLS-918:917': {},
  });
  it.each([
    ['input-2', 'input-2'],
    ['input', 'input-2'],
    ['json-input', 'json-input-58'],
    ['query-10:2', 'query'],
    ['query', 'query'],
    ['XLS', 'XLS-918:917'],
    ['twice-2:1', 'twice-2:1'],
  ])('%s means %s', (name, property) => {
    expect(readInputs(schema, { [name]: 1 }).set).toEqual({ [property]: 1 });
  });

  it.each([
    'twice',
    'input-3',
    'Input-2',
    'constructor',
    '',
  ])('"%s" means none, and the message lists those there are', (name) => {
    expect(() => readInputs(schema, { [name]: 1 })).toThrow(
      `Parameter name "${name}" doesn't match any node in the workflow, valid parameter names are: ["input-2", "json-input-58", "query-10:2", "twice-1", "twice-2:1", "XLS-918:917"]`,
    );
  });

  it('are listed with the id of the node where the schema has one', () => {
    expect(writeInputs(schema, { query: 'q' })).toEqual({ 'query-10:2': 'q' });
    expect(writeOutputs(schema, { query: 'q' })).toEqual({ 'query-10:2': 'q' });
  });

  it('are free where a workflow declares none', () => {
    expect(readInputs(undefined, { any: { integer: 1 } }).set).toEqual({ any: { integer: 1 } });
    expect(readInputs({ type: 'object' }, { any: 1, no: null })).toEqual({ set: { any: 1 }, unset: ['no'] });
    expect(() => readInputs(schemaOf({}), { any: 1 })).toThrow(/valid parameter names are: \[\]/);
  });
});

describe('a set of parameters', () => {
  const schema = schemaOf({
    second: { type: 'string', default: 'b' },
    'file-upload-1': { 'x-knime-type': 'file', type: 'string', description: 'Prices.' },
    first: { type: 'integer', examples: [7] },
  });

  it('has the order of the schema, defaults included, and its files apart', () => {
    const input = { first: 1, 'file-upload-1': 'prices.csv', more: true };
    expect(Object.entries(writeInputs(schema, input))).toEqual([
      ['second', 'b'],
      ['first', 1],
      ['more', true],
    ]);
    expect(inputResources(schema, {})).toEqual({ 'file-upload-1': '' });
    expect(inputResources(schema, input)).toEqual({ 'file-upload-1': 'prices.csv' });
  });

  it('makes a template with examples for what has no value', () => {
    expect(Object.entries(templateOf(schema, {}))).toEqual([
      ['second', 'b'],
      ['first', 7],
    ]);
  });

  it('takes null as the default', () => {
    expect(readInputs(schema, { second: null, first: 2 })).toEqual({ set: { first: 2 }, unset: ['second'] });
  });

  it('is described in its order, each with description and example', () => {
    const described = parameterShapes(
      schemaOf({
        'input-2': {
          ...table,
          default: { 'table-spec': [{ colors: 'string' }, { vote: 'double' }], 'table-data': [['rot', 1]] },
        },
        on: { type: 'boolean', default: true, description: 'Whether.' },
        any: {},
        f: { format: 'binary' },
      }),
    );
    expect(described).toEqual({
      'input-2': {
        type: 'object',
        description: '',
        properties: {
          'table-spec': {
            type: 'array',
            items: { type: 'object', properties: { colors: { type: 'string', default: 'string' } } },
          },
          'table-data': { type: 'array', items: { type: 'array', items: { type: 'string', default: 'rot' } } },
        },
        example: { 'table-spec': [{ colors: 'string' }, { vote: 'double' }], 'table-data': [['rot', 1]] },
      },
      on: { type: 'boolean', description: 'Whether.', default: 'true', example: true },
      any: { description: '' },
    });
    expect(fileParameters(schema)).toEqual([{ name: 'file-upload-1', description: 'Prices.' }]);
  });
});

describe('outputs', () => {
  it('are the members of what the workflow gives, declared ones first and in their order', () => {
    const schema = schemaOf({ b: {}, a: {} });
    expect(Object.keys(writeOutputs(schema, { z: 1, a: 2, b: 3 }))).toEqual(['b', 'a', 'z']);
    expect(writeOutputs(undefined, [1])).toEqual({ 'json-output': [1] });
    expect(writeOutputs(undefined, null)).toEqual({});
  });

  it('that are files are resources under the name of their parameter, others under their own', () => {
    const schema = schemaOf({ 'result-9': { 'x-knime-type': 'file' }, lost: { 'x-knime-type': 'file' } });
    const output = { 'result-9': 'prices.csv', lost: 'gone.csv', rows: 3 };
    expect([...writeResources(schema, output, ['prices.csv', 'log.txt'])]).toEqual([
      ['result-9', 'prices.csv'],
      ['log.txt', 'log.txt'],
    ]);
    expect(writeOutputs(schema, output)).toEqual({ rows: 3 });
  });
});

describe('exact JSON', () => {
  it.each([
    '{"a":12345678901234567,"b":"12345678901234567","c":["\\"12345678901234567",-9007199254740993]}',
    '[9007199254740993,"a\\\\",12345678901234567]',
    '1234567890123456789',
  ])('%s comes back as it was', (text) => {
    expect(stringifyExact(parseExact(text))).toBe(text);
  });

  it.each([
    '[12345678901234567.5]',
    '[1234567890123456e3]',
    '[0.12345678901234567]',
    '[1e12345678901234567]',
  ])('%s is read as JavaScript reads it', (text) => {
    expect(parseExact(text)).toEqual(JSON.parse(text));
  });

  it('names the place of what is wrong in the text as it was sent', () => {
    expect(() => parseExact('[12345678901234567,}')).toThrow(/column 20/);
    expect(() => parseExact('[00012345678901234567]')).toThrow(/line 1/);
  });

  it('reads long texts without exhausting anything', () => {
    const text = JSON.stringify({ a: 'x\\"'.repeat(2_000_000), b: 1234567890123456 });
    expect(stringifyExact(parseExact(text))).toBe(text);
  });
});
