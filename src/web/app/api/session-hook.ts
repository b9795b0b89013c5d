// SPDX-License-Identifier: MIT
// The session, for components.
import { useWatched } from '../base/watch';
import { currentSession, watchSession } from './session';

export const useSession = () => useWatched(watchSession, currentSession);
