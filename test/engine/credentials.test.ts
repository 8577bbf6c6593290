import { describe, expect, it } from 'vitest';
import { createAttempts } from '../../src/engine/attempts.ts';
import { createCredentials } from '../../src/engine/credentials.ts';
import { hashPassword } from '../../src/engine/passwords.ts';
import type { User } from '../../src/model/principal.ts';
import type { Store } from '../../src/store.ts';

const ada: User = {
  name: 'ada',
  passwordHash: await hashPassword('enchantress'),
  roles: ['user'],
  groups: [],
  enabled: true,
  createdAt: 0,
  revision: 1,
};

/** Credentials over one user; `asked` counts how often the store was. */
function bench(user: User) {
  let asked = 0;
  const store = {
    async findUser(name: string) {
      asked += 1;
      return name === user.name ? user : undefined;
    },
  } as Partial<Store> as Store;
  const clock = () => 0;
  const credentials = createCredentials({ store, attempts: createAttempts(9, clock), controlToken: 'control', clock });
  return { credentials, asked: () => asked };
}

describe('a user someone vouches for', () => {
  it('signs in without being looked up, with that password only', async () => {
    const { credentials, asked } = bench(ada);
    credentials.vouch(ada, 'enchantress');
    expect(await credentials.checkPassword('ada', 'enchantress', '::1')).toMatchObject({
      name: 'ada',
      roles: ['user'],
    });
    expect(asked()).toBe(0);
    expect(await credentials.checkPassword('ada', 'Enchantress', '::1')).toBeUndefined();
    expect(asked()).toBe(1);
  });

  it('is looked up again once anything about users changed', async () => {
    const { credentials, asked } = bench(ada);
    credentials.vouch(ada, 'enchantress');
    credentials.forget();
    expect(await credentials.checkPassword('ada', 'enchantress', '::1')).toMatchObject({ name: 'ada' });
    expect(asked()).toBe(1);
  });

  it('stays out when it is disabled', async () => {
    const disabled = { ...ada, enabled: false };
    const { credentials } = bench(disabled);
    credentials.vouch(disabled, 'enchantress');
    expect(await credentials.checkPassword('ada', 'enchantress', '::1')).toBeUndefined();
  });
});

describe('an unknown name', () => {
  it('is refused, whatever the password', async () => {
    const { credentials } = bench(ada);
    expect(await credentials.checkPassword('eve', 'enchantress', '::1')).toBeUndefined();
  });
});
