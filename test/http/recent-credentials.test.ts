import { describe, expect, it } from 'vitest';
import { createRecent } from '../../src/http/recent-credentials.ts';
import type { Principal } from '../../src/model/principal.ts';

const ada: Principal = { name: 'ada', roles: ['user'], groups: [] };
const ways = {};
const asking = (authorization?: string) => ({ raw: { headers: { authorization } } }) as never;

function setUp() {
  const accounts = { generation: 1 };
  const clock = { ms: 5_000 };
  return { accounts, clock, recent: createRecent(accounts, () => clock.ms) };
}

describe('recent credentials', () => {
  it('are known by their whole header, on any connection, and for one way of signing in', () => {
    const { recent } = setUp();
    recent.remember(asking('Basic a'), ways, ada, 1);
    expect(recent.find(asking('Basic a'), ways)).toBe(ada);
    expect(recent.find(asking('Basic b'), ways)).toBeUndefined();
    expect(recent.find(asking('basic a'), ways)).toBeUndefined();
    expect(recent.find(asking(), ways)).toBeUndefined();
    expect(recent.find(asking('Basic a'), {})).toBeUndefined();
    expect(recent.find(asking('Basic a'), undefined)).toBeUndefined();
  });

  it('are checked again after a second at the latest, however often they come', () => {
    const { recent, clock } = setUp();
    recent.remember(asking('Basic a'), ways, ada, 1);
    clock.ms += 999;
    expect(recent.find(asking('Basic a'), ways)).toBe(ada);
    clock.ms += 1;
    expect(recent.find(asking('Basic a'), ways)).toBeUndefined();
  });

  it('are forgotten with any change of an account, also one that came while they were checked', () => {
    const { recent, accounts } = setUp();
    recent.remember(asking('Basic a'), ways, ada, 1);
    accounts.generation = 2;
    expect(recent.find(asking('Basic a'), ways)).toBeUndefined();
    recent.remember(asking('Basic a'), ways, ada, 1);
    expect(recent.find(asking('Basic a'), ways)).toBeUndefined();
    recent.remember(asking('Basic a'), ways, ada, 2);
    expect(recent.find(asking('Basic a'), ways)).toBe(ada);
  });

  it('are kept in bounded number', () => {
    const { recent, clock } = setUp();
    for (let at = 0; at < 1_500; at++) recent.remember(asking(`Basic ${at}`), ways, ada, 1);
    expect(recent.find(asking('Basic 999'), ways)).toBe(ada);
    expect(recent.find(asking('Basic 1000'), ways)).toBeUndefined();
    clock.ms += 1_000;
    recent.remember(asking('Basic 1000'), ways, ada, 1);
    expect(recent.find(asking('Basic 1000'), ways)).toBe(ada);
  });
});
