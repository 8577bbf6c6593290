import { expect, test } from 'vitest';
import { createSlots } from '../../src/processes/slots.ts';

const never = new AbortController().signal;

test('places are given in order of asking, and one that gave up is passed over', async () => {
  const slots = createSlots(1);
  const leave = (await slots.take(never))!;
  const order: string[] = [];
  const controller = new AbortController();
  const ask = (name: string, signal: AbortSignal) =>
    slots.take(signal).then((free) => {
      order.push(free ? name : `${name} gave up`);
      free?.();
    });
  const all = [ask('a', never), ask('b', controller.signal), ask('c', never)];
  expect(slots.waiting()).toBe(3);
  controller.abort();
  leave();
  leave();
  await Promise.all(all);
  expect(order.sort()).toEqual(['a', 'b gave up', 'c']);
  expect([slots.taken(), slots.waiting()]).toEqual([0, 0]);
});

test('a place is not taken for a signal that is aborted already', async () => {
  const slots = createSlots(1);
  expect(await slots.take(AbortSignal.abort())).toBeUndefined();
  expect(slots.taken()).toBe(0);
});
