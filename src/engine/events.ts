import type { Change } from '../model/change.ts';
import type { JobEvent } from '../model/event.ts';
import type { Page } from '../model/page.ts';
import type { Principal } from '../model/principal.ts';
import type { EventQuery, Store } from '../store.ts';
import type { Access } from './access.ts';

/** What ends of jobs published to topics. Everybody reads those of the jobs they may see. */
export interface Events {
  list(principal: Principal, query: EventQuery): Promise<Page<JobEvent>>;
  /** Calls `listener` when there may be another one, of one topic or of any, until the answer is called. */
  follow(principal: Principal, topic: string | undefined, listener: () => void): () => void;
}

export function createEvents({ store, access }: { store: Store; access: Access }): Events {
  type Follower = (change: Extract<Change, { kind: 'event' }>) => void;
  const followers = new Set<Follower>();
  let unwatch = () => {};

  const tell = (changes: Change[]): void => {
    for (const change of changes) if (change.kind === 'event') for (const follower of followers) follower(change);
  };

  return {
    list(principal, query) {
      if (access.seesAllJobs(principal)) return store.listEvents(query);
      const foreign = query.owner !== undefined && query.owner !== principal.name;
      return foreign ? Promise.resolve({ items: [] }) : store.listEvents({ ...query, owner: principal.name });
    },
    follow(principal, topic, listener) {
      const follower: Follower = (change) => {
        if ((topic === undefined || change.topic === topic) && access.maySeeJob(principal, change)) listener();
      };
      // Without followers nobody looks at what changes.
      if (followers.size === 0) unwatch = store.watch(tell);
      followers.add(follower);
      return () => {
        if (followers.delete(follower) && followers.size === 0) unwatch();
      };
    },
  };
}
