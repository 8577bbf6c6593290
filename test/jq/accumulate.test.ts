import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compile, type Json } from '../../src/jq/index.ts';
import { processorMs } from '../support/processor.ts';

/** Updates that have a quick way, and some beside them that must not take it. */
const update = fc.constantFrom(
  '. + [$x]',
  '. + [$x, [$x]]',
  '. += [$x]',
  '. + [$x, length]',
  '. + [.]',
  '. + {a: $x}',
  '. + {($x | tojson): $x}',
  '. += {a: $x, "b": [$x]}',
  '. + {a: .}',
  '.[$x | tojson] = $x',
  '.[$x | tojson] += 1',
  '.a += [$x]',
  '.["b"] //= $x',
  '.[$x | tojson] = .',
  '.[$x] = $x',
  '.[0] = $x',
  '.[1] += [$x]',
  '.[$x] -= $x',
  '.[if $x == 1 then "one" else "other" end] += [$x]',
  '.a |= [., $x]',
  '.["a", "b"] = $x',
  '.[$x | select(. == 1)] = 1',
  '. + [$x | error("stop")?]',
  '.a = ($x | empty)',
);
const source = fc.constantFrom('.[]', '.[] | (., [.])', '(.[], .[])', '.[]?', 'limit(3; .[])');
const start = fc.constantFrom('[]', '{}', 'null', '.', '.[0]', '$given', '1', '[[], {}] | .[]', '{"a": [1]}');
const leaf = fc.constantFrom<Json>(null, 0, 1, 2, 'a', '__proto__', [1], { a: 1 }, {});
const input = fc.oneof(
  fc.array(leaf, { maxLength: 6 }),
  fc.dictionary(fc.constantFrom('a', 'b', 'c', '__proto__'), leaf, { maxKeys: 4 }),
) as fc.Arbitrary<Json>;

/** Frozen to the last leaf: writing into it throws. */
function frozen(value: Json): Json {
  if (typeof value === 'object' && value !== null) {
    for (const inner of Object.values(value)) frozen(inner);
    Object.freeze(value);
  }
  return value;
}

function outcome(program: string, value: Json, given: Json): unknown {
  try {
    return JSON.stringify(compile(program, ['given']).run(value, { given }));
  } catch (error) {
    return (error as Error).message;
  }
}

describe('reduce with an update that only adds', () => {
  it('gives what the same update gives without the quick way, and changes nothing that anybody sees', () => {
    let completed = 0;
    fc.assert(
      fc.property(source, start, update, input, input, (from, first, change, value, given) => {
        frozen(value);
        frozen(given);
        // A pipe keeps the update from being recognised; `$kept` and `$given` hold what it begins with.
        const program = (body: string) =>
          `. as $kept | [reduce (${from}) as $x (${first}; ${body})] as $all | [$all, $kept, $given, ([$all[] | type] | length)]`;
        const quick = outcome(program(change), value, given);
        expect(quick).toEqual(outcome(program(`${change} | .`), value, given));
        if (typeof quick === 'string' && quick.startsWith('[')) completed++;
      }),
      { numRuns: 3000, seed: 20261122 },
    );
    expect(completed).toBeGreaterThan(500);
  });

  it('leaves results of one reduction alone when another goes on from them', () => {
    const program = compile(
      '(reduce range(3) as $i ([]; . + [$i])) as $a | (reduce range(3; 5) as $i ($a; . + [$i])) as $b | (reduce (7, 8) as $i ($a; .[0] = $i)) as $c | [$a, $b, $c]',
    );
    expect(program.first(null)).toEqual([
      [0, 1, 2],
      [0, 1, 2, 3, 4],
      [8, 1, 2],
    ]);
  });

  it('leaves the state whole for the next pattern when one fails', () => {
    const program = compile(
      '[[1]] | reduce .[] as [$x] ?// $x ([]; . + [$x | if type == "number" then error else . end])',
    );
    expect(program.first(null)).toEqual([[1]]);
  });
});

describe('add over objects', () => {
  it('gives their union, the later entry winning, and changes none of them', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(input, leaf), { maxLength: 8 }), (values) => {
        frozen(values);
        const plainly = '(reduce .[] as $x (null; . + $x | .)) as $sum | [$sum, .]';
        expect(outcome('add as $sum | [$sum, .]', values, null)).toEqual(outcome(plainly, values, null));
      }),
      { numRuns: 1000, seed: 20261122 },
    );
  });
});

describe('the time of an accumulation', () => {
  it.each([
    ['. + [$x]', '[]'],
    ['.[$x | tostring] = $x', '{}'],
    ['. + {($x | tostring): $x}', '{}'],
  ])('%s grows with the number of turns, not with its square', (change, first) => {
    const time = (turns: number) => {
      const program = compile(`reduce range(${turns}) as $x (${first}; ${change}) | length`);
      const times = [0, 1, 2].map(() => {
        const begun = processorMs();
        expect(program.first(null, {}, { deadlineMs: 20_000 })).toBe(turns);
        return processorMs() - begun;
      });
      return Math.min(...times);
    };
    time(2000);
    // Ten times the turns; copying would take a hundred times as long.
    expect(time(40_000) / time(4000)).toBeLessThan(40);
  });
});
