import type { Principal } from '../model/principal.ts';
import type { Store } from '../store.ts';

/** Writes one line of the audit record: who did what to what. */
export type Audit = (
  principal: Pick<Principal, 'name'>,
  action: string,
  target?: string,
  detail?: string,
) => Promise<void>;

export const createAudit =
  (store: Store, clock: () => number): Audit =>
  (principal, action, target, detail) =>
    store.appendAudit({
      at: clock(),
      actor: principal.name,
      action,
      ...(target === undefined ? {} : { target }),
      ...(detail === undefined ? {} : { detail }),
    });
