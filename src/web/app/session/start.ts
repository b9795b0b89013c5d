// SPDX-License-Identifier: MIT
// What runs beside the pages from the first moment: the session, the network's state, the copy on the device.
import { queries } from '../api/queries';
import { keepCopy } from '../offline/client';
import { keepWorker } from '../offline/update';
import { keepSession } from './keeper';
import { followPreferences } from './preferences';
import { onFairWeather, watchNetwork } from './weather';

export function startSession(): void {
  watchNetwork();
  // What failed meanwhile is asked for again; what people look at is brought up to date.
  onFairWeather(() => void queries.refetchQueries({ type: 'active', predicate: (query) => query.state.status === 'error' || query.isStale() }));
  void keepSession();
  followPreferences();
  keepCopy();
  keepWorker();
}
