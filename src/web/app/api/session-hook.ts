// SPDX-License-Identifier: MIT
// The session, for components.
import { useWatched } from '../ui/watch';
import { currentSession, watchSession } from './session';

export const useSession = () => useWatched(watchSession, currentSession);
