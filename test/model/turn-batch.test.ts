import { expect, test } from 'vitest';
import { createTurnBatch } from '../../src/model/turn-batch.ts';

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

function collector() {
  const batches: number[][] = [];
  const clock = { ms: 0 };
  const add = createTurnBatch<number>(
    (items) => batches.push(items),
    () => clock.ms,
  );
  return { batches, add, clock };
}

test('an item alone goes over after one turn without another', async () => {
  const { batches, add } = collector();
  add(1);
  await turn();
  expect(batches).toEqual([]);
  await turn();
  expect(batches).toEqual([[1]]);
});

test('items of turns that follow each other go over together, in their order', async () => {
  const { batches, add } = collector();
  for (let item = 1; item <= 5; item++) {
    add(item);
    await turn();
  }
  await turn();
  await turn();
  expect(batches).toEqual([[1, 2, 3, 4, 5]]);
  add(6);
  await turn();
  await turn();
  expect(batches).toEqual([[1, 2, 3, 4, 5], [6]]);
});

test('sixteen go over at once, however the next ones come', async () => {
  const { batches, add } = collector();
  for (let item = 1; item <= 40; item++) add(item);
  expect(batches.map((items) => items.length)).toEqual([16, 16]);
  await turn();
  await turn();
  expect(batches.map((items) => items.length)).toEqual([16, 16, 8]);
  for (let item = 41; item <= 80; item++) {
    add(item);
    await turn();
  }
  await turn();
  expect(batches.map((items) => items.length)).toEqual([16, 16, 8, 16, 16, 8]);
  expect(batches.flat()).toEqual(Array.from({ length: 80 }, (_, index) => index + 1));
});

test('beside turns that take long, what is old is held for no further one', async () => {
  const { batches, add, clock } = collector();
  for (let item = 1; item <= 4; item++) {
    add(item);
    clock.ms += 10;
    await turn();
  }
  expect(batches).toEqual([[1], [2], [3], [4]]);
});
