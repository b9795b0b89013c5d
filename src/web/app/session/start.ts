// SPDX-License-Identifier: MIT
// What runs beside the pages from the first moment: the session, the network's state, the copy on the device.
import { queries } from '../api/queries';
import { keepCopy } from '../offline/client';
import { keepWorker } from '../offline/update';
import { keepSession } from './keeper';
import { followPreferences } from './preferences';
import { onFairWeather, watchNetwork } from '../api/weather';

export function startSession(): void {
  watchNetwork();
  // Nobody knows what happened meanwhile: what is looked at is asked for again, the rest when it is looked at.
  onFairWeather(() => void queries.invalidateQueries());
  void keepSession();
  followPreferences();
  keepCopy();
  keepWorker();
}
