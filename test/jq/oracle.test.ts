import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { CASES } from './cases.ts';
import { type Answer, createOracle } from './oracle.ts';
import { answer } from './own.ts';
import { inputs, programs } from './programs.ts';

/** Fixed, so that a corner of jq that nobody relies on cannot fail an unrelated change; vary it to look for more. */
const SEED = 20261122;

let ask: (program: string, input: string) => Promise<Answer | null>;

beforeAll(async () => {
  ask = await createOracle();
});

describe.each(Object.entries(CASES))('jq and ours give the same: %s', (_section, cases) => {
  it.each(cases)('%s on %s', async (program, input) => {
    const theirs = await ask(program, input);
    const ours = answer(program, input);
    expect(ours.refused).toBe(theirs?.refused);
    // Two parsers word their complaints differently.
    if (!ours.refused) expect(ours).toEqual(theirs);
  });
});

describe('jq and ours on generated programs', () => {
  it('give the same outputs and fail on the same programs', async () => {
    let failed = 0;
    let compared = 0;
    await fc.assert(
      fc.asyncProperty(programs, inputs, async (program, value) => {
        const input = JSON.stringify(value);
        const theirs = await ask(program, input);
        if (theirs === null) return;
        const ours = answer(program, input);
        compared++;
        if (theirs.error !== null) failed++;
        expect({ outputs: ours.outputs, failed: ours.error !== null, refused: ours.refused }).toEqual({
          outputs: theirs.outputs,
          failed: theirs.error !== null,
          refused: theirs.refused,
        });
      }),
      { numRuns: 2500, interruptAfterTimeLimit: 10_000, seed: SEED },
    );
    // The property is worth little if nearly every program fails.
    expect(compared).toBeGreaterThan(200);
    expect(failed / compared).toBeLessThan(0.8);
  });
});
